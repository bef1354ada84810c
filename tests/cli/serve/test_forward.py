"""Forwarding as a process: ``serve`` and ``up`` with an app behind them."""

import signal
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.support.answering import answer, answering_server
from tests.support.in_process import run_okhook
from tests.support.okhook_process import JsonLine, OkhookProcess, running_okhook
from tests.support.ports import free_port
from tests.support.records import delivery_body, event

SERVE = ("serve", "--port", "0")
JSON = ("--output", "json")


def url_of(serve: OkhookProcess) -> str:
    return str(serve.wait_for_json("ready")["url"])


def send(url: str, *names: str) -> None:
    for name in names:
        body = delivery_body(name, event(f"uuid-{name}"))
        assert httpx.post(url, content=body, trust_env=False).status_code == 204


def is_done(seq: int) -> Callable[[JsonLine], bool]:
    return lambda line: bool(line["seq"] == seq and line["state"] == "done")


def test_the_app_gets_the_bytes_as_received(tmp_path: Path) -> None:
    """Bytes and headers go on; each attempt is a line."""
    with (
        answering_server(lambda _: answer(204)) as app,
        running_okhook(*SERVE, *JSON, "--forward-to", app.url, home=tmp_path) as serve,
    ):
        url = url_of(serve)
        body = delivery_body("event-1")
        httpx.post(url, content=body, headers={"X-Okta-Request-Id": "r1"}, trust_env=False)
        line = serve.wait_for_json("forward")
        assert (line["seq"], line["status"], line["state"]) == (1, 204, "done")
    (asked,) = app.asked
    assert asked.body == body
    assert asked.header("x-okta-request-id") == "r1"
    assert (asked.header("x-okhook-delivery"), asked.header("x-okhook-attempt")) == ("1", "1")


def test_a_repeated_delivery_is_forwarded_again_field_01(tmp_path: Path) -> None:
    """Preview in the Admin Console sends the same delivery each time, and the app gets each."""
    with (
        answering_server(lambda _: answer(204)) as app,
        running_okhook(*SERVE, *JSON, "--forward-to", app.url, home=tmp_path) as serve,
    ):
        send(url_of(serve), "a", "a")
        serve.wait_for_json("forward", is_done(2))
        listed = run_okhook("deliveries", "list", "--status", "duplicate", home=tmp_path).stdout
    first, second = app.asked
    assert first.body == second.body
    assert first.header("x-okhook-duplicate-of") is None
    assert second.header("x-okhook-duplicate-of") == "1"
    assert "forwarded" in listed


@pytest.mark.parametrize("as_flag", [True, False], ids=["flag", "file"])
def test_skip_duplicates_leaves_them_out_field_01(tmp_path: Path, as_flag: bool) -> None:
    """As a flag and as a setting, for those who use okhook as their inbox."""
    if not as_flag:
        (tmp_path / "okhook.toml").write_text("skip_duplicates = true\n")
    flags = ("--skip-duplicates",) if as_flag else ()
    with (
        answering_server(lambda _: answer(204)) as app,
        running_okhook(*SERVE, *JSON, "--forward-to", app.url, *flags, home=tmp_path) as serve,
    ):
        send(url_of(serve), "a", "a", "b")
        serve.wait_for_json("forward", is_done(3))
        assert [asked.header("x-okhook-delivery") for asked in app.asked] == ["1", "3"]


def test_an_app_that_is_down_is_a_state_and_gets_everything_later(tmp_path: Path) -> None:
    """One line when it goes, one when it is back, and all of it in order, across a restart."""
    port = free_port()
    to = ("--forward-to", f"http://127.0.0.1:{port}/hook")
    with running_okhook(*SERVE, *JSON, *to, home=tmp_path) as serve:
        send(url_of(serve), "a", "b", "c")
        serve.wait_for_json("target_down")
        serve.wait_for_json("delivery", lambda line: line["event_id"] == "c")
        serve.send(signal.SIGKILL)
        serve.wait()
        assert sum(line["type"] == "target_down" for line in serve.json_lines()) == 1
    with running_okhook(*SERVE, *JSON, *to, home=tmp_path) as again:
        left = again.wait_for_json("forward_backlog")
        assert left["pending"] + left["waiting"] == 3
        with answering_server(lambda _: answer(200), port=port) as app:
            for seq in (1, 2, 3):
                again.wait_for_json("forward", is_done(seq))
            assert {asked.header("x-okhook-delivery") for asked in app.asked} == {"1", "2", "3"}


def test_an_app_that_fails_gets_it_again_and_then_it_is_given_up(tmp_path: Path) -> None:
    """After its retries a delivery is failed, listed, and the screen says how to send it."""
    with (
        answering_server(lambda _: answer(500, b"boom")) as app,
        running_okhook(*SERVE, "--retries", "1", "--forward-to", app.url, home=tmp_path) as serve,
    ):
        url = serve.wait_for_line(lambda line: line.startswith("Receiving at")).split()[-1]
        send(url, "a")
        serve.wait_for_line(lambda line: "500" in line and "retrying in" in line)
        serve.wait_for_line(lambda line: "gave up after 2 attempts: okhook replay 1" in line)
        listed = run_okhook("deliveries", "list", "--status", "failed", home=tmp_path).stdout
    assert "user.lifecycle.create" in listed


def test_the_receiver_itself_is_no_app(tmp_path: Path) -> None:
    """A circle would never end; it is refused before the port is opened."""
    port = free_port()
    to = f"http://localhost:{port}/okta-webhooks-endpoint"
    done = run_okhook("serve", "--port", str(port), "--forward-to", to, home=tmp_path)
    assert done.returncode == 2
    assert "is the receiver itself" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--forward-to", "localhost:3000"), "invalid --forward-to value 'localhost:3000'"),
        (("--forward-to", "http://u:p@localhost:3000/"), "contains a user name"),
        (("--forward-to", "http://localhost:3000/", "--retries", "-1"), "invalid --retries value"),
        (
            ("--forward-to", "http://localhost:3000/", "--concurrency", "0"),
            "invalid --concurrency value",
        ),
    ],
)
def test_what_cannot_be_meant_is_exit_2(
    tmp_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    """The flag is named, and nothing starts."""
    done = run_okhook("serve", "--port", "0", *arguments, home=tmp_path)
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)
    assert words in done.stderr


def test_up_forwards_as_well(tmp_path: Path) -> None:
    """The sandbox's event reaches the app; the canary, which is no event, does not."""
    with (
        answering_server(lambda _: answer(204)) as app,
        running_okhook(
            "up", "--sandbox", "--port", "0", *JSON, "--forward-to", app.url, home=tmp_path
        ) as up,
    ):
        line = up.wait_for_json("forward")
        assert line["state"] == "done"
        assert b"user.lifecycle.create" in app.asked[0].body
        assert not any(b"okhook.canary" in asked.body for asked in app.asked)
