"""``okhook send-sample``: what goes out, what it says, how it ends."""

import json
import os
import pty
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from okhook.runtime.run_files import ReceiverRun, RunDirectory, TunnelRun, UpRun
from okhook.wire.delivery import parse_delivery
from okhook.wire.event_types import eligible
from tests.cli.up.runs import of_type
from tests.support.answering import SILENCE, Asked, answer, answering_server
from tests.support.in_process import run_okhook
from tests.support.okhook_process import environment, running_okhook
from tests.support.ports import free_port
from tests.support.receiver import receiver
from tests.support.records import delivery_body
from tests.support.sandbox_org import sandbox_org


def accept(_: Asked) -> bytes:
    return answer(204)


def json_lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_jane_doe_goes_to_the_running_receiver(tmp_path: Path) -> None:
    """Without a flag: the receiver that runs is found, and has the guide's event in its store."""
    with receiver(home=tmp_path) as running:
        done = run_okhook("send-sample", home=tmp_path)
        (record,) = running.wait_for(1)
    delivery = parse_delivery(record.request.body)
    assert done.returncode == 0, done.stderr
    assert re.fullmatch(r"204 No Content  \d+ ms  1 attempt  [0-9a-f-]{36}\n", done.stdout)
    (event,) = delivery.events
    assert event.event_type == "user.lifecycle.create"
    assert event.targets[0].display_name == "Jane Doe"
    assert str(delivery.event_id) in done.stdout


def test_a_duplicate_is_one_to_the_receiver(tmp_path: Path) -> None:
    """The second of two is what the receiver knows as a duplicate."""
    with receiver(home=tmp_path) as running:
        done = run_okhook("send-sample", "--duplicate", "--output", "json", home=tmp_path)
        first, second = running.wait_for(2)
    assert (first.duplicate_of, second.duplicate_of) == (None, first.seq)
    first_sent, second_sent, summary = json_lines(done.stdout)
    assert first_sent["event_id"] == second_sent["event_id"]
    assert (first_sent["duplicate"], second_sent["duplicate"]) == (False, True)
    assert (summary["type"], summary["sent"], summary["ok"]) == ("summary", 2, 2)


def test_a_sample_that_was_received_before_is_named_field_01(tmp_path: Path) -> None:
    """A file that is sent again is a duplicate, and text and JSON say of which delivery."""
    (tmp_path / "body.json").write_bytes(delivery_body("event-1"))
    again = ("send-sample", "--file", "body.json")
    with receiver(home=tmp_path) as running:
        first = run_okhook(*again, home=tmp_path)
        running.wait_for(1)
        second = run_okhook(*again, home=tmp_path)
        as_json = run_okhook(*again, "--output", "json", home=tmp_path)
    assert "duplicate" not in first.stdout + first.stderr
    assert second.stdout.endswith("event-1 duplicate of 1\n")
    assert "the receiver had this delivery already, as 1" in second.stderr
    sent = json_lines(as_json.stdout)[0]
    assert (sent["duplicate"], sent["duplicate_of"]) == (True, 1)


def test_a_file_that_is_sent_twice_is_a_duplicate_the_second_time_field_01(tmp_path: Path) -> None:
    """Within one command, too; samples with new ids are not."""
    (tmp_path / "body.json").write_bytes(delivery_body("event-1"))
    with receiver(home=tmp_path):
        for arguments, expected in (
            (("--file", "body.json"), [False, True, True]),
            (("--set", "data.events[0].actor.displayName=X"), [False] * 3),
        ):
            sent = run_okhook(
                *("send-sample", *arguments, "--count", "3", "--output", "json"), home=tmp_path
            )
            assert [line["duplicate"] for line in json_lines(sent.stdout)[:3]] == expected


def test_a_sample_for_another_program_is_not_looked_up_field_01(tmp_path: Path) -> None:
    """What the store knows says nothing about an app."""
    (tmp_path / "body.json").write_bytes(delivery_body("event-1"))
    with receiver(home=tmp_path) as running, answering_server(accept) as server:
        run_okhook("send-sample", "--file", "body.json", home=tmp_path)
        running.wait_for(1)
        done = run_okhook("send-sample", "--file", "body.json", "--to", server.url, home=tmp_path)
    assert "duplicate" not in done.stdout + done.stderr


def test_every_flag_of_the_payload_arrives(tmp_path: Path) -> None:
    """Type, names, login, several events and what is set in them are in the bytes."""
    with answering_server(accept) as server:
        done = run_okhook(
            "send-sample",
            *("--to", server.url, "--event", "group.user_membership.add", "--events", "2"),
            *("--first-name", "Ada", "--last-name", "Løve", "--login", "ada@x.example"),
            *("--set", 'data.events[0].actor.displayName="X"', "--set", "eventId=plain text"),
            home=tmp_path,
        )
    assert done.returncode == 0, done.stderr
    delivery = parse_delivery(server.asked[0].body)
    first, second = delivery.events
    assert delivery.event_id == "plain text"
    assert first.event_type == second.event_type == "group.user_membership.add"
    assert first.actor is not None
    assert first.actor.display_name == "X"
    assert first.targets[0].display_name == "Ada Løve"
    assert first.targets[0].alternate_id == "ada@x.example"


def test_a_field_that_set_adds_is_named(tmp_path: Path) -> None:
    """For a generated sample and for a file; a field that was there is not."""
    (tmp_path / "body.json").write_bytes(delivery_body("event-1"))
    for source in ((), ("--file", "body.json")):
        done = run_okhook(
            *("send-sample", "--dry-run", *source, "--set", "evntId=x", "--set", "eventId=y"),
            home=tmp_path,
        )
        added, *request = done.stderr.splitlines()
        assert added == "--set adds evntId, which was not there; did you mean eventId?"
        assert "--set" not in "".join(request)


@pytest.mark.parametrize("from_stdin", [False, True], ids=["file", "stdin"])
def test_a_file_s_bytes_go_out_unchanged(tmp_path: Path, from_stdin: bool) -> None:
    """Not a blank is touched, and what Okta would not send is sent all the same, with a note."""
    payload = b'{ "eventId": "e1" ,\n "x": [1.0, "\xc3\xa9\xff"] }\n'
    (tmp_path / "payload.json").write_bytes(payload)
    with answering_server(accept) as server:
        done = run_okhook(
            "send-sample",
            *("--to", server.url, "--file", "-" if from_stdin else "payload.json"),
            home=tmp_path,
            stdin=payload,
        )
    assert done.returncode == 0
    assert server.asked[0].body == payload
    assert "Okta would not send this payload" in done.stderr


def test_a_dry_run_shows_and_sends_nothing(tmp_path: Path) -> None:
    """The body is JSON on stdout, the headers stand on stderr, and the secret is masked."""
    with answering_server(accept) as server:
        done = run_okhook(
            "send-sample",
            *("--to", server.url, "--dry-run", "--first-name", "\x9b2J\u202e"),
            home=tmp_path,
            env={"OKHOOK_AUTH_SECRET": "s3cret-value"},
        )
        as_json = run_okhook(
            "send-sample",
            *("--to", server.url, "--dry-run", "--output", "json"),
            home=tmp_path,
            env={"OKHOOK_BASIC_AUTH": "user:s3cret-value"},
        )
    assert (done.returncode, as_json.returncode) == (0, 0)
    assert server.asked == []
    assert "\x9b" not in done.stdout
    assert "\u202e" not in done.stdout
    target = json.loads(done.stdout)["data"]["events"][0]["target"][0]
    assert target["displayName"] == "\x9b2J\u202e Doe"
    assert "Authorization: (secret)" in done.stderr
    (line,) = json_lines(as_json.stdout)
    assert (line["type"], line["url"]) == ("dry-run", server.url)
    assert line["headers"]["Authorization"] == "(secret)"
    assert line["body"]["eventId"] == line["event_id"]
    assert "s3cret" not in done.stdout + done.stderr + as_json.stdout + as_json.stderr


def test_a_dry_run_can_be_sent_later(tmp_path: Path) -> None:
    """What it prints is a payload for --file."""
    shown = run_okhook("send-sample", "--dry-run", "--quiet", home=tmp_path)
    assert shown.stderr == ""
    with answering_server(accept) as server:
        done = run_okhook(
            "send-sample", "--to", server.url, "--file", "-", home=tmp_path,
            stdin=shown.stdout.encode(),
        )  # fmt: skip
    assert done.returncode == 0
    assert done.stderr == ""
    assert json.loads(server.asked[0].body) == json.loads(shown.stdout)


def test_a_dry_run_of_invalid_json_is_a_string(tmp_path: Path) -> None:
    """NaN is not JSON, so it must not be in a JSON line."""
    done = run_okhook(
        "send-sample", "--file", "-", "--dry-run", "--output", "json", home=tmp_path,
        stdin=b'{"a": NaN}',
    )  # fmt: skip
    (line,) = json_lines(done.stdout)
    assert line["body"] == '{"a": NaN}'


def test_the_secret_goes_into_its_header_and_nowhere_else(tmp_path: Path) -> None:
    """A receiver that wants it accepts; in argv it is warned of; it is never printed."""
    (tmp_path / "secret").write_text("s3cret-value\n")

    def guard(asked: Asked) -> bytes:
        return answer(204 if asked.header("X-Key") == "s3cret-value" else 401)

    with answering_server(guard) as server:
        by_file = run_okhook(
            "send-sample",
            *("--to", server.url, "--auth-field", "X-Key", "--auth-secret-file", "secret"),
            home=tmp_path,
        )
        by_flag = run_okhook(
            "send-sample",
            *("--to", server.url, "--auth-field", "X-Key", "--auth-secret", "s3cret-value"),
            home=tmp_path,
        )
        without = run_okhook("send-sample", "--to", server.url, home=tmp_path)
    assert (by_file.returncode, by_flag.returncode, without.returncode) == (0, 0, 1)
    assert "warning" not in by_file.stderr
    assert "others on this machine can read --auth-secret" in by_flag.stderr
    assert "OKHOOK_AUTH_SECRET" in without.stderr
    assert "s3cret" not in by_file.stdout + by_file.stderr + by_flag.stdout + by_flag.stderr


def test_a_secret_in_the_clear_is_warned_of(tmp_path: Path) -> None:
    """Over http to another machine: a warning; over https, or on loopback: none."""
    warned = {}
    for url in ("http://hook.invalid/x", "https://hook.invalid/x", "http://localhost:1/x"):
        done = run_okhook(
            "send-sample", "--to", url, "--dry-run", home=tmp_path,
            env={"OKHOOK_AUTH_SECRET": "abc"},
        )  # fmt: skip
        warned[url] = "the secret goes to hook.invalid unencrypted" in done.stderr
    assert list(warned.values()) == [True, False, False]


def test_no_connection_suggests_okhook_serve(tmp_path: Path) -> None:
    """A refused connection ends with exit 1."""
    url = f"http://127.0.0.1:{free_port()}/hook"
    done = run_okhook("send-sample", "--to", url, "--count", "1000", home=tmp_path)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr == (
        f"error: could not connect to {url}\n"
        "  no connection: Connection refused\n"
        "→ start the receiver with `okhook serve`, or pass its URL with --to\n"
    )


def test_without_a_receiver_it_is_the_usual_address(tmp_path: Path) -> None:
    """No run file: the port of the settings, and the path of the guide."""
    done = run_okhook(
        "send-sample", "--dry-run", "--output", "json", home=tmp_path, env={"OKHOOK_PORT": "4711"}
    )
    assert json_lines(done.stdout)[0]["url"] == "http://127.0.0.1:4711/okta-webhooks-endpoint"


@pytest.mark.parametrize(
    ("host", "called"),
    [("0.0.0.0", "127.0.0.1"), ("::", "[::1]")],  # noqa: S104 - nothing is bound
)
def test_a_receiver_on_every_address_is_called_on_loopback(
    host: str, called: str, tmp_path: Path
) -> None:
    """The address that means "all of them" is one to listen on, not one to call."""
    done = run_okhook(
        "send-sample", "--dry-run", "--output", "json", home=tmp_path, env={"OKHOOK_HOST": host}
    )
    assert json_lines(done.stdout)[0]["url"] == f"http://{called}:1337/okta-webhooks-endpoint"


def test_several_receivers_need_to(tmp_path: Path) -> None:
    """The error lists them."""
    run_files = RunDirectory(tmp_path / "state" / "run")
    with run_files.own("receiver-1") as one, run_files.own("receiver-2") as two:
        one.write(ReceiverRun("http://127.0.0.1:1/a", 1))
        two.write(ReceiverRun("http://127.0.0.1:2/b", 2))
        done = run_okhook("send-sample", "--dry-run", home=tmp_path)
    assert done.returncode == 2
    assert "http://127.0.0.1:1/a\n  http://127.0.0.1:2/b\n→ choose one with --to" in done.stderr


def test_a_refusal_is_shown_with_the_answer_made_harmless(tmp_path: Path) -> None:
    """Status and body are shown; what is in the body steers no terminal; exit 1."""
    body = b"no such\x1b[2J hook\n[bold]x[/bold] \xe2\x80\xae"
    with answering_server(lambda _: answer(404, body)) as server:
        done = run_okhook("send-sample", "--to", server.url, home=tmp_path)
    assert done.returncode == 1
    first, *rest = done.stdout.splitlines()
    assert first.startswith("404 Not Found  ")
    assert rest == ["  no such\\x1b[2J hook", "  [bold]x[/bold] \\u202e"]
    assert "1 of 1 delivery was not accepted\n  404: 1\n→ check the path in --to" in done.stderr


def test_beside_up_no_secret_is_needed_field_21(tmp_path: Path) -> None:
    """Its receiver uses the secret that it made; one that is given is tested all the same."""
    with running_okhook("up", "--sandbox", "--port", "0", "--output", "json", home=tmp_path) as up:
        url = up.wait_for_json("ready")["receiver_url"]
        up.wait_for_json("delivery")
        for to in ((), ("--to", url.replace("127.0.0.1", "localhost"))):
            done = run_okhook(
                "send-sample", "--event", "group.lifecycle.create", *to, home=tmp_path
            )
            assert done.returncode == 0, done.stderr
        env = {"OKHOOK_AUTH_SECRET": "wrong"}
        refused = run_okhook("send-sample", home=tmp_path, env=env)
        up.wait_for_json("refused")
    types = [e["event_type"] for d in of_type(up.json_lines(), "delivery") for e in d["events"]]
    assert types.count("group.lifecycle.create") == 2
    assert refused.returncode == 1
    assert "401" in refused.stderr
    assert "unset the secret: a receiver on this machine then uses its own" in refused.stderr


def test_the_url_of_the_tunnel_needs_no_secret_field_21(tmp_path: Path) -> None:
    """The receiver sends the sample there itself; why it cannot is shown."""

    def elsewhere(asked: Asked) -> bytes:
        secrets.append(asked.header("authorization"))
        return answer(202)

    secrets: list[str | None] = []
    with receiver(home=tmp_path, secret="made-by-up") as it, answering_server(elsewhere) as tunnel:
        port, path = urlsplit(it.url).port or 0, urlsplit(it.url).path
        with RunDirectory(tmp_path / "state" / "run").own(TunnelRun.name(port)) as run_file:
            run_file.write(TunnelRun(port=port, path=path, webhook_url=tunnel.url))
            done = run_okhook("send-sample", "--to", tunnel.url, home=tmp_path)
            gone = f"http://127.0.0.1:{free_port()}/hook"
            run_file.write(TunnelRun(port=port, path=path, webhook_url=gone))
            lost = run_okhook("send-sample", "--to", gone, home=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("202 Accepted")
    assert secrets == ["made-by-up"]
    assert lost.returncode == 1
    assert "Connection refused" in lost.stdout
    assert "made-by-up" not in done.stdout + done.stderr + lost.stdout + lost.stderr


def test_the_control_socket_of_serve_is_as_fast_a_server_field_21(tmp_path: Path) -> None:
    """It works with uvloop, and with many at a time."""
    env = {"OKHOOK_AUTH_SECRET": "the-secret-of-serve"}
    with running_okhook("serve", "--port", "0", "--output", "json", home=tmp_path, env=env) as it:
        it.wait_for_json("ready")
        done = run_okhook("send-sample", "--count", "40", "--concurrency", "8", home=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "204: 40" in done.stdout


def test_a_wrong_secret_of_okhook_up_suggests_trigger(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where there is no control socket, the command in the error works when pasted."""

    def no_socket(path: Path) -> None:
        raise OSError

    monkeypatch.setattr("okhook.receiver.control_socket.private_socket", no_socket)
    env = {"OKHOOK_AUTH_SECRET": "made-by-up", "OKHOOK_ORG": "sandbox"}
    with (
        sandbox_org(home=tmp_path) as org,
        receiver(home=tmp_path, secret="made-by-up") as running,
        RunDirectory(tmp_path / "state" / "run").own(UpRun.name("test")) as run_file,
    ):
        run_file.write(UpRun(org.url, None))
        registered = run_okhook("register", "--url", running.url, home=tmp_path, env=env)
        assert registered.returncode == 0, registered.stderr
        done = run_okhook("send-sample", home=tmp_path)
        [command] = re.findall(r"`okhook (trigger [^`]+)`", done.stderr)
        triggered = run_okhook(*command.split(), home=tmp_path)
    assert done.returncode == 1
    assert "or pass --auth-secret-file" not in done.stderr
    assert "set OKHOOK_AUTH_SECRET for okhook up and for this command" in done.stderr
    assert triggered.returncode == 0, triggered.stderr


def test_a_5xx_is_tried_twice_and_fails(tmp_path: Path) -> None:
    """Two attempts are told, in text and as JSON."""
    with answering_server(lambda _: answer(503)) as server:
        text = run_okhook("send-sample", "--to", server.url, home=tmp_path)
        lines = run_okhook("send-sample", "--to", server.url, "--output", "json", home=tmp_path)
    assert (text.returncode, lines.returncode) == (1, 1)
    assert "503 Service Unavailable" in text.stdout
    assert "2 attempts" in text.stdout
    sent, summary, error = json_lines(lines.stdout)
    assert (sent["type"], sent["status"], sent["attempts"]) == ("sent", 503, 2)
    assert (summary["type"], summary["failed"], summary["statuses"]) == ("summary", 1, {"503": 1})
    assert (error["type"], error["exit_code"]) == ("error", 1)
    assert len(server.asked) == 4


def test_many_deliveries_are_summed_up(tmp_path: Path) -> None:
    """Ten failures at most are shown; rate, percentiles and statuses come last."""
    with answering_server(lambda asked: answer(204 if b"4" in asked.body[-90:] else 400)) as server:
        done = run_okhook(
            "send-sample", "--to", server.url, "--count", "200", "--concurrency", "8", home=tmp_path
        )
    assert len(server.asked) == 200
    assert len({parse_delivery(asked.body).event_id for asked in server.asked}) == 200
    *lines, summary = done.stdout.splitlines()
    assert len(lines) <= 10
    assert all(line.startswith("400 ") for line in lines)
    assert re.fullmatch(
        r"200 sent in \d+\.\d\d s  \d+/s  p50 \d+\.\d ms  p99 \d+\.\d ms  (\d{3}: \d+(, )?)+",
        summary,
    )


def test_a_bar_is_for_a_terminal_alone(tmp_path: Path) -> None:
    """On a terminal the bar moves on stderr and is gone at the end; in a pipe there is none."""
    arguments = ("send-sample", "--count", "30")
    with answering_server(accept) as server:
        leader, follower = pty.openpty()
        shown = bytearray()
        with subprocess.Popen(
            [sys.executable, "-m", "okhook", *arguments, "--to", server.url],
            env=environment(tmp_path, {"TERM": "xterm", "COLUMNS": "100"}),
            cwd=tmp_path,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=follower,
        ) as process:
            os.close(follower)
            try:
                while part := os.read(leader, 4096):
                    shown += part
            except OSError:  # the terminal's other end is closed
                pass
            assert process.stdout is not None
            on_stdout = process.stdout.read()
        os.close(leader)
        piped = run_okhook(*arguments, "--to", server.url, home=tmp_path)
    assert process.returncode == 0
    assert b"30/30" in shown
    assert b"sending" not in on_stdout
    assert on_stdout.startswith(b"30 sent in ")
    assert (piped.returncode, piped.stderr) == (0, "")


def test_ctrl_c_sums_up_what_was_sent(tmp_path: Path) -> None:
    """Interrupted amid many: the summary of those sent, and exit 130."""
    numbers = iter(range(1_000_000))

    def third_hangs(_: Asked) -> bytes:
        return answer(204) if next(numbers) < 3 else SILENCE

    arguments = ("send-sample", "--count", "100", "--output", "json")
    with (
        answering_server(third_hangs) as server,
        running_okhook(*arguments, "--to", server.url, home=tmp_path) as sending,
    ):
        sending.wait_for_json("sent", lambda _: len(sending.lines) >= 3)
        sending.send(signal.SIGINT)
        assert sending.wait() == 130
        lines = sending.json_lines()
    assert lines[-1]["type"] == "summary"
    assert lines[-1]["sent"] == 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--set", "a.b"), "--set a.b: expected FIELD=VALUE"),
        (("--set", "eventId.x=1"), "--set eventId.x: eventId is a string, not an object"),
        (("--set", "data.events[7].x=1"), "data.events has no [7] (size 1)"),
        (("--to", "localhost:1337/x"), "invalid --to value 'localhost:1337/x': expected a URL"),
        (("--to", "http://u:p@localhost/x"), "--to contains a user name or a password"),
        (("--to", "http://localhost:99999/"), "invalid --to value 'http://localhost:99999/'"),
        (("--file", "absent.json"), "could not read absent.json"),
        (("--file", "/dev/zero"), "/dev/zero is larger than 64 MiB"),
        (
            ("--file", "-", "--event", "x", "--events", "2"),
            "--file cannot be used with --event, --events",
        ),
        (("--file", "-", "--set", "a=1"), "--set cannot change the payload: it is not JSON"),
        (("--auth-secret", ""), "--auth-secret is empty"),
    ],
)
def test_wrong_values_are_refused(arguments: tuple[str, ...], message: str, tmp_path: Path) -> None:
    """Exit 2, the flag named, and nothing sent."""
    with answering_server(accept) as server:
        done = run_okhook("send-sample", *arguments, home=tmp_path, env={"OKHOOK_TO": server.url})
    assert done.returncode == 2, done.stderr
    assert message in done.stderr
    assert server.asked == []


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="needs Linux's /proc")
def test_a_file_that_fails_while_it_is_read_is_named_field_10(tmp_path: Path) -> None:
    """It opens, and its first read fails: an error in words, exit 2."""
    file = "/proc/self/mem"
    done = run_okhook("send-sample", "--to", "http://127.0.0.1:1/", "--file", file, home=tmp_path)
    assert (done.returncode, "could not read /proc/self/mem" in done.stderr) == (2, True)


def test_an_unknown_type_is_a_warning_with_what_is_near(tmp_path: Path) -> None:
    """It is sent all the same."""
    with answering_server(accept) as server:
        done = run_okhook(
            "send-sample", "--to", server.url, "--event", "user.lifecyle.create", home=tmp_path
        )
    assert done.returncode == 0
    assert "warning: event hooks do not support user.lifecyle.create" in done.stderr
    assert "did you mean user.lifecycle.create" in done.stderr
    assert parse_delivery(server.asked[0].body).events[0].event_type == "user.lifecyle.create"


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("user.session.", [t for t in sorted(eligible()) if t.startswith("user.session.")]),
        ("user.lifecycle.cr", ["user.lifecycle.create"]),
        ("", sorted(eligible())),
    ],
)
def test_event_types_complete_in_the_shell(typed: str, offered: list[str], tmp_path: Path) -> None:
    """Bash is offered the types that begin so."""
    assert _completions(typed, tmp_path) == offered


def _completions(typed: str, home: Path) -> list[str]:
    """Ask as bash does: the variable of the completion is named after the program."""
    asked = {
        "_OKHOOK_COMPLETE": "complete_bash",
        "COMP_WORDS": f"okhook send-sample --event {typed}",
        "COMP_CWORD": "3",
    }
    done = run_okhook(home=home, env=asked)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()
