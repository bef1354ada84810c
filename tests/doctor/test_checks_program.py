"""The program, its settings, its store and its port."""

import os
import socket
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import anyio
import pytest

from okhook.config.layers import environment_layer
from okhook.config.settings import Settings
from okhook.config.shown import ShownSetting, shown_settings
from okhook.doctor.check import Finding, Outcome
from okhook.doctor.checks_program import (
    LITTLE_ROOM_BYTES,
    check_port,
    check_settings,
    check_store,
    judged_python,
    judged_store,
)
from okhook.doctor.setup import SettingsRead
from okhook.errors import ConfigurationError, StoreFailed
from okhook.runtime.run_files import ReceiverRun
from okhook.runtime.running_here import LocalEndpoint, RunningHere
from okhook.store.health import StoreHealth
from okhook.store.open import open_store, store_health
from tests.doctor.hooks import NOW, facts, with_setup
from tests.support.flags import flag_layer
from tests.support.okhook_process import PATIENCE_S
from tests.support.ports import free_port
from tests.support.records import NOON, post, stored

pytestmark = pytest.mark.anyio

SOUND = StoreHealth(
    size_bytes=10 << 20,
    free_bytes=100 << 30,
    is_checked=True,
    damage=None,
    records=1000,
    recent=10,
)
PATH = Path("/state/store.db")
SERVE = ReceiverRun("http://127.0.0.1:1337/hook", 1337, pid=42)


async def settings_check(
    files: Sequence[Path], shown: Sequence[ShownSetting], error: ConfigurationError | None = None
) -> Finding:
    return await check_settings(facts(settings=SettingsRead(files, shown, error)))


async def store_check(path: Path, *, timeout_s: float = 10, now: datetime = NOW) -> Finding:
    return await check_store(facts(store=path, timeout_s=timeout_s, now=now))


async def port_check(host: str, port: int, *receivers: ReceiverRun) -> Finding:
    running = RunningHere(receivers)
    setup = with_setup(host=host, endpoint=LocalEndpoint(port, "/hook"), running=running)
    return await check_port(facts(setup))


@pytest.mark.parametrize(
    ("python", "requires", "outcome"),
    [
        ((3, 11, 0), ">=3.11", Outcome.OK),
        ((3, 14, 1), ">=3.11", Outcome.OK),
        ((3, 10, 9), ">=3.11", Outcome.FAILED),
        ((3, 10, 9), None, Outcome.OK),
    ],
)
def test_python_below_the_packages_floor_fails(
    python: tuple[int, int, int], requires: str | None, outcome: Outcome
) -> None:
    """Where the package's metadata says none, nothing is guessed."""
    found = judged_python("1.2.3", python, requires)
    assert found.outcome is outcome
    assert "okhook 1.2.3" in found.detail


async def test_each_setting_is_told_with_its_origin_and_no_secret() -> None:
    """The value of a secret one is never shown."""
    layers = [
        flag_layer({"org": "sandbox"}),
        environment_layer({"OKHOOK_TOKEN": "00secret", "OKHOOK_PORT": "1400"}),
    ]
    found = await settings_check([Path("/home/jo/okhook.toml")], shown_settings(Settings(layers)))
    assert found.outcome is Outcome.OK
    assert "org = sandbox  --org" in found.facts
    assert "token = (not shown)  OKHOOK_TOKEN" in found.facts
    assert "/home/jo/okhook.toml" in found.detail
    assert "00secret" not in str(found)


async def test_the_settings_of_one_file_are_told_together() -> None:
    """The name of each stands there once, and the file once."""
    shown = [
        ShownSetting("port", "1400", "port in ./okhook.toml"),
        ShownSetting("token", None, "OKHOOK_TOKEN"),
        ShownSetting("output", "json", "--output"),
        ShownSetting("path", "/hook", "path in ./okhook.toml"),
    ]
    found = await settings_check([], shown)
    assert found.detail == (
        "port, path from ./okhook.toml; token from OKHOOK_TOKEN; no settings file"
    )


async def test_settings_that_cannot_be_read_fail_with_what_mends_them() -> None:
    """As the command itself would end."""
    error = ConfigurationError("./okhook.toml is not TOML", why="line 1", next_step="mend it")
    found = await settings_check([], [], error)
    assert (found.outcome, found.detail, found.facts, found.remedy) == (
        Outcome.FAILED,
        "./okhook.toml is not TOML",
        ("line 1",),
        "mend it",
    )


async def filled(path: Path, count: int) -> Path:
    async with open_store(path) as store:
        async with anyio.create_task_group() as tasks:
            for number in range(count):
                request = post(b'{"n": "' + b"x" * 3000 + b'"}', received_at=NOON)
                tasks.start_soon(store.append, replace(stored(f"e{number}"), request=request))
        await store.settled()
    return path


async def test_a_store_that_is_not_there_is_left_out(tmp_path: Path) -> None:
    """Nothing was received yet, and that is no fault."""
    found = await store_check(tmp_path / "store.db")
    assert found.outcome is Outcome.SKIPPED
    assert not (tmp_path / "store.db").exists()


async def test_an_empty_file_is_a_store_yet_to_be_made(tmp_path: Path) -> None:
    """A receiver makes a store of it, so there is nothing to fix."""
    path = tmp_path / "store.db"
    path.touch()
    assert (await store_check(path)).outcome is Outcome.SKIPPED


@pytest.mark.parametrize("begin", [Path.unlink, lambda path: path.write_bytes(b"")])
async def test_a_store_that_is_missing_beside_its_log_fails(
    tmp_path: Path, begin: Callable[[Path], object]
) -> None:
    """The log holds deliveries, and no receiver starts beside it."""
    path = tmp_path / "store.db"
    path.touch()
    begin(path)
    path.with_name("store.db-wal").write_bytes(b"deliveries")
    found = await store_check(path)
    assert found.outcome is Outcome.FAILED
    assert "store.db-wal" in found.detail
    with pytest.raises(StoreFailed, match="its log"):
        async with open_store(path):
            raise AssertionError


@pytest.mark.parametrize("below", ["store.db", "made/by/nobody/store.db"])
async def test_a_place_where_no_store_can_be_made_fails(tmp_path: Path, below: str) -> None:
    """A file stands where the state directory should be."""
    (tmp_path / "state").write_text("a file")
    path = tmp_path / "state" / below
    found = await store_check(path)
    assert found.outcome is Outcome.FAILED
    assert str(tmp_path / "state") in found.detail
    assert "OKHOOK_HOME" in (found.remedy or "")


async def test_a_directory_in_the_stores_place_fails(tmp_path: Path) -> None:
    """As a container makes one for a file that it cannot mount."""
    path = tmp_path / "store.db"
    path.mkdir()
    found = await store_check(path)
    assert found.outcome is Outcome.FAILED
    assert "is not a file" in found.detail


async def test_a_directory_that_may_not_be_used_fails_and_is_no_bug(tmp_path: Path) -> None:
    """Neither one that cannot be looked into, nor one that takes no file."""
    state = tmp_path / "state"
    state.mkdir()
    for mode in (0o000, 0o555):
        state.chmod(mode)
        if os.access(state, os.W_OK):
            pytest.skip("this user may do everything")
        try:
            found = await store_check(state / "store.db")
        finally:
            state.chmod(0o700)
        assert found.outcome is Outcome.FAILED
        assert str(state) in found.detail
        assert "OKHOOK_HOME" in (found.remedy or "")


async def test_a_sound_store_is_measured(tmp_path: Path) -> None:
    """Its records are counted, those of the last week apart."""
    path = await filled(tmp_path / "store.db", 3)
    health = store_health(path, within_s=PATIENCE_S, now=NOON)
    assert health is not None
    assert (health.records, health.recent, health.damage, health.is_checked) == (3, 3, None, True)
    assert health.growth_bytes == health.size_bytes
    found = await store_check(path, now=NOON)
    assert found.outcome is Outcome.OK
    assert found.detail.startswith("3 records")


async def test_a_damaged_store_fails(tmp_path: Path) -> None:
    """Bytes overwritten in the middle of the file: found, and the file is left as it is."""
    path = await filled(tmp_path / "store.db", 60)
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 20_000] = b"\xee" * 20_000
    path.write_bytes(content)
    found = await store_check(path, now=NOON)
    assert found.outcome is Outcome.FAILED
    assert "is damaged" in found.detail
    assert path.read_bytes() == bytes(content)


async def test_a_file_that_is_no_store_fails(tmp_path: Path) -> None:
    """With the name of the file, and what can be done."""
    path = tmp_path / "store.db"
    path.write_text("this is no database, and long enough to be seen as none" * 10)
    found = await store_check(path, now=NOON)
    assert found.outcome is Outcome.FAILED
    assert str(path) in found.detail
    assert found.remedy


async def test_a_store_too_large_for_the_time_says_that_it_was_not_looked_through(
    tmp_path: Path,
) -> None:
    """No time at all is too little for any store with more than a few pages."""
    path = await filled(tmp_path / "store.db", 400)
    health = await anyio.to_thread.run_sync(lambda: store_health(path, within_s=-1, now=NOON))
    assert health is not None
    assert not health.is_checked
    found = judged_store(path, health)
    assert found.outcome is Outcome.OK
    assert "too large to check" in found.detail


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({}, Outcome.OK),
        ({"free_bytes": LITTLE_ROOM_BYTES - 1}, Outcome.WARNING),
        ({"size_bytes": 300 << 30, "recent": 900}, Outcome.WARNING),
        ({"damage": "row 3 missing from index"}, Outcome.FAILED),
        ({"records": None, "recent": None}, Outcome.OK),
    ],
)
def test_health_is_judged(changes: dict[str, object], outcome: Outcome) -> None:
    """Damage fails; little room, or less than another week like the last one takes, is told."""
    health = replace(SOUND, **changes)  # type: ignore[arg-type]
    found = judged_store(PATH, health)
    assert found.outcome is outcome
    assert (found.remedy is not None) == (outcome is not Outcome.OK)


async def test_a_free_port_is_sound_and_a_taken_one_is_not() -> None:
    """By whom it is taken is said; an address that is none of this machine's is a remedy's too."""
    port = free_port()
    assert (await port_check("127.0.0.1", port)).outcome is Outcome.OK
    with socket.create_server(("127.0.0.1", port)):
        found = await port_check("127.0.0.1", port)
    assert found.outcome is Outcome.FAILED
    assert "process" in found.detail
    elsewhere = await port_check("192.0.2.1", port)
    assert elsewhere.outcome is Outcome.FAILED
    assert "--host" in (elsewhere.remedy or "")


async def test_our_own_receiver_may_have_the_port_or_another() -> None:
    """With a receiver that runs, the port of the settings is nobody's business."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        own = await port_check("127.0.0.1", port, replace(SERVE, port=port))
        other = await port_check("127.0.0.1", port, replace(SERVE, port=port + 1))
    assert own.outcome is other.outcome is Outcome.OK
    assert SERVE.url in own.detail
    assert SERVE.url in other.detail
