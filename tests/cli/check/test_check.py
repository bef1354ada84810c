"""``okhook check``: what it shows, what it writes, what it asks, and how it ends."""

import json
import shlex
import stat
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

import okhook.check.running
import okhook.cli.check.run
from okhook.check.catalogue import CASES
from tests.check.mutants import ProcessesAgain
from tests.check.receivers import SECRET, Receiver, Refuse, Reply, Request, served
from tests.support.answering import AnsweringServer, Asked, answer, answering_server
from tests.support.in_process import run_okhook

Check = Callable[..., "subprocess.CompletedProcess[str]"]

HOSTILE = f"\x1b[2J\u202e::add-mask::x ##[error]y [red]{SECRET}[/] <script>\r\n::error::z"


@pytest.fixture
def check(tmp_path: Path) -> Check:
    """Run the command in an empty home, with the receiver's secret in the environment."""

    def run(
        *arguments: str, secret: str = SECRET, **env: str
    ) -> "subprocess.CompletedProcess[str]":
        environ = {"OKHOOK_AUTH_SECRET": secret, **env}
        return run_okhook("check", *arguments, home=tmp_path, env=environ)

    return run


@pytest.fixture
def silent() -> Iterator[AnsweringServer]:
    """A server that accepts everything, and keeps what was sent to it."""
    with answering_server(lambda _: answer(204)) as server:
        yield server


def lines_of(done: "subprocess.CompletedProcess[str]") -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


class Hostile(Receiver):
    """Refuses every delivery, with text that means harm to whoever shows it."""

    def delivered(self, request: Request) -> Reply:
        raise Refuse(500, HOSTILE.encode())


def test_a_good_receiver(check: Check) -> None:
    """A line for each case under its group, a summary, and exit code 0."""
    with served(Receiver()) as url:
        done = check(url, "--only", "challenge,transport-status")
    assert (done.returncode, done.stdout.splitlines()) == (
        0,
        [
            "transport",
            "✓ transport-status              The status is 200 or 204",
            "challenge",
            "✓ challenge-echo                The challenge is returned",
            "✓ challenge-header-case         The header may be spelled in any case",
            "✓ challenge-content-type        The answer says that it is JSON",
            "✓ challenge-time                The challenge is answered within 3 s",
            "✓ challenge-odd-characters      Any characters come back unchanged",
            "✓ challenge-missing             A GET without a challenge is refused",
            "",
            "transport       1 passed",
            "challenge       6 passed",
            done.stdout.splitlines()[-1],
        ],
    )
    assert done.stdout.splitlines()[-1].startswith("7 cases run in ")
    assert "people who do not exist, marked okhook-check in ids and names" in done.stderr


def test_a_failure_says_all_that_a_person_needs(check: Check) -> None:
    """What was sent, what came, what Okta does then, the fix, and a command to repeat it."""
    with served(Hostile()) as url:
        done = check(url, "--only", "transport-accepted,transport-status")
    shown = done.stdout.splitlines()
    assert shown[1] == "✗ transport-accepted            A delivery is accepted (must)"
    assert [line[:10] for line in shown[2:6]] == [
        *("    sent  ", "    came  ", "    then  ", "    fix   "),
    ]
    assert shown[3].startswith("    came  HTTP 500: ")
    assert "Okta sends it once more" in shown[4]
    assert shown[6:8] == [
        f"    again okhook check {url} --only transport-accepted",
        "    curl",
    ]
    assert shown[8].startswith(f"curl -X POST {url} ")
    assert "'Authorization: '\"$OKHOOK_AUTH_SECRET\" \\" in done.stdout
    assert "\u2013 transport-status              transport-accepted failed" in shown
    assert done.returncode == 1
    assert done.stderr.splitlines()[-2:] == [
        "error: 1 case failed: transport-accepted",
        "→ run okhook check --explain transport-accepted",
    ]


def test_a_call_that_is_too_long_to_show_is_repeated_by_okhook(
    check: Check, tmp_path: Path
) -> None:
    """The command works as it stands, on the screen and in the report."""
    report = tmp_path / "report.xml"
    with served(Hostile()) as url:
        done = check(f"{url}?a=1&b=2", "--only", "payload-one-mib", "--junit", str(report))
    command = f"okhook check '{url}?a=1&b=2' --only payload-one-mib"
    assert f"    again {command}" in done.stdout.splitlines()
    assert "    curl" not in done.stdout.splitlines()
    assert command.replace("&", "&amp;") in report.read_text(encoding="utf-8")


def test_the_command_that_runs_a_case_again_has_what_the_case_needs(check: Check) -> None:
    """It works when it is pasted: quoted, with the flags of this run that matter to the case."""
    receiver = ProcessesAgain()

    def count(asked: Asked) -> bytes:
        return answer(200, str(receiver.counts[asked.target.rpartition("/")[2]]).encode())

    with served(receiver) as url, answering_server(count) as server:
        observe = ("--observe", f"{server.url}/it's/{{uuid}}", "--observe-wait", "3s")
        event = ("--event", "user.lifecycle.create")
        done = check(url, "--only", "delivery-repeated,challenge-echo", *observe, *event)
        again = next(line for line in done.stdout.splitlines() if line.startswith("    again "))
        words = shlex.split(again)
        assert words[1:] == [
            *("okhook", "check", url, "--only", "delivery-repeated"),
            *observe,
            *event,
        ]
        repeated = check(*words[3:])
    assert repeated.returncode == 1
    assert again in repeated.stdout.splitlines()


def test_the_command_that_runs_a_case_again_has_no_secret(check: Check, tmp_path: Path) -> None:
    """Not that of the hook, and none in a URL: reports are kept, and sent to others."""
    report = tmp_path / "report.xml"
    observe = f"true {SECRET} postgres://jane:p4ssw0rd@db/x; echo 0"
    flags = ("--only", "delivery-processed", "--observe", observe, "--observe-wait", "0.1s")
    with answering_server(lambda _: answer(204)) as server:
        done = check(f"{server.url}?token=t0ken", *flags, "--junit", str(report))
    everything = done.stdout + report.read_text(encoding="utf-8")
    assert "delivery-processed --observe" in everything
    assert f"{server.url}?token=[hidden]" in everything
    assert not [each for each in (SECRET, "p4ssw0rd", "t0ken") if each in everything]


@pytest.mark.parametrize("output", ["text", "json"])
def test_what_the_app_says_does_no_harm(check: Check, output: str, tmp_path: Path) -> None:
    """No control characters, no workflow command, no secret: on no stream, in no report."""
    report = tmp_path / "report.xml"
    flags = ("--github", "--junit", str(report), "--output", output)
    with served(Hostile()) as url:
        done = check(url, "--only", "transport-accepted", *flags)
    everything = done.stdout + done.stderr + report.read_text(encoding="utf-8")
    assert "HTTP 500" in everything
    assert not {"\x1b", "\u202e", "\r"} & set(everything)
    assert "##[" not in everything
    assert SECRET not in everything
    commands = [each for each in everything.splitlines() if each.lstrip().startswith("::")]
    assert [each[:47] for each in commands] == ["::error title=okhook check transport-accepted::"]
    assert (commands[0] in done.stderr.splitlines()) is (output == "json")


def test_in_a_workflow_the_app_starts_no_command_without_the_flag(check: Check) -> None:
    """The runner reads every line of a step."""
    with served(Hostile()) as url:
        done = check(url, "--only", "transport-accepted", GITHUB_ACTIONS="true")
    assert "::" not in done.stdout
    assert "##[" not in done.stdout


def test_json_lines(check: Check) -> None:
    """A line for each case, then the summary, and nothing else on stdout."""
    with served(Receiver()) as url:
        done = check(url, "--only", "authentication", "--output", "json")
    *cases, summary = lines_of(done)
    assert {line["type"] for line in cases} == {"case"}
    assert [line["id"] for line in cases] == [
        case.id for case in CASES if case.id.startswith("authentication")
    ]
    assert (summary["type"], summary["passed"], summary["skipped"]) == ("check_summary", 6, 2)
    assert summary["groups"] == {
        "authentication": {"passed": 6, "failed": 0, "skipped": 2, "not_observed": 0}
    }


def test_strict_counts_a_should(check: Check, silent: AnsweringServer) -> None:
    """A should that failed is shown in any case; the exit code depends on --strict."""
    only = ("--only", "payload-not-a-delivery")
    shown, strict = check(silent.url, *only), check(silent.url, *only, "--strict")
    assert (shown.returncode, strict.returncode) == (0, 1)
    assert "✗ payload-not-a-delivery" in shown.stdout
    assert shown.stdout.splitlines()[-1].endswith("failed: 1 of level should")


def test_the_cases_are_listed_and_explained(check: Check) -> None:
    """Without a receiver, and the rule comes with its source."""
    listed = check("--list")
    assert len(listed.stdout.splitlines()) == len(CASES)
    explained = check("--explain", "delivery-repeated")
    assert "https://developer.okta.com/docs/reference/hooks-best-practices/" in explained.stdout
    (line,) = lines_of(check("--explain", "delivery-repeated", "--output", "json"))
    assert (line["type"], line["needs"]) == ("case_listed", ["observe"])


@pytest.mark.parametrize(
    ("arguments", "what", "next_step"),
    [
        ((), "missing argument URL", "for example: okhook check http://localhost:3000/hook"),
        (("localhost:3000/hook",), "invalid URL value 'localhost:3000/hook'", ""),
        (("http://jane:pw@localhost/",), "URL contains a user name or a password", "pass them"),
        (("--explain", "chalenge"), "unknown --explain value", "did you mean challenge-"),
        (("URL", "--skip", "payloads"), "unknown --skip value", "did you mean payload?"),
        (("URL", "--only", "xyzzy"), "unknown --only value", "run okhook check --list"),
        (("URL", "--only", "payload", "--skip", "payload"), "no cases selected", "leave out"),
        (("URL", "--engine", "clasic"), "invalid --engine value", "did you mean classic?"),
        (("URL", "--observe-wait", "soon"), "invalid --observe-wait value", "use a duration"),
        (("URL", "--observe", "http://localhost/x"), "the URL of --observe has no {uuid}", "for"),
        (("URL", "--observe", "echo 1"), "--observe gives 1 for an event that was never", "use"),
        (
            ("URL", "--observe", "false"),
            "--observe does not count events",
            "it must give a number",
        ),
        (("URL", "--restart", "true"), "--restart needs --observe", ""),
        (("URL", "--observe", "http://["), "invalid --observe value 'http://['", ""),
        (("URL", "--junit", "no/such/r.xml"), "could not write no/such/r.xml", ""),
    ],
)
def test_a_wrong_flag_is_known_before_anything_is_sent(
    check: Check, silent: AnsweringServer, arguments: tuple[str, ...], what: str, next_step: str
) -> None:
    """With the nearest word, or an example."""
    done = check(*(silent.url if word == "URL" else word for word in arguments))
    assert done.returncode == 2
    assert f"error: {what}" in done.stderr
    assert f"→ {next_step}" in done.stderr or not next_step
    assert silent.asked == []


def test_another_machine_is_asked_about(
    check: Check, silent: AnsweringServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a terminal nothing is sent; --yes agrees."""
    monkeypatch.setattr(okhook.cli.check.run, "is_loopback", lambda _: False)
    done = check(silent.url, "--only", "transport-accepted")
    assert (done.returncode, silent.asked) == (2, [])
    assert "send 127.0.0.1 events about people who do not exist, marked okhook-check" in done.stderr
    assert check(silent.url, "--only", "transport-accepted", "--yes").returncode == 0
    assert len(silent.asked) == 1


def test_effects_are_observed(check: Check) -> None:
    """A receiver that processes duplicates again fails with the number that it told."""
    receiver = ProcessesAgain()

    def count(asked: Asked) -> bytes:
        uuid = asked.target.rpartition("/")[2]
        return answer(200, json.dumps({"count": receiver.counts[uuid]}).encode())

    only = ("--only", "delivery-repeated", "--observe-wait", "2s")
    with served(receiver) as url, answering_server(count) as server:
        done = check(url, *only, "--observe", f"{server.url}/{{uuid}}")
    assert done.returncode == 1
    assert "came  1 event processed more than once: " in done.stdout
    assert "Okta delivers at least once" in done.stdout


def test_an_observer_that_fails_later_is_no_success(
    check: Check, silent: AnsweringServer, tmp_path: Path
) -> None:
    """A job that relies on it must not pass because it broke."""
    once = f"[ -f {tmp_path}/asked ] && exit 1; touch {tmp_path}/asked; echo 0"
    done = check(silent.url, "--only", "delivery-processed", "--observe", once)
    assert done.returncode == 1
    assert "? delivery-processed            --observe wrote no number (exit code 1)" in done.stdout
    assert "error: 1 case not observed\n  --observe wrote no number" in done.stderr


def test_a_report_is_private_and_replaces_an_old_one(
    check: Check, silent: AnsweringServer, tmp_path: Path
) -> None:
    """It is written like every other file of okhook."""
    report = tmp_path / "report.xml"
    report.write_text("old", encoding="utf-8")
    check(silent.url, "--only", "transport-accepted", "--junit", "report.xml")
    assert ET.parse(report).getroot().get("tests") == "1"  # noqa: S314 - it is our own
    new = tmp_path / "new.xml"
    check(silent.url, "--only", "transport-accepted", "--junit", "new.xml")
    assert stat.S_IMODE(new.stat().st_mode) == 0o600


def test_an_app_that_stops_is_named_once(
    check: Check, silent: AnsweringServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The case that it did not survive fails; the others are skipped, not failed."""
    monkeypatch.setattr(okhook.check.running, "COME_BACK_S", 0.1)

    def accept_until(asked: Asked) -> bytes:
        if b'"target":null' in asked.body:
            silent.answering = lambda _: b""
            return b""
        return answer(204)

    silent.answering = accept_until
    done = check(silent.url, "--only", "payload-target-null,payload-emoji,transport-accepted")
    assert "✗ payload-target-null" in done.stdout
    assert "\u2013 payload-emoji                 the app has not answered since" in done.stdout


def test_an_app_that_stops_in_a_case_that_is_no_must_fails_the_run(
    check: Check, silent: AnsweringServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Most of the cases said nothing: that is no success."""
    monkeypatch.setattr(okhook.check.running, "COME_BACK_S", 0.1)

    def accept_until(asked: Asked) -> bytes:
        if len(asked.body) > 1 << 20:
            silent.answering = lambda _: b""
            return b""
        return answer(204)

    silent.answering = accept_until
    report = tmp_path / "report.xml"
    chosen = "payload-emoji,payload-one-mib,payload-malformed,payload-no-events"
    done = check(silent.url, "--only", chosen, "--junit", str(report))
    assert done.returncode == 1
    shown = done.stdout.splitlines()
    assert "✗ payload-malformed             Malformed JSON is refused (must)" in shown
    assert "    came  the app has not answered since payload-one-mib" in shown
    assert "    fix   look into the log of the app: it ended, or it hangs" in shown
    assert "\u2013 payload-no-events" in done.stdout
    assert "the app has not answered since" in report.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("event", "said"),
    [
        ("foo.bar", "sending it anyway\n"),
        ("user.lifecycle.crate", "sending it anyway; did you mean user.lifecycle.create or "),
    ],
)
def test_an_event_type_that_okhook_does_not_know_is_named(
    check: Check, silent: AnsweringServer, event: str, said: str
) -> None:
    """It may be a typing error, or newer than okhook: it is sent, with a warning."""
    done = check(silent.url, "--only", "transport-accepted", "--event", event)
    assert f"warning: event hooks do not support {event} in Okta 20" in done.stderr
    assert said in done.stderr
    assert done.returncode == 0
    assert f'"eventType":"{event}"'.encode() in silent.asked[0].body
