"""Draw attempts: the outcome of one, all of a record by app, and the count of failed ones."""

import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Final

from rich.text import Text

from okhook.cli.views.lines import LIMIT, http_status, local_time, result, short, shown_url
from okhook.errors import AnswerIsNo
from okhook.records.attempt import ALREADY_IN_STREAM, Attempt, Forward, ForwardState, Purpose
from okhook.text import counted, plain_lines
from okhook.wire.target_url import is_stream

if TYPE_CHECKING:
    from okhook.replay.replayer import ReplaysSummed
    from okhook.send_sample.sender import SamplesSummed

_ANSWER_LINES: Final = 8
_INDENT: Final = " " * 7
PURPOSES: Final = {
    Purpose.FORWARD: "",
    Purpose.REPLAY: "  replay",
    Purpose.CHANGED_REPLAY: "  replay, changed",
}
"""How the purpose of an attempt is shown."""


def not_accepted(summary: "ReplaysSummed | SamplesSummed", next_step: str | None) -> AnswerIsNo:
    """Return the error that not every delivery was accepted."""
    of_all = counted(summary.sent, "delivery was", "deliveries were")
    return AnswerIsNo(
        f"{summary.failed} of {of_all} not accepted",
        why="\n".join(status_counts(summary.statuses)),
        next_step=next_step,
    )


def status_counts(statuses: Mapping[str, int]) -> list[str]:
    """Return each status with its count: ``200: 3``."""
    return [f"{name}: {count}" for name, count in statuses.items()]


def attempt_outcome(attempt: Attempt) -> Text:
    """Return the status or the fault of an attempt, and its duration."""
    took = (f"  {attempt.duration_s * 1000:.0f} ms", "dim")
    return Text.assemble(_outcome(attempt, http_status), took)


def short_outcome(attempt: Attempt) -> Text:
    """Return the status, without its phrase, or the fault of an attempt."""
    return Text.assemble(_outcome(attempt, str))


def _outcome(attempt: Attempt, named: Callable[[int], str]) -> tuple[str, str]:
    if attempt.status is None:
        outcome = short(attempt.fault or "no answer", 80)
    elif is_stream(attempt.target):
        is_new = attempt.status != ALREADY_IN_STREAM
        outcome = "in the stream" if is_new else "already in the stream"
    else:
        outcome = named(attempt.status)
    return outcome, result(ok=attempt.accepted)


def replay_command(seq: int, target: str) -> str:
    """Return the command that sends a delivery to an app again."""
    return shlex.join(("okhook", "replay", str(seq), "--to", shown_url(target)))


def attempt_lines(attempts: Sequence[Attempt], forwards: Iterable[Forward]) -> Iterator[Text]:
    """Yield the attempts at each app, under its URL."""
    states = {forward.target: forward for forward in forwards}
    by_app = sorted(attempts, key=attrgetter("target"))
    for target, each in groupby(by_app, key=attrgetter("target")):
        yield Text.assemble((shown_url(target), "bold"), "  ", _state(states.get(target)))
        for attempt in each:
            yield from _attempt(attempt)


def _state(forward: Forward | None) -> Text:
    if forward is None:
        return Text("not forwarded", style="dim")
    match forward.state:
        case ForwardState.DONE:
            return Text("forwarded", style="green")
        case ForwardState.FAILED:
            again = replay_command(forward.seq, forward.target)
            return Text(f"failed: {again}", style="bold red")
        case ForwardState.WAITING:
            when = "" if forward.next_at is None else f" until {local_time(forward.next_at)}"
            return Text(f"waiting{when}", style="yellow")


def _attempt(attempt: Attempt) -> Iterator[Text]:
    yield Text.assemble(
        f"  {attempt.number:>3}  ",
        (f"{local_time(attempt.began_at)}  ", "dim"),
        attempt_outcome(attempt),
        (PURPOSES[attempt.purpose], "dim"),
    )
    if attempt.reason:
        yield Text(f"{_INDENT}{short(attempt.reason)}", style="dim")
    yield from answer_lines(attempt.answer, _INDENT)


def answer_lines(
    answer: bytes, indent: str, *, most: int = _ANSWER_LINES, limit: int = LIMIT
) -> Iterator[Text]:
    """Yield ``most`` lines of an answer's body, each cut to ``limit`` characters."""
    text = answer.decode("utf-8", "replace").strip()
    lines = [line for line in plain_lines(text) if line.strip()]
    for line in lines[:most]:
        yield Text(f"{indent}{short(line, limit)}")
    if len(lines) > most:
        yield Text(f"{indent}… {len(lines) - most} more lines", style="dim")
