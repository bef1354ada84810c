"""``okhook replay`` as a process: what goes out, what is noted, and what is refused before."""

import json
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from okhook.records.attempt import ForwardState
from okhook.records.record import RecordKind
from tests.cli.history import (
    CREATED,
    FAILED,
    MALFORMED,
    PENDING,
    REFUSED,
    REPEATED,
    VERIFICATION,
    fill_store,
)
from tests.cli.keeping import keep, keep_attempt
from tests.support.answering import AnsweringServer, Asked, answer, answering_server
from tests.support.found import APP, attempt, forward
from tests.support.in_process import run_okhook
from tests.support.ports import free_port
from tests.support.receiver import receiver
from tests.support.records import delivery_body, event


@pytest.fixture
def home(tmp_path: Path) -> Path:
    fill_store(tmp_path)
    return tmp_path


def taking(asked: Asked) -> bytes:
    del asked
    return answer(204)


def lines_of(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def deliveries(app: AnsweringServer) -> list[str | None]:
    return [asked.header("x-okhook-delivery") for asked in app.asked]


def test_a_duplicate_that_failed_is_sent_again_with_the_others_field_01(home: Path) -> None:
    """It is forwarded like any other, so it can fail like any other."""
    keep_attempt(home, attempt(1, 400, seq=REPEATED), forward(REPEATED, ForwardState.FAILED))
    with answering_server(taking) as app:
        run_okhook("replay", "--status", "failed", "--to", app.url, home=home)
    assert deliveries(app) == [str(REPEATED), str(FAILED)]
    assert app.asked[0].header("x-okhook-duplicate-of") == str(CREATED)


def test_a_delivery_goes_out_byte_by_byte_and_is_noted(home: Path) -> None:
    """The app gets the bytes, Okta's headers and ours; `show` has the attempt and its answer."""
    with answering_server(lambda _: answer(200, b"thanks", "Content-Type: text/plain")) as app:
        done = run_okhook(
            "replay",
            "event-1",
            "--to",
            app.url,
            "--output",
            "json",
            home=home,
            env={"OKHOOK_AUTH_SECRET": "s3cret"},
        )
    assert done.returncode == 0, done.stderr
    (asked,) = app.asked
    assert asked.body == delivery_body("event-1", event("uuid-1"))
    assert asked.header("x-okhook-delivery") == str(CREATED)
    assert asked.header("authorization") == "s3cret"
    replayed, summary = lines_of(done.stdout)
    assert (replayed["type"], replayed["status"], replayed["body"]) == ("replay", 200, "thanks")
    assert (summary["type"], summary["ok"], summary["failed"]) == ("replay_summary", 1, 0)
    shown = lines_of(run_okhook("deliveries", "show", "1", "--output", "json", home=home).stdout)
    last = shown[0]["attempts"][-1]
    assert (last["purpose"], last["target"], last["answer"]) == ("replay", app.url, "thanks")
    assert "s3cret" not in done.stdout + done.stderr


def test_an_app_gets_cloudevents_and_the_command_that_is_shown_sends_them_again(
    home: Path,
) -> None:
    """The format is a part of the target's name, so it is in every command that is printed."""
    with answering_server(lambda _: answer(400)) as app:
        format_ = ("--forward-format", "cloudevents")
        done = run_okhook("replay", str(CREATED), "--to", app.url, *format_, home=home)
        assert done.returncode == 1
        shown = run_okhook("deliveries", "show", str(CREATED), home=home).stdout
        assert f"{app.url}#cloudevents" in shown
        app.answering = taking
        again = run_okhook("replay", str(CREATED), "--to", f"{app.url}#cloudevents", home=home)
        assert again.returncode == 0
    curl = run_okhook("deliveries", "show", str(CREATED), "--curl", home=home).stdout
    assert (APP in curl, app.url in curl) == (True, False)  # it sends what Okta sent
    kinds = [asked.header("content-type") for asked in app.asked]
    assert kinds == ["application/cloudevents+json; charset=UTF-8"] * 2
    assert [json.loads(asked.body)["id"] for asked in app.asked] == ["uuid-1", "uuid-1"]


def test_failed_ones_go_to_where_they_failed_and_count_as_forwarded_then(tmp_path: Path) -> None:
    """`--status failed` needs no URL, and leaves none behind."""
    port = free_port()
    url = f"http://127.0.0.1:{port}/hook"
    fill_store_for(tmp_path, url)
    with answering_server(taking, port=port) as app:
        done = run_okhook("replay", "--status", "failed", home=tmp_path)
        assert done.returncode == 0, done.stderr
        assert deliveries(app) == [str(FAILED)]
    again = run_okhook("replay", "--status", "failed", home=tmp_path)
    assert (again.returncode, "no deliveries match" in again.stderr) == (1, True)
    listed = run_okhook(
        "deliveries", "list", "--status", "forwarded", "--output", "json", home=tmp_path
    )
    assert FAILED in [line["seq"] for line in lines_of(listed.stdout)]


def fill_store_for(home: Path, url: str) -> None:
    """Fill a store whose target is ``url`` instead of the one that nobody listens on."""
    import sqlite3
    from contextlib import closing

    fill_store(home)
    with closing(sqlite3.connect(home / "state" / "store.db")) as connection:
        connection.execute("UPDATE target SET url = ? WHERE url = ?", (url, APP))
        connection.commit()


def test_a_filter_sends_oldest_first_and_no_repetitions(home: Path) -> None:
    """What list would show, less what is no delivery and what was there before."""
    with answering_server(taking) as app:
        done = run_okhook("replay", "--user", "00ujane", "--to", app.url, home=home)
    assert done.returncode == 0, done.stderr
    assert deliveries(app) == [str(CREATED), str(FAILED), str(PENDING)]
    assert "3 sent in" in done.stdout


def test_set_changes_what_goes_out_and_nothing_that_is_kept(home: Path) -> None:
    """A changed replay is an attempt of its own kind, and settles nothing."""
    with answering_server(taking) as app:
        done = run_okhook(
            "replay",
            "1",
            "--to",
            app.url,
            "--set",
            "data.events[0].outcome.result=FAILURE",
            "--output",
            "json",
            home=home,
        )
    assert lines_of(done.stdout)[0]["changed"] is True
    sent = json.loads(app.asked[0].body)
    assert sent["data"]["events"][0]["outcome"] == {"result": "FAILURE"}
    raw = run_okhook("deliveries", "show", "1", "--raw", home=home).stdout
    assert raw.encode() == delivery_body("event-1", event("uuid-1"))


def test_a_field_that_set_adds_is_named_once(home: Path) -> None:
    """A mistyped field would look like a change of the app's behaviour."""
    done = run_okhook(
        *("replay", "--event", "user.lifecycle.create", "--dry-run", "--to", "http://127.0.0.1:9/"),
        *("--set", "data.events[0].outcome.reslt=FAILURE", "--set", "eventId=here"),
        home=home,
    )
    assert done.stdout.count("changed") > 1
    assert done.stderr == (
        "--set adds data.events[0].outcome.reslt, which was not there;"
        " did you mean data.events[0].outcome.result?\n"
    )


def test_an_editor_changes_it(home: Path) -> None:
    """What the editor leaves is what goes out."""
    script = home / "editor.sh"
    script.write_text('#!/bin/sh\necho \'{"edited": 1}\' > "$1"\n')
    script.chmod(0o755)
    with answering_server(taking) as app:
        done = run_okhook(
            "replay", "1", "--to", app.url, "--edit", home=home, env={"EDITOR": str(script)}
        )
    assert done.returncode == 0, done.stderr
    assert app.asked[0].body == b'{"edited":1}'


def test_an_editor_that_is_not_chosen_needs_a_terminal(home: Path) -> None:
    """An empty EDITOR chooses none; okhook opened vi, which waited for ever."""
    nowhere = ("--edit", "--to", "http://127.0.0.1:9/")
    done = run_okhook("replay", "1", *nowhere, home=home, env={"EDITOR": "", "VISUAL": ""})
    assert done.returncode == 2
    assert "--edit needs a terminal" in done.stderr


def test_an_export_can_be_sent_elsewhere(home: Path, tmp_path: Path) -> None:
    """Another machine needs the file alone: no store is opened, and the bytes are the same."""
    exported = run_okhook("deliveries", "export", "--status", "failed", home=home).stdout
    other = tmp_path / "other"
    with answering_server(taking) as app:
        done = run_okhook(
            "replay", "--file", "-", "--to", app.url, home=other, stdin=exported.encode()
        )
    assert done.returncode == 0, done.stderr
    expected = delivery_body("event-3", event("uuid-3", "group.user_membership.add"))
    assert [asked.body for asked in app.asked] == [expected]
    assert not (other / "state").exists()


def test_no_answer_is_one_attempt_and_exit_1(home: Path) -> None:
    """The rest is skipped if the first gets no answer."""
    to = f"http://127.0.0.1:{free_port()}/"
    done = run_okhook("replay", "--since", "2000-01-01", "--to", to, home=home)
    assert done.returncode == 1
    assert f"no response from {to}" in done.stderr
    shown = lines_of(run_okhook("deliveries", "show", "7", "--output", "json", home=home).stdout)
    assert shown[0]["attempts"] == []


def test_a_failed_replay_is_exit_1_and_changes_nothing(home: Path) -> None:
    """The delivery keeps its state."""
    with answering_server(lambda _: answer(500, b"boom")) as app:
        done = run_okhook("replay", "1", "7", "--to", app.url, home=home)
    assert done.returncode == 1
    assert "2 of 2 deliveries were not accepted" in done.stderr
    assert len(app.asked) == 2


def test_a_rate_is_kept(home: Path) -> None:
    """Three at ten a second take two tenths at least."""
    began = time.monotonic()
    with answering_server(taking) as app:
        run_okhook("replay", "1", "3", "7", "--to", app.url, "--rate", "10/s", home=home)
    assert time.monotonic() - began > 0.2
    assert len(app.asked) == 3


def test_a_dry_run_sends_nothing(home: Path) -> None:
    """It says what would go where."""
    with answering_server(taking) as app:
        done = run_okhook("replay", "1", "--to", app.url, "--dry-run", home=home)
    assert app.asked == []
    assert done.stdout == f"#1  user.lifecycle.create → {app.url}\n"


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ((), 2, "no deliveries selected"),
        (("1", "--status", "failed"), 2, "cannot be used together"),
        (("--file", "x.jsonl"), 2, "--file needs --to"),
        (("--file", "x.jsonl", "--to", "http://127.0.0.1:1/"), 2, "could not read x.jsonl"),
        (("999",), 1, "delivery 999 was not found"),
        ((str(REFUSED),), 2, "its body was not stored"),
        ((str(VERIFICATION),), 2, "not a delivery"),
        (("1", "--to", "ftp://x/"), 2, "invalid --to value 'ftp://x/'"),
        (("1", "--rate", "fast"), 2, "invalid --rate value 'fast'"),
        (("1", "--set", "nonsense"), 2, "--set"),
        ((str(MALFORMED), "--set", "a=1"), 2, "is not JSON"),
        (("1", "--since", "sometime"), 2, "cannot be used together"),
        (("--since", "sometime"), 2, "invalid --since value 'sometime'"),
    ],
)
def test_invalid_options_are_refused_before_anything_is_sent(
    home: Path, arguments: tuple[str, ...], code: int, words: str
) -> None:
    """The error names the flag."""
    done = run_okhook("replay", *arguments, home=home)
    assert (done.returncode, "Traceback" in done.stderr) == (code, False), done.stderr
    assert words in done.stderr


def test_without_a_known_app_it_needs_to(tmp_path: Path) -> None:
    """The error explains to pass --to."""
    keep(tmp_path, delivery_body(), RecordKind.DELIVERY)
    done = run_okhook("replay", "1", home=tmp_path)
    assert done.returncode == 2
    assert "pass the target with --to URL" in done.stderr


def test_a_replay_has_the_query_that_was_received_field_02(tmp_path: Path) -> None:
    """`deliveries show` and its curl command have it, too."""
    with receiver(home=tmp_path) as running:
        url = f"{running.url}?tenant=acme&env=dev"
        httpx.post(url, content=delivery_body(), trust_env=False)
        running.wait_for(1)
    with answering_server(taking) as app:
        assert run_okhook("replay", "1", "--to", app.url, home=tmp_path).returncode == 0
    assert app.asked[0].target == "/hook?tenant=acme&env=dev"
    shown = run_okhook("deliveries", "show", "1", home=tmp_path).stdout.splitlines()
    assert "POST /okta-webhooks-endpoint?tenant=acme&env=dev" in shown
    curl = run_okhook("deliveries", "show", "1", "--curl", home=tmp_path).stdout
    assert curl.startswith(f"curl -X POST '{app.url}?tenant=acme&env=dev' ")
