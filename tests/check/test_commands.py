"""The commands and URLs of --observe and --restart: what they are given, and what they give."""

import os
import re
from collections.abc import Awaitable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import okhook.check.commands
from okhook.check.commands import (
    CommandObserver,
    command_restart,
    count_in,
    url_observer,
)
from okhook.check.observing import CannotObserve, observed
from okhook.check.sending import CannotRestart
from okhook.http.client import HttpClient
from tests.support.answering import Asked, answer, answering_server
from tests.support.ports import free_port
from tests.support.processes import processes_at_home_in
from tests.support.waiting import wait_until
from tests.testing.examples import PAGE

UUID = "b5a188b9-5ece-4636-b041-482ffda96311"


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("1\n", 1),
        (" 12 ", 12),
        ('{"count": 3, "more": []}', 3),
        ("", None),
        ("-1", None),
        ('{"count": true}', None),
        ('{"count": "1"}', None),
        ("[1]", None),
        ("processed 1 time", None),
        ("[" * 100_000, None),
    ],
)
def test_a_count_is_a_number_alone_or_in_json(text: str, count: int | None) -> None:
    """Anything else is no count: a page that says 1 somewhere is none."""
    assert count_in(text) == count


@settings(max_examples=30)
@given(st.text(st.sampled_from('0123456789 {}"count:-.\n[]\x00٣')))
def test_any_text_is_a_count_or_none(text: str) -> None:
    """What an app answers never breaks the run."""
    count = count_in(text)
    assert count is None or count >= 0


async def fault_of(count: Awaitable[int]) -> str:
    with pytest.raises(CannotObserve) as caught:
        await count
    return str(caught.value)


@pytest.mark.anyio
async def test_a_command_gets_the_uuid_and_no_secret() -> None:
    """It is the user's own, and may be logged by what it calls."""
    environ = {**os.environ, "OKHOOK_AUTH_SECRET": "s3cret", "OKTA_API_TOKEN": "00token"}
    observe = CommandObserver(
        '[ "$OKHOOK_EVENT_UUID" = ' + UUID + " ] && env | grep -c -e s3cret -e 00token", environ
    )
    assert await observe(UUID) == 0  # and grep's exit code, which is 1, does not matter


@pytest.mark.anyio
async def test_the_command_of_the_manual_counts_before_there_is_a_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is asked first for an event that was never sent: the app may have written nothing yet."""
    monkeypatch.chdir(tmp_path)
    found = re.search(r"--observe '(.*done\.log.*)'", PAGE.read_text(encoding="utf-8"))
    assert found is not None
    observe = CommandObserver(found[1], os.environ)
    assert await observe(UUID) == 0
    (tmp_path / "done.log").write_text(f"{UUID}\n" * 2, encoding="utf-8")
    assert await observe(UUID) == 2


@pytest.mark.anyio
async def test_a_command_that_writes_no_number_is_named_with_what_it_said() -> None:
    """A mistake in the command is not the app's."""
    observe = CommandObserver("echo 'no such \x1b[2Jtable' >&2; exit 3", os.environ)
    said = await fault_of(observe(UUID))
    assert said == r"--observe wrote no number (exit code 3): no such \x1b[2Jtable"


@pytest.mark.anyio
async def test_a_command_that_hangs_is_ended(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """With what it started."""
    monkeypatch.setattr(okhook.check.commands, "_ASK_S", 0.2)
    environ = {**os.environ, "HOME": str(tmp_path)}
    said = await fault_of(CommandObserver("sleep 60 & sleep 60", environ)(UUID))
    assert said == "--observe took longer than 0.2 s"
    wait_until(lambda: not processes_at_home_in(tmp_path))


@pytest.mark.anyio
async def test_what_a_command_leaves_in_the_background_is_ended(tmp_path: Path) -> None:
    """It is asked many times: what stays would pile up."""
    environ = {**os.environ, "HOME": str(tmp_path)}
    assert await CommandObserver("(trap '' INT TERM; sleep 60) & echo 2", environ)(UUID) == 2
    wait_until(lambda: not processes_at_home_in(tmp_path))


@pytest.mark.anyio
@pytest.mark.parametrize("command", ["yes", "yes & wait"])
async def test_a_command_that_does_not_stop_writing_is_ended(command: str, tmp_path: Path) -> None:
    """It would fill the memory or the disk until its time is over."""
    environ = {**os.environ, "HOME": str(tmp_path)}
    said = await fault_of(CommandObserver(command, environ)(UUID))
    assert said == "--observe wrote more than 64 KiB: expected a number alone"
    wait_until(lambda: not processes_at_home_in(tmp_path))


@pytest.mark.anyio
async def test_a_url_gets_the_uuid_and_404_is_none() -> None:
    """An app that does not know the event answers 404 by itself."""

    def count(asked: Asked) -> bytes:
        known = {f"/hook/{UUID}": answer(200, b'{"count": 2}'), "/hook/x": answer(500, b"oh\x07")}
        if asked.target == "/hook/z":
            return answer(401, b"who?")
        return known.get(asked.target, answer(404, b"0 of 7"))

    with answering_server(count) as server:
        async with HttpClient() as http:
            observe = url_observer(f"{server.url}/{{uuid}}", http)
            assert (await observe(UUID), await observe("y")) == (2, 0)
            said, refused = await fault_of(observe("x")), await fault_of(observe("z"))
    assert said == r"the URL of --observe gave no number: HTTP 500, oh\x07"
    assert refused.endswith("HTTP 401, who?; okhook sends it no secret")


@pytest.mark.anyio
async def test_a_late_duplicate_is_seen_and_a_late_event_waited_for() -> None:
    """An app works in the background: the first number is not the last."""
    answers = {"late": iter([0, 0, 1, 1, 1]), "twice": iter([1, 2, 2, 2])}

    async def observe(uuid: str) -> int:
        return next(answers[uuid])

    assert await observed(observe, {"late": 1, "twice": 1}, 5.0) == {"late": 1, "twice": 2}


@pytest.mark.anyio
async def test_a_restart_waits_for_the_app_and_leaves_it_running(tmp_path: Path) -> None:
    """The app is started in the background of a command that ends."""
    port = free_port()
    serve = f"cd {tmp_path} && exec python3 -m http.server --bind 127.0.0.1 {port}"
    pid = tmp_path / "pid"
    async with HttpClient() as http:
        url = f"http://127.0.0.1:{port}/hook"
        command = f"({serve}) >/dev/null 2>&1 & echo $! >{pid}"
        await command_restart(command, os.environ, url, http)()
        assert (await http.send("GET", url)).status == 404
    os.kill(int(pid.read_text()), 15)


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("command", "why", "fix"),
    [
        ("echo 'no such unit' >&2; exit 5", "ended with exit code 5: no such unit", "by hand"),
        ("exit 1", "--restart 'exit 1' ended with exit code 1, and wrote nothing", "by hand"),
        ("true", "--restart true ended well, but http://.* did not answer within", "log of the"),
        ("sleep 60", "--restart 'sleep 60' did not end within", "in the background"),
        ("yes", "--restart yes wrote more than 16 MiB", ">app.log"),
    ],
)
async def test_a_restart_that_fails_names_the_command_and_says_why(
    command: str, why: str, fix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The app is down then, and the person has to know the reason and what to do."""
    monkeypatch.setattr(okhook.check.commands, "_BACK_S", 0.2)
    if command == "sleep 60":
        monkeypatch.setattr(okhook.check.commands, "_RESTART_S", 0.3)
    async with HttpClient() as http:
        restart = command_restart(command, os.environ, f"http://127.0.0.1:{free_port()}/", http)
        with pytest.raises(CannotRestart, match=why) as caught:
            await restart()
    assert fix in caught.value.fix
