"""How records look in a list: one line each, its columns under each other."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Final, final

from rich.text import Text

from okhook.activity import Activity
from okhook.cli.views.event import event_text
from okhook.records.activities import RecordFound
from okhook.records.attempt import Attempt, Forward, ForwardState
from okhook.records.record import Found, Record, RecordKind
from okhook.records.status import RecordStatus
from okhook.text import plain
from okhook.wire.delivery import Party

STATUS_STYLES: Final = {
    RecordStatus.STORED: "",
    RecordStatus.DUPLICATE: "yellow",
    RecordStatus.REFUSED: "red",
    RecordStatus.MALFORMED: "red",
    RecordStatus.FORWARDED: "green",
    RecordStatus.FAILED: "bold red",
}

_STATUS_WIDTH: Final = max(map(len, RecordStatus))
_SHORTEST = 12
"""How much of what happened is shown at least, before the marks behind it go."""


@final
class RecordLines:
    """Turns records into lines. ``id_width`` is that of the longest id in the list.

    Where ``width`` is given, a line is cut to it: what happened gives way before the marks behind
    it do, and no line ever goes on in the next one.
    """

    def __init__(self, *, width: int | None, id_width: int) -> None:
        self._width = width
        self._id_width = id_width

    def __call__(self, activity: Activity) -> Iterable[Text]:
        """Return the line of a record; none for other activities."""
        if isinstance(activity, RecordFound):
            yield self._line(activity.found, activity.last)

    def _line(self, found: Found, last: Attempt | None) -> Text:
        record = found.record
        head = Text.assemble(
            (f"{record.seq:>{self._id_width}}", "bold"),
            (f"  {local_time(record.request.received_at)}  ", "dim"),
            (f"{found.status.value:<{_STATUS_WIDTH}}  ", STATUS_STYLES[found.status]),
        )
        what, marks = what_happened(record), _marks(found, last)
        if self._width is not None:
            left = max(self._width - head.cell_len - marks.cell_len, _SHORTEST)
            what = _to_whom(record) if what.cell_len > left else what
            what.truncate(left, overflow="ellipsis")
        line = Text.assemble(head, what, marks)
        line.rstrip()
        if self._width is not None:
            line.truncate(self._width, overflow="ellipsis")
        return line


def local_time(moment: datetime) -> str:
    """Return a time as a clock on this machine's wall shows it, with its date."""
    return moment.astimezone().strftime("%Y-%m-%d %H:%M:%S")


def what_happened(record: Record) -> Text:
    """Return what a record is about, on one line."""
    match record.kind:
        case RecordKind.VERIFICATION:
            return Text("verification challenge answered", style="green")
        case RecordKind.CANARY:
            return Text("canary", style="dim")
        case RecordKind.REFUSED | RecordKind.MALFORMED:
            asked = plain(f"{record.request.method} {record.request.path}", limit=100)
            return Text(f"{record.status}  {asked}: {plain(record.reason or '', limit=200)}")
    events = record.delivery.events
    if len(events) == 1:
        return event_text(events[0])
    if not events:
        return Text("(no events)", style="dim")
    listed = Text(", ").join(map(event_text, events))
    return Text.assemble((f"{len(events)} events: ", "bold"), listed)


def _to_whom(record: Record) -> Text:
    """Return what a record is about in few words: of an event its type, outcome and targets."""
    events = record.delivery.events if record.kind is RecordKind.DELIVERY else ()
    if len(events) != 1 or not events[0].targets:
        return what_happened(record)
    event = events[0]
    named = replace(event, actor=None, targets=tuple(map(_by_name, event.targets)))
    return event_text(named)


def _by_name(party: Party) -> Party:
    """Leave out login and id of somebody who has a name."""
    return party if party.display_name is None else replace(party, alternate_id=None, id=None)


def attempts_counted(forwards: Iterable[Forward], last: Attempt | None) -> str:
    """Return how often a record was sent, and what came of it at last."""
    count = sum(forward.attempts for forward in forwards)
    if count == 0 or last is None:
        return ""
    noun = "1 attempt" if count == 1 else f"{count} attempts"
    return f"{noun}, last {last.status or plain(last.fault or 'no answer', limit=40)}"


def _marks(found: Found, last: Attempt | None) -> Text:
    marks = Text()
    if found.record.duplicate_of is not None:
        marks.append(f"  = {found.record.duplicate_of}", style="yellow")
    if found.record.is_reconstructed:
        marks.append("  reconstructed", style="magenta")
    if counted := attempts_counted(found.forwards, last):
        style = "bold red" if found.status is RecordStatus.FAILED else "dim"
        marks.append(f"  {counted}", style=style)
    next_times = [
        f.next_at for f in found.forwards if f.state is ForwardState.WAITING and f.next_at
    ]
    if next_times:
        marks.append(f", again {min(next_times).astimezone():%H:%M:%S}", style="yellow")
    return marks
