"""The Hookdeck CLI, its login, and its tunnels."""

import socket
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from okhook.config.setting import Setting
from okhook.doctor import checks_hookdeck
from okhook.doctor.check import Finding, Outcome
from okhook.doctor.checks_hookdeck import check_hookdeck, check_login, check_tunnel
from okhook.errors import TunnelFailed
from okhook.runtime.run_files import RunDirectory, TunnelRun
from okhook.runtime.running_here import running_here
from okhook.tunnel.past_tunnels import Orphan
from tests.doctor.hooks import LOCAL_ORG, URL, facts, with_setup
from tests.hookdeck.fake import WAIT, fake_hookdeck

pytestmark = pytest.mark.anyio


async def hookdeck(path: Path, **changes: Any) -> Finding:  # noqa: ANN401 - passed on
    return await check_hookdeck(facts(with_setup(environ={"PATH": str(path)}, **changes)))


async def login(environ: dict[str, str], directory: Path) -> Finding:
    return await check_login(facts(with_setup(environ=environ, directory=directory)))


async def tunnel(run_directory: RunDirectory) -> Finding:
    running = running_here(run_directory)
    return await check_tunnel(facts(with_setup(run_directory=run_directory, running=running)))


@pytest.mark.parametrize(
    ("version", "outcome"),
    [("2.6.0", Outcome.OK), ("2.2.0", Outcome.WARNING)],
)
async def test_a_version_is_told_with_its_known_faults(
    tmp_path: Path, version: str, outcome: Outcome
) -> None:
    """Before 2.3.2 it loses its session in sleep, which an upgrade mends."""
    fake_hookdeck(tmp_path, WAIT, version=version)
    found = await hookdeck(tmp_path)
    assert found.outcome is outcome
    assert version in found.detail
    assert (found.remedy is None) == (outcome is Outcome.OK)


async def test_one_that_is_too_old_fails(tmp_path: Path) -> None:
    """It cannot be worked with at all; the engine tells the error as the finding."""
    fake_hookdeck(tmp_path, WAIT, version="0.8.6")
    with pytest.raises(TunnelFailed, match="too old"):
        await hookdeck(tmp_path)


async def test_a_missing_one_fails_where_a_tunnel_is_needed(tmp_path: Path) -> None:
    """With an org on this machine there is no need; one that was named must be there."""
    named = Setting("/nope", "OKHOOK_HOOKDECK")
    assert (await hookdeck(tmp_path)).outcome is Outcome.FAILED
    needless = await hookdeck(tmp_path, org=LOCAL_ORG)
    assert needless.outcome is Outcome.SKIPPED
    assert "the org is on this machine" in needless.detail
    behind = await hookdeck(tmp_path, url=Setting(URL, "OKHOOK_URL"))
    assert "a URL is set by OKHOOK_URL" in behind.detail
    assert (await hookdeck(tmp_path, org=LOCAL_ORG, hookdeck=named)).outcome is Outcome.FAILED


async def test_npx_is_enough_and_downloads_nothing_for_a_diagnosis(tmp_path: Path) -> None:
    """It is not run."""
    npx = tmp_path / "npx"
    npx.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    npx.chmod(0o755)
    assert (await hookdeck(tmp_path)).outcome is Outcome.OK
    assert not (tmp_path / "ran").exists()


async def test_a_login_is_told_without_its_key(tmp_path: Path) -> None:
    """An account, a guest, and none."""
    config = tmp_path / ".config" / "hookdeck" / "config.toml"
    config.parent.mkdir(parents=True)
    environ = {"HOME": str(tmp_path)}
    assert "not logged in" in (await login(environ, tmp_path)).detail
    config.write_text('profile = "default"\n[default]\napi_key = "hk_1"\nproject_id = "tm_9"\n')
    account = await login(environ, tmp_path)
    assert "logged in" in account.detail
    assert "tm_9" in account.detail
    assert "hk_1" not in str(account)
    config.write_text('[default]\napi_key = "hk_1"\nguest_url = "https://x.example"\n')
    assert "guest" in (await login(environ, tmp_path)).detail


async def test_tunnels_are_told_with_their_urls(tmp_path: Path) -> None:
    """One without a URL yet does not work yet; one that leads to nobody loses what comes."""
    run_directory = RunDirectory(tmp_path)
    assert (await tunnel(run_directory)).outcome is Outcome.SKIPPED
    with socket.create_server(("127.0.0.1", 0)) as receiver:
        port = receiver.getsockname()[1]
        with run_directory.own(f"tunnel-{port}") as file:
            file.write(TunnelRun())
            assert (await tunnel(run_directory)).outcome is Outcome.SKIPPED
            file.write(TunnelRun(port=port, path="/hook"))
            assert (await tunnel(run_directory)).outcome is Outcome.WARNING
            file.write(TunnelRun(port=port, path="/hook", webhook_url=URL))
            sound = await tunnel(run_directory)
            receiver.close()
            deserted = await tunnel(run_directory)
    assert sound.outcome is Outcome.OK
    assert f"{URL} → port {port}" in sound.detail
    assert deserted.outcome is Outcome.FAILED
    assert deserted.remedy == f"okhook serve --port {port} --path /hook"


async def test_a_hookdeck_that_a_killed_okhook_left_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It takes events from the next tunnel, and no run file of a live one tells of it."""
    run_directory = RunDirectory(tmp_path)
    orphan = Orphan(4711, "okta", 1337)
    orphans = [orphan, replace(orphan, pgid=4712)]
    monkeypatch.setattr(checks_hookdeck, "find_orphans", lambda _: orphans)
    alone = await tunnel(run_directory)
    assert alone.outcome is Outcome.WARNING
    assert "source okta for port 1337 (process group 4711)" in alone.detail
    assert len(alone.facts) == 1
    assert "until the next okhook up" in alone.detail
    assert alone.remedy == "kill -- -4711 -4712"
    orphans.pop()
    with (
        socket.create_server(("127.0.0.1", 0)) as receiver,
        run_directory.own("tunnel-1337") as file,
    ):
        port = receiver.getsockname()[1]
        file.write(TunnelRun(port=port, path="/hook", webhook_url=URL))
        beside = await tunnel(run_directory)
        receiver.close()
        deserted = await tunnel(run_directory)
    assert beside.outcome is Outcome.WARNING
    assert URL in beside.facts[0]
    assert deserted.outcome is Outcome.FAILED
    assert "process group 4711" in deserted.facts[-1]
    assert (deserted.remedy or "").splitlines()[:2] == [
        f"okhook serve --port {port} --path /hook",
        "kill -- -4711",
    ]
