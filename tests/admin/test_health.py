"""Readiness: the store can be written, and for each app it is known who forwards."""

from collections.abc import Awaitable, Callable
from typing import cast

import anyio
import pytest

from okhook.admin import health as room
from okhook.admin.health import Health, Work, origin_of
from okhook.errors import StoreFailed
from okhook.runtime.counters import LeaseSeen, ServiceCounters
from okhook.store.contract import Store

pytestmark = pytest.mark.anyio

APP, OTHER = "http://jane:pw@localhost:3000/hook?token=7", "https://hooks.example.com/T0/B1/secret"


class StoreThat:
    """A store that can do nothing but be looked at."""

    def __init__(self, check: Callable[[], Awaitable[None]]) -> None:
        self.check_writable = check

    @property
    def store(self) -> Store:
        return cast("Store", self)


async def writable() -> None:
    """Write at once."""


async def full() -> None:
    raise StoreFailed("the store /home/jane/store.db cannot grow", why="disk\x1b[2J is full")


async def test_it_is_not_ready_without_a_store() -> None:
    """The reason says whether that is the start or the end."""
    health = Health(ServiceCounters())
    assert await health.readiness() == room.Readiness(False, ("store: okhook is starting",))
    with health.working(Work(StoreThat(writable).store)):
        assert (await health.readiness()).ready
    assert await health.readiness() == room.Readiness(False, ("store: okhook is stopping",))


async def test_a_store_that_cannot_be_written_is_named_without_its_path() -> None:
    """The path may hold a person's name; what the system says is made safe."""
    health = Health(ServiceCounters())
    with health.working(Work(StoreThat(full).store)):
        found = await health.readiness()
    assert found.ready is False
    assert found.lines == (r"store: the store cannot be written: disk\x1b[2J is full",)


async def test_a_store_that_hangs_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """A probe of Kubernetes gives up after a second."""
    monkeypatch.setattr(room, "STORE_WITHIN_S", 0.01)
    health = Health(ServiceCounters())
    with health.working(Work(StoreThat(anyio.sleep_forever).store)):
        found = await health.readiness()
    assert found.lines == ("store: the store did not commit within 0.01 s",)
    assert found.ready is False


async def test_it_is_ready_once_each_target_has_a_forwarder() -> None:
    """This process or another: both are fine, but it must be known."""
    counters = ServiceCounters()
    health = Health(counters)
    with health.working(Work(StoreThat(writable).store, targets=(APP, OTHER))):
        assert not (await health.readiness()).ready
        counters.leases[APP] = LeaseSeen(held=True)
        assert not (await health.readiness()).ready
        counters.leases[OTHER] = LeaseSeen(held=False)
        found = await health.readiness()
    assert found.ready
    assert found.lines[1:] == (
        "target 1, http://localhost:3000: this process forwards",
        "target 2, https://hooks.example.com: another process forwards",
    )


async def test_who_forwards_is_not_stated_without_the_store() -> None:
    """Another process may have taken over since: only the store knows."""
    counters = ServiceCounters()
    unsure = LeaseSeen(held=True, is_sure=lambda: False)
    counters.leases |= {APP: unsure, OTHER: LeaseSeen(held=False)}
    health = Health(counters)
    with health.working(Work(StoreThat(full).store, targets=(APP, OTHER))):
        found = await health.readiness()
    assert found.lines[1:] == (
        "target 1, http://localhost:3000: this process forwarded when the store last worked",
        "target 2, https://hooks.example.com: another process forwarded when the store last worked",
    )


async def test_a_lease_that_may_have_run_out_is_not_stated() -> None:
    """Its own connection may be broken while the store still answers."""
    counters, sure = ServiceCounters(), [True]
    counters.leases[APP] = LeaseSeen(held=True, is_sure=lambda: sure[-1])
    health = Health(counters)
    with health.working(Work(StoreThat(writable).store, targets=(APP,))):
        assert (await health.readiness()).ready
        sure.append(False)
        found = await health.readiness()
    assert not found.ready
    assert "not known yet which process forwards" in found.lines[1]


async def test_what_else_is_awaited_is_said() -> None:
    """As the hook of ``okhook up``."""
    awaited: list[str | None] = ["hook: it is not verified yet"]
    health = Health(ServiceCounters(), lambda: awaited[-1])
    with health.working(Work(StoreThat(writable).store)):
        found = await health.readiness()
        assert (found.ready, found.lines[-1]) == (False, "hook: it is not verified yet")
        awaited.append(None)
        assert (await health.readiness()).ready


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        (APP, "http://localhost:3000"),
        (OTHER, "https://hooks.example.com"),
        ("http://[::1]:3000/x", "http://[::1]:3000"),
        ("nats://user:pw@a:4222/subject", "nats://a:4222"),
        ("nats://a,[::1]:2,user:pw@b/subject", "nats://b"),
        ("http://a\x1b[2J/", r"http://a\x1b[2J"),
        ("http://a\x1b@b\x07c/", r"http://b\x07c"),
    ],
)
def test_an_app_is_named_by_its_origin(url: str, origin: str) -> None:
    """What stands before the @, in the path or in the query may be a credential."""
    assert origin_of(url) == origin
