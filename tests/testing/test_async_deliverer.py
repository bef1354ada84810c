"""``AsyncDeliverer``: the same in the event loop of an async test."""

import asyncio

import pytest

from okhook.testing import AsyncDeliverer, LifespanFailed, delivery
from tests.sandbox.rig import echo_then
from tests.support.answering import answering_server
from tests.testing.apps import Seen, app_of_messages, asgi_app, wsgi_app

pytestmark = pytest.mark.anyio


async def test_an_app_runs_in_the_loop_of_the_test() -> None:
    """With its lifespan, to the end of the block."""
    seen = Seen()
    app = asgi_app(seen)
    async with AsyncDeliverer() as deliver:
        assert (await deliver(app, delivery(), secret="s3cret")).delivered
        results = await deliver(app, delivery(), times=4, concurrent=4)
        assert (await deliver.verify(app)).verified
    assert [result.status for result in results] == [204] * 4
    assert seen.together == 4
    assert seen.loops == {asyncio.get_running_loop()}
    assert [seen.happened[0], seen.happened[-1]] == ["start", "stop"]


async def test_urls_and_wsgi_apps_are_targets_too() -> None:
    """A WSGI app runs in a thread: the loop goes on."""
    async with AsyncDeliverer() as deliver:
        with answering_server(echo_then(503, 204)) as app:
            result = await deliver(app.url, delivery())
        assert [attempt.status for attempt in result.attempts] == [503, 204]
        results = await deliver(wsgi_app, delivery(), times=3, concurrent=3)
        assert [each.status for each in results] == [200] * 3


async def test_first_deliveries_at_once_share_a_lifespan() -> None:
    """Two tasks of a test may be the first."""
    seen = Seen()
    app = asgi_app(seen)
    async with AsyncDeliverer() as deliver:
        await asyncio.gather(deliver(app, delivery()), deliver(app, delivery()))
    assert seen.happened.count("start") == 1


async def test_a_lifespan_that_fails_says_so() -> None:
    """At the first delivery."""
    app = app_of_messages({"type": "lifespan.startup.failed", "message": "no database"})
    async with AsyncDeliverer() as deliver:
        with pytest.raises(LifespanFailed, match="to start: no database"):
            await deliver(app, delivery())


class TestTheFixture:
    """``okta_deliver_async`` ends with the loop: a fixture cannot wait for it."""

    seen = Seen()

    async def test_starts_the_lifespan(self, okta_deliver_async: AsyncDeliverer) -> None:
        """In the test."""
        assert (await okta_deliver_async(asgi_app(self.seen), delivery())).delivered
        assert self.seen.happened == ["start", "worked"]

    def test_stopped_it(self) -> None:
        """Before the next test."""
        assert self.seen.happened == ["start", "worked", "stop"]


def test_a_loop_that_is_still_open_is_used_to_stop() -> None:
    """A runner may keep its loop for more tests."""
    seen = Seen()
    deliver = AsyncDeliverer()
    with asyncio.Runner() as runner:
        runner.run(deliver(asgi_app(seen), delivery()))
        deliver.end()
        assert seen.happened == ["start", "worked", "stop"]
