"""Draw forwarding: each attempt, and an app that goes down or comes back."""

import shlex
from collections.abc import Iterable, Iterator

from rich.text import Text

from okhook.activity import Activity
from okhook.cli.console import Console
from okhook.cli.views.attempts import attempt_outcome, replay_command, short_outcome
from okhook.cli.views.lines import short, shown_url
from okhook.records.activities import (
    Backlogged,
    BacklogSkipped,
    Forwarded,
    TargetDown,
    TargetTaken,
    TargetUp,
    WaitingElsewhere,
)
from okhook.records.attempt import Backlog, ForwardState
from okhook.runtime.ids import utc_now
from okhook.text import counted, plain

_INDENT = " " * 10


class ForwardRenderer:
    """Turns forwarding's activities into lines. On a terminal, the last one counts what waits."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._down: dict[str, str] = {}

    def __call__(self, activity: Activity) -> Iterable[Text]:
        """Return the lines of ``activity``. Other activities have none."""
        match activity:
            case Forwarded():
                yield _forwarded(activity, self._console.width)
            case TargetDown(target, reason):
                self._down[target] = ""
                yield Text.assemble(
                    (f"{shown_url(target)} is down", "bold red"),
                    f": {short(reason)}; deliveries are stored, and sent when it is back",
                )
                self._show_counters()
            case TargetUp(target, down_s, waiting):
                self._down.pop(target, None)
                self._show_counters()
                to_send = f"; {waiting} to send" if waiting else ""
                back = (f"{shown_url(target)} is back", "bold green")
                yield Text.assemble(back, f" after {down_s:.0f} s{to_send}")
            case TargetTaken(target):
                yield Text.assemble((shown_url(target), "bold"), ": this okhook sends to it now")
            case BacklogSkipped(target, count):
                waited = counted(count, "delivery", "deliveries")
                skipped = f": not sending {waited} from earlier runs; they stay in the store"
                yield Text.assemble((shown_url(target), "bold"), skipped)
            case WaitingElsewhere():
                yield from _elsewhere(activity)
            case Backlogged(target, backlog) if target in self._down:
                self._down[target] = _work_left(backlog)
                self._show_counters()
            case Backlogged(target, backlog):
                replay = "  `okhook replay --status failed`" if backlog.failed else ""
                line = Text.assemble((shown_url(target), "bold"), ": ", _work_left(backlog))
                yield line.append(replay, style="dim")

    def _show_counters(self) -> None:
        self._console.stop_waiting()
        if self._down:
            each = (f"{_short(url)} is down  {count}".rstrip() for url, count in self._down.items())
            self._console.wait_for("  ".join(each))


def _elsewhere(waiting: WaitingElsewhere) -> Iterator[Text]:
    to_send = f": {waiting.count} to send that {plain(waiting.receiver)} received; send with:"
    yield Text.assemble((shown_url(waiting.target), "bold"), to_send)
    names = ["--receiver", waiting.receiver, "--forward-to", shown_url(waiting.target)]
    yield Text(f"  {plain(shlex.join(['okhook', 'serve', '--port', '0', *names]))}", style="dim")


def _forwarded(activity: Forwarded, width: int | None) -> Text:
    """Return the line of an attempt; where it is wider than ``width``, with a shorter outcome."""
    attempt = activity.attempt
    what = (f"  #{attempt.seq}  {_short(attempt.target)}", "dim")
    line, shorter = (
        Text.assemble((f"{_INDENT}→ ", "dim"), outcome, what, _then(activity))
        for outcome in (attempt_outcome(attempt), short_outcome(attempt))
    )
    return line if width is None or line.cell_len <= width else shorter


def _then(activity: Forwarded) -> Text:
    """Return what happens after the attempt, if it was not the last one that is needed."""
    attempt, forward = activity.attempt, activity.forward
    if forward.state is ForwardState.WAITING and forward.next_at is not None:
        wait_s = max(0.0, (forward.next_at - utc_now()).total_seconds())
        retry = f"  attempt {attempt.number}, retrying in {wait_s:.0f} s"
        return Text(retry, style="yellow")
    if forward.state is ForwardState.FAILED:
        after = counted(attempt.number, "attempt")
        replay = replay_command(attempt.seq, attempt.target)
        return Text(f"  gave up after {after}: {replay}", style="bold red")
    return Text()


def _work_left(backlog: Backlog) -> str:
    to_send = backlog.pending + backlog.waiting
    parts = [f"{to_send} to send"] if to_send else []
    if backlog.failed:
        parts.append(f"{backlog.failed} failed")
    return ", ".join(parts) or "nothing to send"


def _short(url: str) -> str:
    """Return what tells targets apart: host and path, or host and subject."""
    return shown_url(url).partition("://")[2].removesuffix("/")
