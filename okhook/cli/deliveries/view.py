"""Draw records as a list, and the result of a prune."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from rich.text import Text

from okhook.activity import Activity
from okhook.cli.views.lines import clock, drawing, local_time, short
from okhook.cli.views.record import what_happened
from okhook.records.activities import RecordFound, RecordsPruned
from okhook.records.attempt import Attempt, ForwardState
from okhook.records.record import Found, RecordStatus
from okhook.text import counted

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
"""The least width of the description; a narrower terminal cuts the marks."""


@dataclass(frozen=True, slots=True)
class RecordLines:
    """Turns records into lines. ``id_width`` is the width of the longest number.

    A line longer than ``width`` loses the end of its description first, then of its marks.
    """

    width: int | None
    id_width: int

    def __call__(self, activity: Activity) -> Iterable[Text]:
        """Return the line of a record. Other activities have none."""
        if isinstance(activity, RecordFound):
            yield self._line(activity.found, activity.last)

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
        marks, left = _marks(found, last), None
        if self.width is not None:
            left = max(self.width - head.cell_len - marks.cell_len, _SHORTEST)
        what = what_happened(record, left)
        if left is not None:
            what.truncate(left, overflow="ellipsis")
        line = Text.assemble(head, what, marks)
        line.rstrip()
        if self.width is not None:
            line.truncate(self.width, overflow="ellipsis")
        return line


def _marks(found: Found, last: Attempt | None) -> Text:
    marks = Text()
    if found.record.duplicate_of is not None:
        marks.append(f"  = {found.record.duplicate_of}", style="yellow")
    if found.record.is_reconstructed:
        marks.append("  reconstructed", style="magenta")
    if found.record.is_sample:
        marks.append("  sample", style="magenta")
    tries = sum(forward.attempts for forward in found.forwards)
    is_plain = tries == 1 and found.status is RecordStatus.FORWARDED
    if tries and last is not None and not is_plain:
        ended = last.status or short(last.fault or "no answer", 40)
        style = "bold red" if found.status is RecordStatus.FAILED else "dim"
        marks.append(f"  {counted(tries, 'attempt')}, last {ended}", style=style)
    next_times = [
        f.next_at for f in found.forwards if f.state is ForwardState.WAITING and f.next_at
    ]
    if next_times:
        marks.append(f", next {clock(min(next_times))}", style="yellow")
    return marks


def _pruned(pruned: RecordsPruned) -> Iterator[Text]:
    size = f"{pruned.size_bytes / 1e6:.1f} MB"
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


render_prune = drawing({RecordsPruned: _pruned})
