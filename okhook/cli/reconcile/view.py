"""How ``okhook reconcile`` shows missed events and totals."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime

from rich.text import Text

from okhook.activity import Activity
from okhook.cli.console import Console
from okhook.cli.views.lines import local_time, short
from okhook.cli.views.org import render_org
from okhook.cli.views.record import event_text
from okhook.okta.system_log import LogEntry
from okhook.reconcile.activities import (
    Cell,
    EventMissed,
    EventNotReconstructed,
    EventReconstructed,
    LookFailed,
    Reconciled,
)
from okhook.reconcile.causes import Cause
from okhook.reconcile.cursor import Window
from okhook.text import counted, plain
from okhook.wire.delivery import delivery_of
from okhook.wire.payload import NotADelivery

MOST_ON_A_TERMINAL = 100
"""A terminal shows at most this many missed events of one run."""

_INDENT = " " * len("missed  ")
_MOST_ROWS = 48
"""A longer table omits the hours in which all events arrived."""

_HOUR_WIDTH = len("2026-11-24 12:00")
_COUNT_WIDTH = 8
_ALWAYS = ("received", "missed")
_SHORTEST_TYPE = 20

_STYLES = {"received": "green", "duplicated": "yellow", "missed": "bold red", "pending": "cyan"}


class ReconcileRenderer:
    """Shows the activities of ``reconcile``, at most ``most`` missed events of each run."""

    def __init__(self, *, most: int | None = None, width: int | None = None) -> None:
        self._most = most
        self._width = width
        self._missed = 0
        self._last_cause: Cause | None = None

    def __call__(self, activity: Activity) -> Iterable[Text]:
        """Return the lines of ``activity``."""
        match activity:
            case EventMissed(entry, cause):
                self._missed += 1
                if not self._is_beyond:
                    yield Text.assemble(
                        ("missed  ", "bold red"),
                        (f"{local_time(entry.published)}  ", "dim"),
                        _what(entry),
                        (f"  {short(entry.uuid, 80)}", "dim"),
                    )
                    if cause != self._last_cause:
                        why = short(cause.sentence(local_time), 300)
                        yield Text(f"{_INDENT}{why}", style="yellow")
                    self._last_cause = cause
            case EventReconstructed(_, event_id):
                if not self._is_beyond:
                    rebuilt = (f"{_INDENT}rebuilt as ", "dim")
                    yield Text.assemble(rebuilt, plain(event_id), (" and stored", "dim"))
            case EventNotReconstructed(entry, reason):
                # This repeats the uuid, because the missed event may have no line.
                yield Text.assemble(
                    (f"{_INDENT}not stored: ", "bold red"),
                    short(reason, 300),
                    (f"  {short(entry.uuid, 80)}", "dim"),
                )
            case LookFailed(at, outage, wait_s):
                self._last_cause = None
                why = f": {short(outage.why, 300)}" if outage.why else ""
                yield Text.assemble(
                    (f"{local_time(at)}  ", "dim"),
                    (f"{short(outage.what, 300)}{why}", "yellow"),
                    (f"; retrying in {wait_s:g} s", "dim"),
                )
            case Reconciled():
                if self._is_beyond:
                    yield Text(
                        f"{self._missed - (self._most or 0)} more missed events are not shown;"
                        " to list all, pass --output json or write to a file",
                        style="dim",
                    )
                self._missed, self._last_cause = 0, None
                yield from _reconciled(activity, self._width)
            case _:
                yield from render_org(activity)

    @property
    def _is_beyond(self) -> bool:
        return self._most is not None and self._missed > self._most


@contextmanager
def reading_the_log(console: Console, window: Window) -> Iterator[Callable[[datetime], None]]:
    """Show a progress bar; call the function it yields with the time reached in the log."""
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn
    from rich.progress import TimeRemainingColumn as Remaining

    columns = (TextColumn("reading the System Log"), BarColumn(), TaskProgressColumn(), Remaining())
    total_s = max((window.until - window.since).total_seconds(), 1.0)
    bar = Progress(*columns, console=console.out, transient=True)
    with console.showing(bar):
        task = bar.add_task("reading", total=total_s)
        yield lambda at: bar.update(task, completed=(at - window.since).total_seconds())


def _what(entry: LogEntry) -> Text:
    try:
        return event_text(delivery_of({"data": {"events": [entry.raw]}}).events[0])
    except NotADelivery:
        return Text(short(entry.event_type, 80), style="bold cyan")


def _reconciled(found: Reconciled, width: int | None) -> Iterator[Text]:
    if found.tally.total.missed:
        yield Text()
    yield from _table(found, width)
    counts = (Text(f"{count} {name}", style) for name, count, style in _counts(found.tally.total))
    total = (f"{found.tally.total.expected} expected", "bold")
    yield Text.assemble(total, ": ", Text(", ").join(counts))
    read = counted(found.tally.read, "log entry", "log entries")
    span = f"from {local_time(found.window.since)} to {local_time(found.window.until)}"
    hook = f"for the hook {short(found.hook_id, 80)} of {short(found.org, 80)}"
    yield Text(f"in {read} {hook}, {span}", style="dim")
    if found.tally.reconstructed:
        were = counted(found.tally.reconstructed, "was", "were")
        yield Text(f"{were} stored now", style="green")
    if found.tally.not_reconstructed:
        were = counted(found.tally.not_reconstructed, "was", "were")
        yield Text(f"{were} not stored", style="bold red")


def _counts(cell: Cell) -> Iterator[tuple[str, int, str]]:
    for name, count in asdict(cell).items():
        yield name, count, _STYLES[name] if count else "dim"


def _table(found: Reconciled, width: int | None) -> Iterator[Text]:
    """Yield a row for each hour and event type, without the columns that count nothing."""
    rows = sorted(found.tally.cells.items(), key=lambda item: (item[0][1], item[0][0]))
    shown = (
        rows
        if len(rows) <= _MOST_ROWS
        else [row for row in rows if row[1].received < row[1].expected]
    )
    widths = {
        name: max(len(name), _COUNT_WIDTH)
        for name, count, _ in _counts(found.tally.total)
        if count or name in _ALWAYS
    }
    heads = "".join(f"  {name:>{each}}" for name, each in widths.items())
    longest = max((len(short(event_type)) for (event_type, _), _ in shown), default=0)
    left = longest if width is None else width - _HOUR_WIDTH - 2 - len(heads)
    longest = min(longest, max(left, _SHORTEST_TYPE))
    if shown:
        yield Text(f"{'hour':<{_HOUR_WIDTH}}  {'event type':<{longest}}{heads}", style="bold")
    for (event_type, hour), cell in shown:
        counts = (count for count in _counts(cell) if count[0] in widths)
        yield Text.assemble(
            (f"{hour.astimezone():%Y-%m-%d %H:%M}  ", "dim"),
            f"{_without_middle(short(event_type), longest):<{longest}}",
            *((f"  {count:>{widths[name]}}", style) for name, count, style in counts),
        )
    if omitted := len(rows) - len(shown):
        yield Text(f"{omitted} more rows without missed events", style="dim")


def _without_middle(text: str, limit: int) -> str:
    """Return a text that is cut to ``limit`` characters before its end."""
    if len(text) <= limit:
        return text
    end = (limit - 1) * 2 // 3
    return f"{text[: limit - 1 - end]}…{text[-end:]}"
