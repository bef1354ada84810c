"""Draw records as a list, one record in full, and the result of a prune."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from rich.text import Text

from okhook.cli.views.attempts import attempt_lines
from okhook.cli.views.lines import clock, labelled, local_time, short
from okhook.cli.views.record import body_lines, party_text, what_happened
from okhook.quantities import shown_size
from okhook.records.activities import RecordFound, RecordShown, RecordsPruned
from okhook.records.attempt import Attempt, ForwardState
from okhook.records.record import AuthOutcome, Found, RecordStatus
from okhook.text import counted
from okhook.wire.delivery import Event, Party
from okhook.wire.payload import NotADelivery, payload_of

STATUS_STYLES: Final = {
    RecordStatus.STORED: "",
    RecordStatus.DUPLICATE: "yellow",
    RecordStatus.REFUSED: "red",
    RecordStatus.MALFORMED: "red",
    RecordStatus.FORWARDED: "green",
    RecordStatus.FAILED: "bold red",
}

_STATUS_WIDTH: Final = max(map(len, RecordStatus))
_LIMIT: Final = 300
_LABEL_WIDTH: Final = 10
_AUTH: Final = {
    AuthOutcome.NOT_ASKED: "not required",
    AuthOutcome.MATCHED: "correct",
    AuthOutcome.DID_NOT_MATCH: "wrong or missing",
}
_SHORTEST = 12
"""The least width of the description; a narrower terminal cuts the marks."""

_ENOUGH = 18
"""The width of the description up to which shorter marks are taken, if there are any."""


@dataclass(frozen=True, slots=True)
class RecordLines:
    """Turns records into lines. ``id_width`` is the width of the longest number.

    A line longer than ``width`` loses the end of its description first, then the less important of
    its marks, then their end.
    """

    width: int | None
    id_width: int

    def __call__(self, listed: RecordFound) -> Iterable[Text]:
        """Return the line of a record."""
        return [self._line(listed.found, listed.last)]

    def head(self) -> Text:
        """Return the head row."""
        received, status = f"{'received':<19}", f"{'status':<{_STATUS_WIDTH}}"
        head = Text(f"{'#':>{self.id_width}}  {received}  {status}  event", style="dim")
        if self.width is not None:
            head.truncate(self.width, overflow="ellipsis")
        return head

    def _line(self, found: Found, last: Attempt | None) -> Text:
        record = found.record
        head = Text.assemble(
            (f"{record.seq:>{self.id_width}}", "bold"),
            (f"  {local_time(record.request.received_at)}  ", "dim"),
            (f"{found.status.value:<{_STATUS_WIDTH}}  ", STATUS_STYLES[found.status]),
        )
        ways, left = _marks(found, last), None
        marks = ways[0]
        if self.width is not None:
            room = self.width - head.cell_len
            marks = next((each for each in ways if room - each.cell_len >= _ENOUGH), ways[-1])
            left = max(room - marks.cell_len, _SHORTEST)
        what = what_happened(record, left)
        if left is not None:
            what.truncate(left, overflow="ellipsis")
        line = Text.assemble(head, what, marks)
        line.rstrip()
        if self.width is not None:
            line.truncate(self.width, overflow="ellipsis")
        return line


def _marks(found: Found, last: Attempt | None) -> list[Text]:
    """Return the marks of a line in full, and then in shorter ways."""
    marks = Text()
    if found.record.duplicate_of is not None:
        marks.append(f"  = {found.record.duplicate_of}", style="yellow")
    if found.record.is_reconstructed:
        marks.append("  reconstructed", style="magenta")
    if found.record.is_sample:
        marks.append("  sample", style="magenta")
    return [marks + each for each in _attempts_made(found, last)]


def _attempts_made(found: Found, last: Attempt | None) -> list[Text]:
    """Return how forwarding goes, in full, and then in shorter ways that keep the next attempt."""
    tries = sum(forward.attempts for forward in found.forwards)
    is_plain = tries == 1 and found.status is RecordStatus.FORWARDED
    count, ended = Text(), Text()
    if tries and last is not None and not is_plain:
        style = "bold red" if found.status is RecordStatus.FAILED else "dim"
        count = Text(f"  {counted(tries, 'attempt')}", style=style)
        ended = Text(_ended(found, last), style=style)
    next_times = [
        f.next_at for f in found.forwards if f.state is ForwardState.WAITING and f.next_at
    ]
    if not next_times:
        return [Text.assemble(count, ended)]
    at = f"next {clock(min(next_times))}"
    then = Text(f"{', ' if count else '  '}{at}", style="yellow")
    return [
        Text.assemble(count, ended, then),
        Text.assemble(count, then),
        Text(f"  {at}", style="yellow"),
    ]


def _ended(found: Found, last: Attempt) -> str:
    """Return how the last attempt ended, unless the status of the delivery says it already."""
    if found.status is RecordStatus.FORWARDED and last.accepted:
        return ""
    return f", last {last.status or short(last.fault or 'no answer', 40)}"


def prune_lines(pruned: RecordsPruned) -> Iterator[Text]:
    """Yield what was removed, or would be."""
    size = shown_size(pruned.size_bytes)
    if pruned.count == 0:
        yield Text("nothing to remove")
    elif pruned.removed == 0:
        yield Text(f"would remove {counted(pruned.count, 'record')} ({size})")
    else:
        yield Text(f"removed {counted(pruned.removed, 'record')} ({size})", style="green")
    if pruned.held:
        yield Text.assemble(
            (f"kept {counted(pruned.held, 'old record')}: ", "yellow"),
            "your app has not accepted these deliveries; remove them with --unforwarded",
        )


def record_in_full(shown: RecordShown) -> Iterator[Text]:
    """Yield all that is known of a record: its events, its request and the attempts."""
    record = shown.found.record
    try:
        payload: object = payload_of(record.request.body)
    except NotADelivery:
        payload = None
    yield from _head(shown, payload)
    yield from _request(shown)
    entries: Any = _at(payload, "data", "events")
    for number, event in enumerate(record.delivery.events):
        yield Text()
        yield from _event(event, entries[number])
    if record.request.body:
        yield Text()
        yield from body_lines(record.request.body)
    if shown.attempts:
        yield Text()
        yield from attempt_lines(shown.attempts, shown.found.forwards)


def _head(shown: RecordShown, payload: object) -> Iterator[Text]:
    record, status = shown.found.record, shown.found.status
    yield Text.assemble(
        (str(record.seq), "bold"), "  ", (status.value, STATUS_STYLES[status]), "  ",
        what_happened(record),
    )  # fmt: skip
    received = record.request.received_at.astimezone()
    yield from _labelled("received", f"{local_time(received)}{received:.%f %z}")
    yield from _labelled("answered", record.status, record.reason)
    yield from _labelled("secret", _AUTH[record.auth])
    yield from _labelled("eventId", record.delivery.event_id)
    yield from _labelled("eventTime", _at(payload, "eventTime"))
    yield from _labelled("source", record.delivery.source)
    yield from _labelled("hook", record.delivery.hook_id)
    yield from _labelled("receiver", record.receiver)
    if record.duplicate_of is not None:
        yield from _labelled("duplicate", f"of {record.duplicate_of}")
    if record.is_reconstructed:
        yield from _labelled("rebuilt", "from the org's System Log, by okhook reconcile")
    if record.is_sample:
        yield from _labelled("sample", "sent by okhook send-sample or the inspector, not by Okta")
    if shown.repeats:
        yield from _labelled("repeated", f"by {', '.join(map(str, shown.repeats))}")
    yield from _labelled("Hookdeck", shown.hookdeck_event_url)


def _request(shown: RecordShown) -> Iterator[Text]:
    yield Text()
    request = shown.found.record.request
    yield Text(short(f"{request.method} {request.shown_path}", _LIMIT), style="bold")
    for name, value in shown.headers:
        yield Text.assemble((f"  {short(name, _LIMIT)}: ", "dim"), short(value, _LIMIT))


def _event(event: Event, entry: object) -> Iterator[Text]:
    yield Text(short(event.event_type, _LIMIT), style="bold cyan")
    yield from _labelled("uuid", event.uuid)
    yield from _labelled("published", event.published)
    yield from _labelled("message", _at(entry, "displayMessage"))
    yield from _labelled("outcome", event.outcome, _at(entry, "outcome", "reason"))
    if event.actor is not None:
        yield _party("actor", event.actor)
    for target in event.targets:
        yield _party("target", target)
    yield from _client(_at(entry, "client"))
    for name, value in _object(_at(entry, "debugContext", "debugData")).items():
        yield from _labelled("debug", f"{name}: {_text(value)}")


def _party(label: str, party: Party) -> Text:
    kind = "" if party.type is None else f"  {short(party.type, _LIMIT)}"
    return labelled(label, party_text(party), (kind, "dim"), width=_LABEL_WIDTH)


def _client(client: object) -> Iterator[Text]:
    place = [_at(client, "geographicalContext", name) for name in ("city", "state", "country")]
    where = ", ".join(_text(name) for name in place if name)
    browser, system = _at(client, "userAgent", "browser"), _at(client, "userAgent", "os")
    using = " on ".join(_text(name) for name in (browser, system) if name)
    yield from _labelled("client", _at(client, "ipAddress"), where, using)
    yield from _labelled("agent", _at(client, "userAgent", "rawUserAgent"))


def _labelled(label: str, *values: object) -> Iterator[Text]:
    """Yield a line with the ``values`` that are not empty; no line if all are."""
    known = [_text(value) for value in values if value not in (None, "")]
    if known:
        yield labelled(label, short("  ".join(known), _LIMIT), width=_LABEL_WIDTH)


def _text(value: object) -> str:
    """Return a JSON value as text: a string as it is, anything else as JSON."""
    try:
        return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    except RecursionError:
        return "(nested too deeply)"


def _at(value: object, *names: str) -> object:
    """Return the value at a path, else None."""
    for name in names:
        value = _object(value).get(name)
    return value


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
