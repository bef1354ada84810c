"""Write failures as workflow commands of GitHub Actions, which become annotations.

The runner takes a line that begins with ``::`` as a command, and ``##[`` anywhere in a line. What
comes from the app must start none.
"""

import re
from dataclasses import replace
from typing import Final

from okhook.check.case import Level
from okhook.check.results import CaseResult, Outcome, counts_as_failed
from okhook.text import plain

_COMMANDS: Final = {Level.MUST: "error", Level.SHOULD: "warning", Level.NOTE: "notice"}
_STARTS: Final = re.compile(r":(?=:)|##(?=\[)")


def annotation(result: CaseResult, *, strict: bool) -> str | None:
    """Return the line that annotates a failure, None for another outcome."""
    if result.outcome is not Outcome.FAILED:
        return None
    case = result.case
    command = "error" if counts_as_failed(result, strict=strict) else _COMMANDS[case.level]
    message = f"{case.title}\ncame: {result.came}\nthen: {result.then}\nfix: {result.fix}"
    title = _escaped(f"okhook check {case.id}").replace(":", "%3A").replace(",", "%2C")
    lines = "%0A".join(_escaped(plain(line)) for line in message.split("\n"))
    return f"::{command} title={title}::{lines}"


def harmless(result: CaseResult) -> CaseResult:
    """Return a result whose texts start no workflow command."""
    return replace(
        result,
        came=None if result.came is None else without_commands(result.came),
        reason=None if result.reason is None else without_commands(result.reason),
    )


def without_commands(text: str) -> str:
    """Return ``text`` with a space in what starts a workflow command."""
    return _STARTS.sub(lambda start: f"{start[0]} ", text)


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
