"""Signs of life to the service manager: of the loop and of the store, not of a timer."""

import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import cast

import anyio
import pytest

from okhook.admin.health import Health, Work
from okhook.admin.supervision import supervised
from okhook.errors import StoreEnded, StoreFull
from okhook.runtime.counters import ServiceCounters
from okhook.runtime.service_manager import ServiceManager
from okhook.store.contract import Store
from tests.support.okhook_process import PATIENCE_S

pytestmark = pytest.mark.anyio

WATCHDOG_S = 0.06


class StoreThat:
    """A store that can only be asked whether it can be written."""

    def __init__(self, check: Callable[[], Awaitable[None]]) -> None:
        self.check_writable = check

    @property
    def work(self) -> Work:
        return Work(cast("Store", self))


async def writable() -> None:
    """Write at once."""


async def full() -> None:
    raise StoreFull("the disk is full")


async def ended() -> None:
    raise StoreEnded("the store has stopped writing")


@asynccontextmanager
async def told(path: Path, health: Health) -> AsyncIterator[Callable[[], Awaitable[str]]]:
    """Supervise during the block, which gets a function that waits for the next message."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(path / "notify"))
        manager.setblocking(False)

        async def following() -> str:
            await anyio.wait_readable(manager)
            return manager.recv(1000).decode()

        service = ServiceManager(str(path / "notify"), WATCHDOG_S)
        async with supervised(service, health):
            yield following


@pytest.mark.parametrize("check", [writable, full])
async def test_a_store_that_answers_is_a_sign_of_life(
    tmp_path: Path, check: Callable[[], Awaitable[None]]
) -> None:
    """Also if it refuses: a restart gives a full disk no room."""
    health = Health(ServiceCounters())
    with health.working(StoreThat(check).work):
        async with told(tmp_path, health) as following:
            with anyio.fail_after(PATIENCE_S):
                assert [await following() for _ in range(3)] == ["WATCHDOG=1"] * 3


@pytest.mark.parametrize("check", [anyio.sleep_forever, ended])
async def test_a_store_that_hangs_or_has_ended_is_none(
    tmp_path: Path, check: Callable[[], Awaitable[None]]
) -> None:
    """Nothing is told, so that the service manager restarts okhook."""
    health = Health(ServiceCounters())
    with health.working(StoreThat(check).work):
        async with told(tmp_path, health) as following:
            with anyio.move_on_after(4 * WATCHDOG_S) as waited:
                await following()
    assert waited.cancelled_caught


async def test_without_a_store_it_asks_for_more_time(tmp_path: Path) -> None:
    """As while the disk is full at the start; the status says so, and the loop lives."""
    health = Health(ServiceCounters())
    health.why_not = "the disk of the store is full"
    async with told(tmp_path, health) as following:
        with anyio.fail_after(PATIENCE_S):
            said = {await following(), await following()}
    assert said == {
        "STATUS=the disk of the store is full\nEXTEND_TIMEOUT_USEC=30000000",
        "WATCHDOG=1",
    }


async def test_without_a_service_manager_nothing_is_told(tmp_path: Path) -> None:
    """The store is not asked either."""

    async def never() -> None:
        raise AssertionError

    health = Health(ServiceCounters())
    with health.working(StoreThat(never).work):
        async with supervised(ServiceManager(None, 0.001), health):
            await anyio.sleep(0.01)
