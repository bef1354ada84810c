"""A suite as a user writes it, with types: async with pytest-asyncio and anyio, and sync.

It is no part of okhook's own tests, which have no pytest-asyncio: ``tests.testing.examples`` writes
it beside the manual's examples, and ``.ci/run`` runs all of them with the wheel and pytest 8.0.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from okhook.testing import (
    AsyncContract,
    AsyncDeliverer,
    Deliverer,
    MakeDelivery,
    MakeEvent,
    Receiver,
    SandboxOrg,
)

happened: list[str] = []


@pytest.fixture
def app() -> Starlette:
    """Return an app whose lifespan runs a task, and belongs to the loop of the test."""

    async def tick() -> None:
        while True:  # noqa: ASYNC110 - it works until it is cancelled
            await asyncio.sleep(0.001)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        ticking = asyncio.create_task(tick())
        happened.append("start")
        yield
        ticking.cancel()
        with suppress(asyncio.CancelledError):
            await ticking
        happened.append("stop")

    async def hook(request: Request) -> Response:
        happened.append("hook")
        return Response(status_code=204 if await request.body() else 400)

    return Starlette(routes=[Route("/hook", hook, methods=["POST"])], lifespan=lifespan)


@pytest.fixture(autouse=True)
def lifespans_end() -> None:
    """Find that the lifespan of the test before this one has ended."""
    assert happened.count("start") == happened.count("stop")


@pytest.mark.asyncio
async def test_pytest_asyncio(
    app: Starlette, okta_deliver_async: AsyncDeliverer, okta_delivery: MakeDelivery
) -> None:
    """The lifespan ends with the test."""
    assert (await okta_deliver_async(app, okta_delivery())).status == 204


@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_anyio(
    app: Starlette, okta_deliver_async: AsyncDeliverer, okta_delivery: MakeDelivery
) -> None:
    """As with pytest-asyncio."""
    results = await okta_deliver_async(app, okta_delivery(), times=2)
    assert [result.status for result in results] == [204, 204]


@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio", "trio"])
async def test_servers_on_any_backend(
    okta_org: SandboxOrg, okta_receiver: Receiver, okta_deliver_async: AsyncDeliverer
) -> None:
    """An org and a receiver have threads of their own."""
    okta_org.create_hook(okta_receiver.url)
    user = okta_org.create_user()
    received = await okta_receiver.wait_for_async(type="user.lifecycle.create", user=user)
    assert (await okta_deliver_async(okta_receiver.url, received.payload)).delivered


@pytest.mark.asyncio
async def test_contract(app: Starlette, okta_contract_async: AsyncContract) -> None:
    """In the loop of the test."""
    await okta_contract_async(app, only=["transport-accepted"])


def test_sync(
    app: Starlette, okta_deliver: Deliverer, okta_delivery: MakeDelivery, okta_event: MakeEvent
) -> None:
    """In a loop of its own."""
    assert okta_deliver(app, okta_delivery(okta_event(target=None))).delivered


def test_the_last_lifespan_ended() -> None:
    """The others are looked at by the test after each."""
    assert "stop" in happened
