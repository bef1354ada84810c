"""How forwarding looks: a line an attempt, one when an app goes and one when it is back."""

from collections.abc import Iterable
from http import HTTPStatus
from typing import final
from urllib.parse import urlsplit

from rich.text import Text

from okhook.activity import Activity
from okhook.cli.console import Console
from okhook.forward.activities import Backlogged, Forwarded, TargetDown, TargetUp
from okhook.records.attempt import Attempt, Backlog, ForwardState
from okhook.runtime.ids import utc_now
from okhook.text import plain

_INDENT = " " * 10


@final
class ForwardRenderer:
    """Turns forwarding's activities into lines.

    How much waits for an app that is down is counted on a line of its own at the bottom of a
    terminal, and nowhere else.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._down: dict[str, str] = {}

    def __call__(self, activity: Activity) -> Iterable[Text]:
        """Return the lines of ``activity``; none for those of other rooms."""
        match activity:
            case Forwarded():
                yield _forwarded(activity)
            case TargetDown(target, reason):
                self._down[target] = ""
                yield Text.assemble(
                    (f"{plain(target)} is down", "bold red"),
                    f": {plain(reason, limit=200)}; what comes is kept, and waits for it",
                )
                self._show_counters()
            case TargetUp():
                self._down.pop(activity.target, None)
                self._show_counters()
                yield _up(activity)
            case Backlogged(target, backlog) if target in self._down:
                self._down[target] = _counted(backlog)
                self._show_counters()
            case Backlogged(target, backlog):
                yield _leftover(target, backlog)

    def _show_counters(self) -> None:
        self._console.stop_waiting()
        if self._down:
            each = (f"{_host(url)} is down  {count}".rstrip() for url, count in self._down.items())
            self._console.wait_for("  ".join(each))


def attempt_outcome(attempt: Attempt) -> Text:
    """Return what an attempt came to: its status in words, or why there is none, and how long."""
    style = "green" if attempt.accepted else "bold red"
    duration = f"  {attempt.duration_s * 1000:.0f} ms"
    return Text.assemble((_outcome(attempt), style), (duration, "dim"))


def _forwarded(activity: Forwarded) -> Text:
    attempt, forward = activity.attempt, activity.forward
    line = Text.assemble(
        (f"{_INDENT}→ ", "dim"),
        attempt_outcome(attempt),
        (f"  #{attempt.seq}  {plain(_host(attempt.target))}", "dim"),
    )
    if forward.state is ForwardState.WAITING and forward.next_at is not None:
        wait_s = max(0.0, (forward.next_at - utc_now()).total_seconds())
        line.append(f"  attempt {attempt.number}, again in {wait_s:.0f} s", style="yellow")
    if forward.state is ForwardState.FAILED:
        line.append(
            f"  given up after {_attempts(attempt.number)}: okhook replay {attempt.seq}",
            style="bold red",
        )
    return line


def _up(activity: TargetUp) -> Text:
    line = Text.assemble(
        (f"{plain(activity.target)} is back", "bold green"), f" after {activity.down_s:.0f} s"
    )
    if activity.waiting:
        line.append(f"; {activity.waiting} to send")
    return line


def _leftover(target: str, backlog: Backlog) -> Text:
    line = Text.assemble((plain(target), "bold"), ": ", _counted(backlog))
    if backlog.failed:
        line.append("  okhook replay --status failed", style="dim")
    return line


def _counted(backlog: Backlog) -> str:
    to_send = backlog.pending + backlog.waiting
    parts = [f"{to_send} to send"] if to_send else []
    if backlog.failed:
        parts.append(f"{backlog.failed} given up")
    return ", ".join(parts) or "nothing to send"


def _outcome(attempt: Attempt) -> str:
    if attempt.status is None:
        return plain(attempt.fault or "no answer", limit=80)
    try:
        return f"{attempt.status} {HTTPStatus(attempt.status).phrase}"
    except ValueError:
        return str(attempt.status)


def _attempts(count: int) -> str:
    return "1 attempt" if count == 1 else f"{count} attempts"


def _host(url: str) -> str:
    return urlsplit(url).netloc
