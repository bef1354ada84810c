"""How a reconciliation looks: each missed event, and a table by hour and type."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from typing import final

from rich.text import Text

from okhook.activity import Activity
from okhook.cli.console import Console
from okhook.cli.deliveries.view import local_time
from okhook.cli.hooks.view import render_hooks
from okhook.cli.views.event import event_text
from okhook.okta.log_entry import LogEntry
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
from okhook.text import plain
from okhook.wire.delivery import delivery_of
from okhook.wire.payload import NotADelivery

MOST_ON_A_TERMINAL = 100
"""Missed events of one look that a person is shown, each with its people."""

_INDENT = " " * len("missed  ")
_MOST_ROWS = 48
"""Rows of a table beyond which hours are left out in which all came."""

_COLUMNS = ("received", "duplicated", "missed", "pending")
_STYLES = {"received": "green", "duplicated": "yellow", "missed": "bold red", "pending": "cyan"}


@final
class ReconcileRenderer:
    """Turns activities of ``reconcile`` into lines; a cause that stays is said once a look.

    ``most`` bounds how many missed events of a look have lines; None for all.
    """

    def __init__(self, *, most: int | None = None) -> None:
        self._most = most
        self._missed = 0
        self._last_cause: Cause | None = None

    def __call__(self, activity: Activity) -> Iterable[Text]:
        """Return the lines of ``activity``."""
        match activity:
            case EventMissed(entry, cause):
                self._missed += 1
                if self._is_beyond:
                    return []
                said, self._last_cause = cause == self._last_cause, cause
                return [_missed(entry)] if said else [_missed(entry), _cause(cause)]
            case EventReconstructed(_, event_id):
                return [] if self._is_beyond else [_rebuilt(event_id)]
            case EventNotReconstructed():
                return [_not_rebuilt(activity)]
            case LookFailed():
                self._last_cause = None
                return [_look_failed(activity)]
            case Reconciled():
                left_out = list(self._left_out())
                self._missed, self._last_cause = 0, None
                return [*left_out, *_reconciled(activity)]
        return render_hooks(activity)

    @property
    def _is_beyond(self) -> bool:
        return self._most is not None and self._missed > self._most

    def _left_out(self) -> Iterator[Text]:
        if self._is_beyond:
            yield Text(
                f"{self._missed - (self._most or 0)} more missed events are counted below;"
                " a file, a pipe or --output json has all of them",
                style="dim",
            )


@contextmanager
def reading_the_log(console: Console, window: Window) -> Iterator[Callable[[datetime], None]]:
    """Show on a terminal how far the log is read; it gives what is to be told of that."""
    if not console.is_live:
        yield lambda _: None
        return
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn
    from rich.progress import TimeRemainingColumn as Remaining

    columns = (TextColumn("reading the System Log"), BarColumn(), TaskProgressColumn(), Remaining())
    total_s = max((window.until - window.since).total_seconds(), 1.0)
    bar = Progress(*columns, console=console.out, transient=True)
    with console.showing(bar):
        task = bar.add_task("reading", total=total_s)
        yield lambda at: bar.update(task, completed=(at - window.since).total_seconds())


def _missed(entry: LogEntry) -> Text:
    return Text.assemble(
        ("missed  ", "bold red"),
        (f"{local_time(entry.published)}  ", "dim"),
        _what(entry),
        (f"  {plain(entry.uuid, limit=80)}", "dim"),
    )


def _what(entry: LogEntry) -> Text:
    """Return what happened and to whom; of an entry that no delivery could carry the type alone."""
    try:
        return event_text(delivery_of({"data": {"events": [entry.raw]}}).events[0])
    except NotADelivery:
        return Text(plain(entry.event_type, limit=80), style="bold cyan")


def _cause(cause: Cause) -> Text:
    return Text(f"{_INDENT}{plain(cause.told(local_time), limit=300)}", style="yellow")


def _rebuilt(event_id: str) -> Text:
    return Text.assemble(
        (f"{_INDENT}rebuilt as ", "dim"), plain(event_id), (" and taken in", "dim")
    )


def _not_rebuilt(activity: EventNotReconstructed) -> Text:
    """Name the event again: where many are missed, it may have no line of its own."""
    return Text.assemble(
        (f"{_INDENT}not taken in: ", "bold red"),
        plain(activity.reason, limit=300),
        (f"  {plain(activity.entry.uuid, limit=80)}", "dim"),
    )


def _look_failed(activity: LookFailed) -> Text:
    why = f": {plain(activity.outage.why, limit=300)}" if activity.outage.why else ""
    return Text.assemble(
        (f"{local_time(activity.at)}  ", "dim"),
        (f"{plain(activity.outage.what, limit=300)}{why}", "yellow"),
        (f"; looking again in {activity.wait_s:g} s", "dim"),
    )


def _reconciled(found: Reconciled) -> Iterator[Text]:
    if found.total.missed:
        yield Text()
    yield from _table(found)
    yield Text.assemble(
        (f"{found.total.expected} expected", "bold"),
        ": ",
        Text(", ").join(_counted(found.total)),
    )
    read = "1 log entry" if found.read == 1 else f"{found.read} log entries"
    span = f"from {local_time(found.since)} to {local_time(found.until)}"
    hook = f"for the hook {plain(found.hook_id, limit=80)} of {plain(found.org, limit=80)}"
    yield Text(f"in {read} {hook}, {span}", style="dim")
    if found.reconstructed:
        noun = "1 was" if found.reconstructed == 1 else f"{found.reconstructed} were"
        yield Text(f"{noun} rebuilt and taken in", style="green")
    if found.not_reconstructed:
        noun = "1 was" if found.not_reconstructed == 1 else f"{found.not_reconstructed} were"
        yield Text(f"{noun} not taken in", style="bold red")


def _counted(cell: Cell) -> list[Text]:
    return [
        Text(f"{count} {name}", style=_STYLES[name] if count else "dim")
        for name, count in asdict(cell).items()
    ]


def _table(found: Reconciled) -> Iterator[Text]:
    rows = sorted(found.cells.items(), key=lambda item: (item[0][1], item[0][0]))
    shown = rows if len(rows) <= _MOST_ROWS else [row for row in rows if not _all_came(row[1])]
    width = max((len(plain(event_type, limit=60)) for (event_type, _), _ in shown), default=0)
    if shown:
        heads = "".join(f"  {name:>10}" for name in _COLUMNS)
        yield Text(f"{'hour':<16}  {'event type':<{width}}{heads}", style="bold")
    for (event_type, hour), cell in shown:
        yield _row(event_type, hour, cell, width)
    if left_out := len(rows) - len(shown):
        yield Text(f"{left_out} more hours of a type, in which all came once", style="dim")


def _row(event_type: str, hour: datetime, cell: Cell, width: int) -> Text:
    line = Text.assemble(
        (f"{hour.astimezone():%Y-%m-%d %H:%M}  ", "dim"),
        f"{plain(event_type, limit=60):<{width}}",
    )
    for name, count in asdict(cell).items():
        line.append(f"  {count:>10}", style=_STYLES[name] if count else "dim")
    return line


def _all_came(cell: Cell) -> bool:
    return cell.received == cell.expected
