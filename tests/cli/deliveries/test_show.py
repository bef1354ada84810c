"""``okhook deliveries show`` as a process: in words, as JSON, as bytes, and as a command."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.history import (
    CREATED,
    FAILED,
    HOSTILE,
    MALFORMED,
    PENDING,
    REFUSED,
    REPEATED,
    fill_store,
)
from tests.cli.keeping import keep
from tests.cli.terminal import on_terminal
from tests.support.answering import answer, answering_server
from tests.support.found import APP
from tests.support.in_process import run_okhook
from tests.support.okhook_process import environment
from tests.support.records import delivery_body, event


@pytest.mark.parametrize("named", ["1", "event-1", "uuid-1"])
def test_a_delivery_is_found_by_number_event_id_and_uuid(looked_back_at: Path, named: str) -> None:
    """All three find the first delivery, not its duplicate."""
    done = run_okhook("deliveries", "show", named, "--output", "json", home=looked_back_at)
    (line,) = map(json.loads, done.stdout.splitlines())
    assert (line["type"], line["seq"], line["duplicates"]) == ("record", CREATED, [REPEATED])
    assert line["body"] == json.loads(delivery_body("event-1", event("uuid-1")))
    assert [each["status"] for each in line["attempts"]] == [500, 204]
    assert done.stderr == ""


def test_text_output_shows_the_whole_delivery(looked_back_at: Path) -> None:
    """It contains no secret and no control characters."""
    done = run_okhook("deliveries", "show", str(PENDING), home=looked_back_at)
    assert done.returncode == 0
    for expected in (
        "  eventId   event-7",
        "  Hookdeck  https://dashboard.hookdeck.com/events/evt_7",
        "  x-api-key: [hidden]",
        "  actor     Ada Admin (admin@example.com, 00uadmin)  User",
        '  "eventId": "event-7",',
    ):
        assert expected in done.stdout.splitlines()
    assert "k3y" not in done.stdout
    assert HOSTILE.splitlines()[0] not in done.stdout
    assert all(line.isprintable() for line in done.stdout.splitlines())


def test_an_attempt_shows_the_answer_of_the_app(looked_back_at: Path) -> None:
    """The answer is on the lines below the attempt."""
    lines = run_okhook("deliveries", "show", "event-3", home=looked_back_at).stdout.splitlines()
    assert f"{APP}  failed: okhook replay {FAILED} --to {APP}" in lines
    assert "       KeyError: 'x'" in lines


def test_raw_prints_the_body_byte_for_byte(looked_back_at: Path) -> None:
    """Nothing is added, and nothing is lost."""
    done = subprocess.run(
        [sys.executable, "-m", "okhook", "deliveries", "show", "event-7", "--raw"],
        env=environment(looked_back_at),
        capture_output=True,
        check=True,
    )
    hostile = event("uuid-7")
    hostile["target"][0]["displayName"] = HOSTILE
    hostile["target"].append({"type": "User", "id": "00ueve", "alternateId": HOSTILE})
    assert done.stdout == delivery_body("event-7", hostile)


def test_raw_refuses_control_characters_on_a_terminal(tmp_path: Path) -> None:
    """Such a body can still be written to a file."""
    fill_store(tmp_path)
    seq = keep(tmp_path, b"\x1b[2Jboo")
    run_okhook("deliveries", "list", home=tmp_path)
    assert on_terminal("deliveries", "show", str(seq), "--raw", home=tmp_path, columns=80) == (
        2,
        "",
    )
    shown = on_terminal("deliveries", "show", str(MALFORMED), "--raw", home=tmp_path, columns=80)
    assert shown == (0, '{"login": "jane"')


def test_the_curl_command_repeats_the_request(looked_back_at: Path) -> None:
    """It runs unchanged, with the secret from the environment."""
    with answering_server(lambda _: answer(204)) as server:
        shown = run_okhook(
            "deliveries", "show", "1", "--curl", "--to", server.url, home=looked_back_at
        )
        subprocess.run(
            ["sh", "-c", shown.stdout],
            env={"PATH": "/usr/bin:/bin", "OKHOOK_AUTH_SECRET": "s3cret"},
            capture_output=True,
            check=True,
        )
        (asked,) = server.asked
    assert asked.body == delivery_body("event-1", event("uuid-1"))
    assert asked.header("authorization") == "s3cret"


def test_the_curl_command_uses_the_url_of_the_app(looked_back_at: Path) -> None:
    """Without --to, that is the app that got the delivery, or else the receiver."""
    shown = run_okhook("deliveries", "show", "1", "--curl", "--output", "json", home=looked_back_at)
    line = json.loads(shown.stdout)
    assert line["type"] == "curl"
    assert line["command"].startswith(f"curl -X POST {APP} ")
    shown = run_okhook("deliveries", "show", str(PENDING), "--curl", home=looked_back_at)
    assert shown.stdout.startswith("curl -X POST http://127.0.0.1:1337/okta-webhooks-endpoint ")


def test_a_refused_request_is_shown_without_a_body(looked_back_at: Path) -> None:
    """The rest of the request is shown."""
    lines = run_okhook("deliveries", "show", str(REFUSED), home=looked_back_at).stdout.splitlines()
    assert lines[0].startswith("5  refused  401")
    assert "  answered  401  the secret is missing" in lines


@pytest.mark.parametrize(
    ("arguments", "code", "named"),
    [
        (["99"], 1, "delivery 99 was not found"),
        (["no-such-event"], 1, "delivery no-such-event was not found"),
        (["1", "--raw", "--curl"], 2, "--raw and --curl"),
        (["1", "--to", "http://localhost:1/"], 2, "--to needs --curl"),
        (["1", "--curl", "--to", "localhost"], 2, "invalid --to value 'localhost': expected a URL"),
    ],
)
def test_invalid_ids_and_flags_are_refused(
    looked_back_at: Path, arguments: list[str], code: int, named: str
) -> None:
    """The error says what was not found, or which flags conflict."""
    done = run_okhook("deliveries", "show", *arguments, home=looked_back_at)
    assert (done.returncode, done.stdout) == (code, "")
    assert named in done.stderr


def test_a_list_fits_a_narrow_terminal(looked_back_at: Path) -> None:
    """On fifty columns each record is one line below the head row, in colour."""
    code, written = on_terminal("deliveries", "list", home=looked_back_at, columns=50)
    lines = [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in written.splitlines()]
    assert code == 0
    assert "\x1b[" in written
    assert [line.split()[0] for line in lines] == ["#", "7", "5", "4", "3", "2", "1"]
    assert max(map(len, lines)) <= 50
