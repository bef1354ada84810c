"""How the receiver's activities look: a line for each event, its people by name, login and id."""

import contextlib
import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import final

from rich.highlighter import JSONHighlighter
from rich.text import Text

from okhook.activity import Activity, ReceiverReady, Warned
from okhook.records.activities import (
    CanaryStored,
    DeliveryStored,
    RequestRefused,
    VerificationAnswered,
)
from okhook.records.record import Record
from okhook.text import plain, plain_lines
from okhook.wire.delivery import Event, Party

_NAME_LIMIT = 80
_INDENT = " " * 10


@final
class ReceiverRenderer:
    """Turns the receiver's activities into lines; ``verbose`` adds each body as coloured JSON."""

    def __init__(self, *, verbose: bool) -> None:
        self._verbose = verbose
        self._last_unavailable: tuple[str, str] | None = None

    def __call__(self, activity: Activity) -> Iterable[Text]:
        """Return the lines of ``activity``; none for those of other rooms."""
        match activity:
            case ReceiverReady():
                yield Text.assemble(("Receiving", "bold green"), " at ", (activity.url, "bold"))
            case VerificationAnswered():
                yield Text.assemble(
                    _clock(activity.record), ("verification challenge answered", "green")
                )
            case DeliveryStored():
                yield from _delivery(activity.record)
                if self._verbose:
                    yield from body_lines(activity.record.request.body)
            case CanaryStored():
                yield Text.assemble(_clock(activity.record), ("canary came through", "dim"))
            case RequestRefused() if not self._was_just_said(activity):
                yield _refused(activity)
            case Warned(text):
                yield Text.assemble(("warning: ", "yellow"), plain(text))

    def _was_just_said(self, refused: RequestRefused) -> bool:
        """Tell whether the fault was shown in this second: under load it comes each time."""
        if refused.status != 503:
            return False
        this = (refused.reason, f"{refused.received_at:%X}")
        was_said, self._last_unavailable = this == self._last_unavailable, this
        return was_said


def body_lines(body: bytes) -> Iterator[Text]:
    """Yield a JSON body in colour and indented; one that is not JSON as it is, made harmless."""
    text = body.decode("utf-8", "replace")
    with contextlib.suppress(ValueError, RecursionError):
        text = json.dumps(json.loads(body), indent=2, ensure_ascii=False)
    highlighter = JSONHighlighter()
    for line in plain_lines(text):
        shown = Text(line)
        highlighter.highlight(shown)
        yield shown


def _delivery(record: Record) -> Iterator[Text]:
    events = record.delivery.events
    head = Text.assemble(_clock(record), (f"#{record.seq}  ", "dim"))
    mark = Text(" duplicate", style="bold yellow") if record.is_duplicate else Text()
    if record.is_reconstructed:
        mark.append(" reconstructed", style="bold magenta")
    delivery_id = Text(f"  {plain(record.delivery.event_id or '(no eventId)')}", style="dim")
    if len(events) == 1:
        yield Text.assemble(head, event_text(events[0]), delivery_id, mark)
        return
    yield Text.assemble(head, (f"{len(events)} events in one delivery", "bold"), delivery_id, mark)
    for event in events:
        yield Text.assemble(_INDENT, event_text(event))


def event_text(event: Event) -> Text:
    """Return an event on one line: its type, how it ended, who did it, and to whom."""
    outcome = event.outcome or "-"
    style = "green" if outcome in ("SUCCESS", "ALLOW") else "yellow"
    line = Text.assemble(
        (plain(event.event_type), "bold cyan"), "  ", (plain(outcome), style), "  "
    )
    if event.actor is not None:
        line.append_text(party_text(event.actor, with_id=False))
    if event.targets:
        line.append("→ " if event.actor is None else " → ", style="dim")
    for number, target in enumerate(event.targets):
        if number:
            line.append(", ")
        line.append_text(party_text(target, with_id=True))
    return line


def party_text(party: Party, *, with_id: bool) -> Text:
    """Return somebody's name, with the login where it is known, and the id where it is asked."""
    name = _short(party.display_name or party.alternate_id or party.id or "?")
    details = [party.alternate_id, party.id] if with_id else [party.alternate_id]
    known = [
        _short(detail)
        for detail in details
        if detail and detail not in ("unknown", party.display_name)
    ]
    return Text(f"{name} ({', '.join(known)})" if known else name)


def _short(text: str) -> str:
    return plain(text, limit=_NAME_LIMIT)


def _refused(activity: RequestRefused) -> Text:
    asked = plain(f"{activity.method} {activity.path}", limit=200)
    return Text.assemble(
        _time_of_day(activity.received_at),
        (f"{activity.status} refused", "bold red"),
        f"  {asked}: {plain(activity.reason)}",
    )


def _clock(record: Record) -> Text:
    return _time_of_day(record.request.received_at)


def _time_of_day(moment: datetime) -> Text:
    return Text(moment.astimezone().strftime("%H:%M:%S  "), style="dim")
