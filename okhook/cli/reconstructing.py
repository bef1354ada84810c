"""Where rebuilt deliveries go in: the running receiver, or one of our own for the time being."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from okhook.cli.start import Start
from okhook.cli.urls import on_loopback
from okhook.http import HttpClient
from okhook.receiver.running import ReceiverConfig, running_receiver
from okhook.reconcile.mending import ReceiverMender
from okhook.runtime.ids import new_uuid, utc_now
from okhook.runtime.run_files import RunRecord
from okhook.secret import HookAuth
from okhook.store.sqlite import open_store


@asynccontextmanager
async def mending(
    begun: Start, http: HttpClient, auth: HookAuth | None
) -> AsyncIterator[ReceiverMender]:
    """Give what takes rebuilt deliveries in, for as long as the block lasts.

    A receiver that runs here and whose secret is known shows them at once. Else one of our own
    keeps them in the same store, and whoever forwards from it finds them there.

    Raises:
        StoreFailed: the store cannot be opened.

    """
    running = _one_that_takes(begun, auth)
    async with AsyncExitStack() as held:
        if running is not None:
            begun.console.note(f"what was missed goes through the receiver at {running}")
            yield ReceiverMender(http, running, auth, new_request_id=_request_id)
            return
        store = await held.enter_async_context(open_store(begun.store_file))
        own = await held.enter_async_context(
            running_receiver(
                ReceiverConfig(port=0),
                store=store,
                publish=lambda _: None,
                now=utc_now,
                run_directory=begun.run_directory,
            )
        )
        yield ReceiverMender(http, own.url, None, new_request_id=_request_id)


def _one_that_takes(begun: Start, auth: HookAuth | None) -> str | None:
    """Return the URL of a running receiver that takes what carries ``auth``."""
    running = begun.run_directory.running("receiver-")
    urls = [url for each in running if (url := _url(each, auth)) is not None]
    return urls[0] if urls else None


def _url(receiver: RunRecord, auth: HookAuth | None) -> str | None:
    url, asks = receiver.facts.get("url"), receiver.facts.get("asks_for_secret")
    if not isinstance(url, str) or (asks is not False and auth is None):
        return None
    return on_loopback(url)


def _request_id() -> str:
    return new_uuid().replace("-", "")
