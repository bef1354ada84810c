"""Only a canary that is in the store proves a path."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import anyio
import pytest
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from okhook.activity import StoreGrew
from okhook.errors import TunnelFailed, Unavailable
from okhook.http.client import HttpClient
from okhook.receiver.running import ReceiverConfig, running_receiver
from okhook.records.record import RecordKind
from okhook.runtime.hub import ActivityHub
from okhook.runtime.ids import utc_now
from okhook.runtime.run_files import RunDirectory
from okhook.runtime.server import serving
from okhook.runtime.sockets import listen, url_of
from okhook.secret import HookAuth, Secret
from okhook.store.contract import Store
from okhook.store.open import open_store
from okhook.up.path_proof import Arrivals, prove_path
from tests.support.held_clock import held_clock
from tests.support.okhook_process import PATIENCE_S
from tests.support.ports import free_port

pytestmark = pytest.mark.anyio

AUTH = HookAuth("Authorization", Secret("s3cret"))


@dataclass(frozen=True)
class Rig:
    """A receiver, the store behind it, and the secret that a canary carries."""

    url: str
    store: Store
    http: HttpClient
    arrivals: Arrivals
    sends: HookAuth | None

    async def prove(self, url: str, *, timeout_s: float) -> float:
        return await prove_path(url, self.http, self.arrivals, self.sends, timeout_s=timeout_s)


@asynccontextmanager
async def rig(
    directory: Path, *, asks: HookAuth | None = None, sends: HookAuth | None = None
) -> AsyncIterator[Rig]:
    hub = ActivityHub()
    async with (
        open_store(directory / "store.db") as store,
        running_receiver(
            ReceiverConfig(port=0, auth=asks),
            append=store.append,
            publish=hub.publish,
            now=utc_now,
            run_directory=RunDirectory(directory / "run"),
        ) as running,
        HttpClient(user_agent="test") as http,
    ):
        store.on_growth(lambda seq: hub.publish(StoreGrew(seq)))
        yield Rig(running.url, store, http, Arrivals(store, hub), sends)


async def nothing() -> None:
    """Do nothing more after an answer."""


@asynccontextmanager
async def answering(
    status: int, then: Callable[[], Awaitable[None]] = nothing
) -> AsyncIterator[str]:
    """Run a server that accepts every request and forwards none; ``then`` follows each answer."""

    async def endpoint(request: Request) -> Response:
        return Response(status_code=status, background=BackgroundTask(then))

    app = Starlette(routes=[Route("/", endpoint, methods=["POST"])])
    listener = listen("127.0.0.1", 0)
    async with serving(app, listener, lambda _: None):
        yield url_of(listener, "/")


async def test_a_canary_that_arrives_proves_the_path_and_the_secret(tmp_path: Path) -> None:
    """The canary passes the socket, the secret and the store like any delivery."""
    async with rig(tmp_path, asks=AUTH, sends=AUTH) as it:
        took_s = await it.prove(it.url, timeout_s=PATIENCE_S)
        assert took_s < PATIENCE_S
        (record,) = await it.store.after(0, 10)
    assert record.kind is RecordKind.CANARY


async def test_a_wrong_secret_proves_nothing(tmp_path: Path) -> None:
    """A receiver that refuses the canary would also refuse Okta."""
    async with rig(tmp_path, asks=AUTH) as it:
        with pytest.raises(Unavailable, match="does not accept") as caught:
            await it.prove(it.url, timeout_s=PATIENCE_S)
    assert caught.value.why == "it returned HTTP 401"


async def test_an_answer_alone_proves_nothing(tmp_path: Path) -> None:
    """A URL that answers 200 but forwards nothing is the fault to detect."""

    async def too_late() -> None:
        await clock.advance_when_read(20)

    async with answering(200, too_late) as url, rig(tmp_path) as it:
        with (
            held_clock() as clock,
            pytest.raises(TunnelFailed, match="did not arrive at this receiver within 20 s"),
        ):
            await it.prove(url, timeout_s=20)


async def test_a_url_without_an_answer_is_unavailable(tmp_path: Path) -> None:
    """The error says that the URL could not be reached."""
    async with rig(tmp_path) as it:
        with pytest.raises(Unavailable, match="could not reach"):
            await it.prove(f"http://127.0.0.1:{free_port()}/", timeout_s=0.2)


async def test_a_url_that_is_gone_is_said_at_once_field_06(tmp_path: Path) -> None:
    """Hookdeck answers 410 when the source was deleted: no wait changes that."""
    async with answering(410) as url, rig(tmp_path) as it:
        with anyio.fail_after(PATIENCE_S), pytest.raises(TunnelFailed, match="is gone") as caught:
            await it.prove(url, timeout_s=2 * PATIENCE_S)
    assert "hookdeck login" in (caught.value.next_step or "")
