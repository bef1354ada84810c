"""Reports for machines: JUnit XML, and annotations of GitHub Actions.

JUnit is written as GitHub, GitLab and Jenkins read it. A test fails in the report if it makes the
command fail; a failed ``should`` or ``note`` that does not is a skipped test, whose message says
so.

An annotation is a workflow command. GitHub's runner takes a line that begins with ``::`` as a
command, and ``##[`` anywhere in a line. What comes from the app must start none.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import IO, Final
from xml.etree import ElementTree as ET

from okhook.check.case import Group, Level
from okhook.check.results import Again, CaseResult, CheckSummary, Outcome, counts_as_failed
from okhook.text import plain

_INVALID: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot contain, not even escaped."""


def write_junit(
    stream: IO[str],
    results: Sequence[CaseResult],
    summary: CheckSummary,
    again: Again,
    *,
    strict: bool,
) -> None:
    """Write one suite for each group that has results."""
    totals = _totals(results, strict=strict)
    del totals["skipped"]  # Jenkins' schema has it only for a suite
    root = ET.Element("testsuites", {"name": "okhook check", **totals})
    root.set("time", f"{summary.duration_s:.3f}")
    for group in Group:
        of_group = [each for each in results if each.case.group is group]
        if of_group:
            _add_suite(root, group, of_group, summary.url, again, strict=strict)
    ET.indent(root)
    stream.write('<?xml version="1.0" encoding="UTF-8"?>\n')
    stream.write(ET.tostring(root, encoding="unicode"))
    stream.write("\n")


def _add_suite(
    root: ET.Element,
    group: Group,
    results: Sequence[CaseResult],
    url: str,
    again: Again,
    *,
    strict: bool,
) -> None:
    suite = ET.SubElement(root, "testsuite", {"name": group, **_totals(results, strict=strict)})
    suite.set("time", f"{sum(each.duration_s for each in results):.3f}")
    properties = ET.SubElement(suite, "properties")
    ET.SubElement(properties, "property", {"name": "url", "value": valid(url)})
    for each in results:
        _add_test(suite, each, again, strict=strict)


def _totals(results: Sequence[CaseResult], *, strict: bool) -> dict[str, str]:
    failed = sum(counts_as_failed(each, strict=strict) for each in results)
    passed = sum(each.outcome is Outcome.PASSED for each in results)
    return {
        "tests": str(len(results)),
        "failures": str(failed),
        "errors": "0",
        "skipped": str(len(results) - failed - passed),
    }


def _add_test(suite: ET.Element, result: CaseResult, again: Again, *, strict: bool) -> None:
    case = result.case
    test = ET.SubElement(
        suite,
        "testcase",
        {
            "classname": f"okhook.check.{case.group}",
            "name": f"{case.id}: {case.title}",
            "time": f"{result.duration_s:.3f}",
        },
    )
    if result.outcome is Outcome.PASSED:
        return
    if counts_as_failed(result, strict=strict):
        failure = ET.SubElement(test, "failure", {"type": case.level.value})
        failure.set("message", valid(result.came or ""))
        failure.text = valid(_details(result, again))
        return
    message = result.reason or f"failed, but is only a {case.level}: {result.came}"
    ET.SubElement(test, "skipped", {"message": valid(message)})
    if result.outcome is Outcome.FAILED:
        ET.SubElement(test, "system-out").text = valid(_details(result, again))


def _details(result: CaseResult, again: Again) -> str:
    """Return all that is known about a failure, in lines."""
    parts = (
        f"rule: {result.case.rule}",
        f"      {result.case.source}",
        f"sent: {result.case.sends}",
        f"came: {result.came}",
        f"then: {result.then}",
        f"fix:  {result.fix}",
    )
    return "\n".join((*parts, *filter(None, (again(result), result.curl))))


def valid(text: str) -> str:
    """Return ``text`` without the characters that XML cannot contain."""
    return _INVALID.sub("", text)


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
