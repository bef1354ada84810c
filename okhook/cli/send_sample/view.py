"""Draw samples: each with its answer, and the totals."""

import json
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.text import Text

from okhook.cli.console import Console
from okhook.cli.views.attempts import answer_lines, status_counts
from okhook.cli.views.lines import drawing, http_status, result, short
from okhook.send_sample.sender import ANSWER_LIMIT_BYTES, SampleSent, SamplesSummed
from okhook.text import counted, plain_lines

_ANSWER_LINES = 20


def payload_text(body: bytes) -> str:
    """Return a payload for a terminal: indented JSON that is still valid, else safe text."""
    try:
        text = json.dumps(json.loads(body), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return "\n".join(plain_lines(body.decode("utf-8", "replace")))
    return "".join(_json_character(character) for character in text)


@contextmanager
def progress(console: Console, total: int) -> Iterator[Callable[[], None]]:
    """Show a progress bar while the block runs. Call the result after each delivery."""
    lines_in_between = console.is_json and console.out.is_terminal
    if total == 1 or console.is_quiet or not console.err.is_terminal or lines_in_between:
        yield lambda: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    from rich.progress import TimeRemainingColumn as Remaining

    columns = (TextColumn("sending"), BarColumn(), MofNCompleteColumn(), Remaining())
    with Progress(*columns, console=console.err, transient=True) as bar:
        task = bar.add_task("sending", total=total)
        yield lambda: bar.advance(task)


def _sent(activity: SampleSent) -> Iterator[Text]:
    no_answer = f"{activity.outcome}: {short(activity.reason)}"
    outcome = no_answer if activity.status is None else http_status(activity.status)
    line = Text.assemble(
        (outcome, result(ok=activity.accepted)),
        f"  {activity.duration_s * 1000:.0f} ms  {counted(activity.attempts, 'attempt')}  ",
        (short(activity.event_id or "(no eventId)", 80), "dim"),
    )
    if activity.duplicate:
        of = "" if activity.duplicate_of is None else f" of {activity.duplicate_of}"
        line.append(f" duplicate{of}", style="bold yellow")
    yield line
    yield from answer_lines(activity.answer, "  ", most=_ANSWER_LINES, limit=ANSWER_LIMIT_BYTES)


def _summary(activity: SamplesSummed) -> Iterator[Text]:
    parts = [f"{activity.sent} sent in {activity.elapsed_s:.2f} s"]
    if activity.rate is not None:
        parts.append(f"{activity.rate:.0f}/s")
    if activity.p50_s is not None and activity.p99_s is not None:
        parts.append(f"p50 {activity.p50_s * 1000:.1f} ms")
        parts.append(f"p99 {activity.p99_s * 1000:.1f} ms")
    parts.append(", ".join(status_counts(activity.statuses)))
    yield Text("  ".join(part for part in parts if part), style="bold")


render_sample = drawing({SampleSent: _sent, SamplesSummed: _summary})


def _json_character(character: str) -> str:
    if character in "\n " or unicodedata.category(character)[0] not in "CZ":
        return character
    units = character.encode("utf-16-be", "surrogatepass")
    pairs = zip(units[::2], units[1::2], strict=True)
    return "".join(f"\\u{high:02x}{low:02x}" for high, low in pairs)
