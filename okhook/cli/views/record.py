"""Draw a record and its events: when it is received, and on one line of a list."""

import contextlib
import json
from collections.abc import Iterable, Iterator

from rich.highlighter import JSONHighlighter
from rich.text import Text

from okhook.activity import (
    Activity,
    ForwardingWaits,
    ReceiverReady,
    StoreRecovered,
    StoreTrouble,
    Warned,
)
from okhook.cli.console import Console
from okhook.cli.views.lines import LIMIT, at, clock, short, warning_line
from okhook.records.activities import (
    CanaryStored,
    DeliveryStored,
    RequestRefused,
    VerificationAnswered,
)
from okhook.records.record import Record, RecordKind
from okhook.text import counted, plain, plain_lines
from okhook.wire.delivery import Event, Party

_NAME_LIMIT = 80
_SHORTEST_LOGIN = len("  jane.doe@…")


def event_text(event: Event, room: int | None = None) -> Text:
    """Return an event on one line: type, outcome, and the logins of actor and targets.

    In less ``room`` than that takes, leave out the actor and a success, and cut the end; where
    even a part of a login has no room, also the first words of the type.
    """
    outcome = event.outcome or "-"
    style = "green" if outcome in ("SUCCESS", "ALLOW") else "yellow"
    event_type, targets = (
        (plain(event.event_type), "bold cyan"),
        ", ".join(map(login_of, event.targets)),
    )
    line = Text.assemble(event_type, "  ", (plain(outcome), style))
    if event.actor is not None:
        line.append(f"  {login_of(event.actor)}")
    if event.targets:
        line.append("  → " if event.actor is None else " → ", style="dim")
    line.append(targets)
    if room is None or line.cell_len <= room:
        return line
    if targets:
        failure = "" if outcome == "SUCCESS" else f"  {plain(outcome)}"
        ending = _ending(event_type[0], room - len(failure) - _SHORTEST_LOGIN)
        event_type = (ending, event_type[1])
        line = Text.assemble(event_type, (failure, "yellow"), f"  {targets}")
    line.truncate(room, overflow="ellipsis")
    return line


def _ending(event_type: str, room: int) -> str:
    """Return the last words of an event type that have ``room``, but at least one."""
    ending = event_type
    while len(ending) > room and "." in ending:
        ending = f"…{ending.partition('.')[2]}"
    return ending


def login_of(party: Party) -> str:
    """Return the login, or the name of a party that has none, such as a group."""
    known = (party.alternate_id, party.display_name, party.id)
    return short(next((each for each in known if each and each != "unknown"), "?"), _NAME_LIMIT)


def party_text(party: Party) -> Text:
    """Return the name, login and id of an actor or target."""
    name = party.display_name or party.alternate_id or party.id or "?"
    known = [
        short(detail, _NAME_LIMIT)
        for detail in (party.alternate_id, party.id)
        if detail and detail not in ("unknown", party.display_name)
    ]
    named = short(name, _NAME_LIMIT)
    return Text(f"{named} ({', '.join(known)})" if known else named)


def body_lines(body: bytes) -> Iterator[Text]:
    """Yield a body, coloured and indented if it is JSON."""
    text = body.decode("utf-8", "replace")
    with contextlib.suppress(ValueError, RecursionError):
        text = json.dumps(json.loads(body), indent=2, ensure_ascii=False)
    highlighter = JSONHighlighter()
    for line in plain_lines(text):
        shown = Text(line, no_wrap=True)
        highlighter.highlight(shown)
        yield shown


_INDENT = " " * 10
_SHORTEST_REQUEST = len("POST /okta-webhooks-en…")
_ANSWERED = ("verification challenge answered", "green")


class ReceiverRenderer:
    """Turns the receiver's activities into lines. ``verbose`` adds ids and bodies."""

    def __init__(self, console: Console, *, verbose: bool) -> None:
        self._console = console
        self._verbose = verbose
        self._last_unavailable: tuple[str, str] | None = None
        self._refused: int | None = None
        """How many requests got 503 since the store has trouble; None while it has none."""

    def __call__(self, activity: Activity) -> Iterable[Text]:
        """Return the lines of ``activity``. Other activities have none."""
        match activity:
            case ReceiverReady():
                yield Text.assemble(("Receiving", "bold green"), " at ", (activity.url, "bold"))
            case VerificationAnswered(record):
                yield Text.assemble(at(record.request.received_at), _ANSWERED)
            case DeliveryStored(record):
                yield from self._delivery(record)
            case CanaryStored(record):
                yield Text.assemble(at(record.request.received_at), ("canary received", "dim"))
            case RequestRefused(_, request, status, reason) if not self._was_just_shown(activity):
                asked = f"{request.method} {request.shown_path}".strip()
                head = Text.assemble(
                    at(request.received_at), (f"{status} refused", "bold red"), "  "
                )
                why = Text(f"{': ' if asked else ''}{plain(reason)}")
                room = self._room_beside(head, why)
                limit = LIMIT if room is None else max(_SHORTEST_REQUEST, room)
                yield Text.assemble(head, short(asked, limit), why)
            case StoreRecovered(_, down_s):
                yield self._back(down_s)
            case ForwardingWaits() if self._refused is not None:
                return  # the store's own warning says it
            case Warned(text):
                if isinstance(activity, StoreTrouble):
                    self._refused = 0
                yield warning_line(text)

    def _was_just_shown(self, refused: RequestRefused) -> bool:
        """Return whether the same failure of the store was shown in this second."""
        if refused.status != 503:
            return False
        if self._refused is not None:
            self._refused += 1
            return True
        this = (refused.reason, clock(refused.request.received_at))
        was_shown, self._last_unavailable = this == self._last_unavailable, this
        return was_shown

    def _back(self, down_s: float) -> Text:
        refused, self._refused = self._refused or 0, None
        answered = f"; {counted(refused, 'request')} got 503, for Okta to send again"
        back = ("the store works again", "bold green")
        return Text.assemble(back, f" after {down_s:.0f} s{answered if refused else ''}")

    def _delivery(self, record: Record) -> Iterator[Text]:
        """Yield a line for a delivery with one event, else one more for each event."""
        events = record.delivery.events
        is_single = len(events) == 1
        marks = Text(" duplicate", style="bold yellow") if record.is_duplicate else Text()
        if record.is_reconstructed:
            marks.append(" reconstructed", style="bold magenta")
        if record.is_sample:
            marks.append(" sample", style="magenta")
        if self._verbose:
            marks.append(f"  {plain(record.delivery.event_id or '(no eventId)')}", style="dim")
        head = Text.assemble(at(record.request.received_at), (f"#{record.seq}  ", "dim"))
        yield Text.assemble(
            head,
            event_text(events[0], self._room_beside(head, marks))
            if is_single
            else (f"{len(events)} events", "bold"),
            marks,
        )
        for event in () if is_single else events:
            yield Text.assemble(_INDENT, event_text(event, self._room_beside(Text(_INDENT))))
        if self._verbose:
            yield from body_lines(record.request.body)

    def _room_beside(self, *others: Text) -> int | None:
        """Return the width that is left for an event; None where it may be longer than a row."""
        width = None if self._verbose else self._console.width
        return None if width is None else width - sum(other.cell_len for other in others)


def _refusal(record: Record, room: int | None) -> Text:
    """Return why a request was refused; in too little room, without what was asked."""
    asked = short(f"{record.request.method} {record.request.shown_path}", 100)
    why = short(record.reason)
    line = Text(f"{record.status}  {asked}: {why}")
    return line if room is None or line.cell_len <= room else Text(f"{record.status}  {why}")


def what_happened(record: Record, room: int | None = None) -> Text:
    """Return a description of a record, on one line; each event is to fit in ``room``."""
    match record.kind:
        case RecordKind.VERIFICATION:
            return Text(*_ANSWERED)
        case RecordKind.CANARY:
            return Text("canary", style="dim")
        case RecordKind.REFUSED | RecordKind.MALFORMED:
            return _refusal(record, room)
    events = record.delivery.events
    if len(events) == 1:
        return event_text(events[0], room)
    if not events:
        return Text("(no events)", style="dim")
    count = Text(f"{len(events)} events: ", style="bold")
    left = None if room is None else room - count.cell_len
    if left is not None and left < _SHORTEST_LOGIN:
        return Text(f"{len(events)} events", style="bold")
    return Text.assemble(count, Text(", ").join(event_text(event, left) for event in events))
