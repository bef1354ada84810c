"""Reports for machines: JUnit XML, and annotations of GitHub Actions."""
# ruff: noqa: E501

import io
import re
from dataclasses import replace
from xml.etree import ElementTree as ET

from hypothesis import example, given, settings
from hypothesis import strategies as st
from inline_snapshot import snapshot

from okhook.check.catalogue import CASES
from okhook.check.reports import annotation, harmless, write_junit
from okhook.check.results import CaseResult, Outcome, summary_of
from okhook.text import plain

BY_ID = {case.id: case for case in CASES}


def result(case_id: str, outcome: Outcome, said: str = "HTTP 500: oh") -> CaseResult:
    passed = CaseResult(BY_ID[case_id], outcome, duration_s=0.0123)
    if outcome is Outcome.FAILED:
        return replace(passed, came=said, then="then", fix="fix", curl="curl -X POST")
    return passed if outcome is Outcome.PASSED else replace(passed, reason=said)


RESULTS = [
    result("transport-accepted", Outcome.PASSED),
    result("transport-time", Outcome.FAILED),
    result("transport-status", Outcome.FAILED, "HTTP 202"),
    result("delivery-repeated", Outcome.NOT_OBSERVED, "only --observe can tell"),
    result("delivery-restart", Outcome.SKIPPED, "needs --restart"),
]


def junit(results: list[CaseResult], *, strict: bool = False) -> str:
    written = io.StringIO()
    summary = summary_of("http://h/", results, 1.5)
    write_junit(written, results, summary, lambda _: "okhook check …", strict=strict)
    return written.getvalue()


def parsed(report: str) -> ET.Element:
    return ET.fromstring(report.encode())  # noqa: S314 - it is our own


def test_a_report_has_what_github_gitlab_and_jenkins_read() -> None:
    """Suites with totals, tests with class and name, failures with message and text."""
    text = re.sub(
        r"<failure .*?</failure>|<system-out>.*?</system-out>", "…", junit(RESULTS), flags=re.DOTALL
    )
    assert text == snapshot("""\
<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="okhook check" tests="5" failures="1" errors="0" time="1.500">
  <testsuite name="transport" tests="3" failures="1" errors="0" skipped="1" time="0.037">
    <properties>
      <property name="url" value="http://h/" />
    </properties>
    <testcase classname="okhook.check.transport" name="transport-accepted: A delivery is accepted" time="0.012" />
    <testcase classname="okhook.check.transport" name="transport-time: No answer takes longer than 3 s" time="0.012">
      …
    </testcase>
    <testcase classname="okhook.check.transport" name="transport-status: The status is 200 or 204" time="0.012">
      <skipped message="failed, but is only a should: HTTP 202" />
      …
    </testcase>
  </testsuite>
  <testsuite name="delivery" tests="2" failures="0" errors="0" skipped="2" time="0.025">
    <properties>
      <property name="url" value="http://h/" />
    </properties>
    <testcase classname="okhook.check.delivery" name="delivery-repeated: A repeated delivery is processed once" time="0.012">
      <skipped message="only --observe can tell" />
    </testcase>
    <testcase classname="okhook.check.delivery" name="delivery-restart: A repeat after a restart is processed once" time="0.012">
      <skipped message="needs --restart" />
    </testcase>
  </testsuite>
</testsuites>
""")


SCHEMA = {
    "testsuites": ("name tests failures errors time", "testsuite"),
    "testsuite": (
        "name tests failures errors skipped time timestamp hostname id package file log url group",
        "testsuite properties testcase system-out system-err",
    ),
    "properties": ("", "property"),
    "property": ("name value", ""),
    "testcase": ("name time classname group", "skipped error failure system-out system-err"),
    "skipped": ("type message", ""),
    "failure": ("type message", ""),
    "system-out": ("", ""),
}
"""The attributes and the elements inside of each element, in the schema of Jenkins' xUnit plugin."""

REQUIRED = {
    "testsuite": {"name", "tests", "failures", "errors"},
    "property": {"name", "value"},
    "testcase": {"name"},
}
TIME = re.compile(r"[0-9]{1,}[.][0-9]{3}")


def test_a_report_has_nothing_that_jenkins_schema_does_not_have() -> None:
    """Its xUnit plugin validates a report first, and refuses one with another attribute."""
    for element in parsed(junit(RESULTS)).iter():
        attributes, inside = (set(names.split()) for names in SCHEMA[element.tag])
        assert element.attrib.keys() <= attributes, element.tag
        assert {each.tag for each in element} <= inside, element.tag
        assert REQUIRED.get(element.tag, set()) <= element.attrib.keys()
        assert TIME.fullmatch(element.get("time", "0.000"))


def test_gitlab_tells_the_tests_apart() -> None:
    """It compares a test with that of another run by its class and name."""
    tests = parsed(junit(RESULTS)).iter("testcase")
    named = [(each.get("classname"), each.get("name")) for each in tests]
    assert len(set(named)) == len(RESULTS)


def test_a_should_fails_in_the_report_only_if_it_fails_the_run() -> None:
    """A red report beside a green job leads nowhere."""
    for strict, failing in ((False, 1), (True, 2)):
        root = parsed(junit(RESULTS, strict=strict))
        assert len(root.findall(".//failure")) == failing
        assert root.get("failures") == str(failing)
        skipped = (int(suite.get("skipped") or 0) for suite in root)
        assert sum(skipped) == len(root.findall(".//skipped"))


@settings(max_examples=30)
@given(st.text(st.sampled_from("a]>&<\"'\x00\x1b\r\n\x85\ud83d\udc00\ufffe\U0001f600")))
def test_whatever_the_app_says_the_report_is_xml(said: str) -> None:
    """Control characters and half a surrogate pair have no place in it, not even escaped."""
    root = parsed(junit([result("transport-time", Outcome.FAILED, said)]))
    assert root.find(".//failure") is not None


def test_an_annotation_is_one_line() -> None:
    """An error for what fails the run, a warning for a should, none for the rest."""
    lines = [annotation(each, strict=False) for each in RESULTS]
    assert lines == snapshot(
        [
            None,
            "::error title=okhook check transport-time::No answer takes longer than 3 s%0Acame: HTTP 500: oh%0Athen: then%0Afix: fix",
            "::warning title=okhook check transport-status::The status is 200 or 204%0Acame: HTTP 202%0Athen: then%0Afix: fix",
            None,
            None,
        ]
    )


@settings(max_examples=30)
@given(st.text(st.sampled_from("a:#[]%\r\n\x85\u2028 ")))
@example(":::")
def test_nothing_from_the_app_starts_a_workflow_command(said: str) -> None:
    """The runner acts on a line that begins with ``::``, and on ``##[`` anywhere in a line."""
    for text in (said, f"{said}\n::stop-commands::x", f"{said}##[add-path]/tmp", f"\r::{said}"):
        shown = harmless(result("transport-time", Outcome.FAILED, text))
        assert shown.came is not None
        assert "::" not in shown.came
        assert "##[" not in shown.came
        line = annotation(shown, strict=False)
        assert line is not None
        assert plain(line) == line
        assert line.count("::") == 2
        assert line.startswith("::error title=okhook check transport-time::")
