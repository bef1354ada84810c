"""``okhook check`` that ends early: at Ctrl-C, at SIGTERM, or at the first failure."""

import json
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from okhook.check.catalogue import CASES
from tests.check.receivers import Receiver, Reply, Request, served
from tests.support.answering import Asked, answer, answering_server
from tests.support.in_process import run_okhook
from tests.support.okhook_process import PATIENCE_S, running_okhook
from tests.support.processes import processes_at_home_in
from tests.support.waiting import wait_until


class Hanging(Receiver):
    """Answers the first deliveries, and then none until it is let go."""

    def __init__(self, *, answers: int) -> None:
        super().__init__(secret=None)
        self.left = answers
        self.hangs = threading.Event()
        self.goes_on = threading.Event()

    def delivered(self, request: Request) -> Reply:
        self.left -= 1
        if self.left < 0:
            self.hangs.set()
            self.goes_on.wait()
        return super().delivered(request)


@pytest.fixture
def hanging() -> Iterator[tuple[Hanging, str]]:
    receiver = Hanging(answers=2)
    with served(receiver) as url:
        yield receiver, url
        receiver.goes_on.set()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_what_was_found_is_shown_and_reported(
    hanging: tuple[Hanging, str], tmp_path: Path, number: signal.Signals, code: int
) -> None:
    """A person or a CI that stops a run wants to know what came of it."""
    receiver, url = hanging
    report = tmp_path / "report.xml"
    with running_okhook("check", url, "--junit", str(report), home=tmp_path) as checking:
        assert receiver.hangs.wait(PATIENCE_S)
        checking.send(number)
        assert checking.wait() == code
    assert "✓ transport-answers             The URL answers" in checking.lines
    assert ", because okhook was interrupted" in checking.lines[-1]
    assert f"{report} has these results; the other cases are skipped in it" in checking.errors
    root = ET.parse(report).getroot()  # noqa: S314 - it is our own
    assert (root.get("tests"), root.get("failures")) == (str(len(CASES)), "0")
    assert [each.name for each in tmp_path.iterdir() if "report" in each.name] == ["report.xml"]


def test_a_second_signal_leaves_no_part_of_a_report(
    hanging: tuple[Hanging, str], tmp_path: Path
) -> None:
    """Even if it kills: while cases run, only the report of an earlier run is there."""
    receiver, url = hanging
    report = tmp_path / "report.xml"
    report.write_text("earlier")
    with running_okhook("check", url, "--junit", str(report), home=tmp_path) as checking:
        assert receiver.hangs.wait(PATIENCE_S)
        assert [each.name for each in tmp_path.iterdir() if "report" in each.name] == ["report.xml"]
        checking.send(signal.SIGKILL)
        checking.wait()
    assert report.read_text() == "earlier"


def test_what_the_app_did_is_not_known_when_it_was_not_asked(tmp_path: Path) -> None:
    """Such a case ends as not observed, never as passed; the summary says that it was stopped."""
    asking, goes_on = threading.Event(), threading.Event()

    def count(_: Asked) -> bytes:
        if len(counting.asked) > 1:  # the first question is about an event that was never sent
            asking.set()
            goes_on.wait()
        return answer(200, b"0")

    flags = ("--only", "delivery-processed,payload-malformed", "--output", "json")
    with served(Receiver(secret=None)) as url, answering_server(count) as counting:
        observed = f"{counting.url}/{{uuid}}"
        with running_okhook("check", url, *flags, "--observe", observed, home=tmp_path) as checking:
            assert asking.wait(PATIENCE_S)
            checking.send(signal.SIGINT)
            assert checking.wait() == 130
            goes_on.set()
    *cases, summary = checking.json_lines()
    assert [(each["id"], each["outcome"]) for each in cases] == [
        ("delivery-processed", "not_observed"),
        ("payload-malformed", "passed"),
    ]
    assert (summary["interrupted"], summary["not_run"], summary["passed"]) == (True, 0, 1)


def test_a_second_signal_leaves_no_command_behind(tmp_path: Path) -> None:
    """It ends at once, and takes a command along that ignores the first."""
    asked = tmp_path / "asked"
    goes_on = f"while :; do touch {asked}.again; sleep 0.1; done"
    asking = (
        f"trap '' TERM; trap 'touch {asked}.int' INT; [ -f {asked} ] && {goes_on}; touch {asked}"
    )
    flags = ("--only", "delivery-processed", "--observe", f"{asking}; echo 0")
    with (
        served(Receiver(secret=None)) as url,
        running_okhook("check", url, *flags, home=tmp_path) as checking,
    ):
        wait_until(lambda: Path(f"{asked}.again").exists())
        checking.send(signal.SIGINT)
        wait_until(lambda: Path(f"{asked}.int").exists())
        checking.send(signal.SIGINT)
        assert checking.wait() == 130
        wait_until(lambda: not processes_at_home_in(tmp_path))


@pytest.mark.parametrize("flag", ["-x", "--fail-fast"])
def test_the_first_failure_that_counts_can_end_the_run(tmp_path: Path, flag: str) -> None:
    """A failed should goes on, a failed must does not."""
    with answering_server(lambda _: answer(202)) as server:
        done = run_okhook("check", server.url, flag, "--output", "json", home=tmp_path)
    *cases, summary, _ = [json.loads(line) for line in done.stdout.splitlines()]
    assert [each["id"] for each in cases if each["outcome"] == "failed"] == [
        "transport-status",
        "challenge-echo",
    ]
    assert cases[-1]["id"] == "challenge-echo"
    assert (summary["interrupted"], summary["not_run"]) == (False, len(CASES) - len(cases))
    assert done.returncode == 1


def test_the_first_failure_may_be_what_the_app_did(tmp_path: Path) -> None:
    """With -x each case is observed before the next begins."""
    with (
        answering_server(lambda _: answer(204)) as server,
        answering_server(lambda _: answer(200, b"0")) as counting,
    ):
        flags = ("-x", "--only", "delivery", "--observe-wait", "0.1s")
        observe = ("--observe", f"{counting.url}/{{uuid}}")
        done = run_okhook("check", server.url, *flags, *observe, home=tmp_path)
    shown = [line for line in done.stdout.splitlines() if line.startswith(("✓", "✗", "?"))]
    assert shown == ["✗ delivery-processed            An event is processed (must)"]
    assert done.stdout.splitlines()[-1].endswith("; 11 not run, because of --fail-fast")
