"""The order in which ``up`` publishes its activities."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest

from okhook.activity import Published, StoreGrew
from okhook.http.client import HttpClient
from okhook.okta.event_hooks import WantedHook
from okhook.receiver.running import ReceiverConfig
from okhook.runtime.hub import ActivityHub, Subscription
from okhook.runtime.ids import utc_now
from okhook.runtime.run_files import RunDirectory, UpRun
from okhook.runtime.shutdown import Shutdown
from okhook.sandbox.running import SandboxConfig, generated_token
from okhook.secret import HookAuth, Secret
from okhook.serve.running import ServeConfig
from okhook.store.open import open_store
from okhook.up import path_watch
from okhook.up.activities import PathProved, Ready
from okhook.up.config import UpConfig, UpParts
from okhook.up.running import run_up
from tests.support.okhook_process import PATIENCE_S

pytestmark = pytest.mark.anyio

AUTH = HookAuth("Authorization", Secret("s3cret"))
CANARY, CHALLENGE = 1, 2
CONFIG = UpConfig(
    serve=ServeConfig(ReceiverConfig(port=0, path="/hook", auth=AUTH)),
    store=Path("store.db"),
    org=SandboxConfig(token=generated_token(), port=0, answer_within_s=PATIENCE_S),
    hook=WantedHook(name="a hook", url="", events=("user.lifecycle.create",), auth=AUTH),
)


@asynccontextmanager
async def ready_up(
    state: Path, hub: ActivityHub, grew: Callable[[int], None]
) -> AsyncIterator[tuple[Subscription, RunDirectory]]:
    """Run ``up`` until it is ready, and end it after the block; ``grew`` hears of each record."""
    shutdown, runs = Shutdown(), RunDirectory(state / "run")
    async with open_store(state / "store.db") as store, HttpClient(user_agent="test") as http:
        store.on_growth(grew)
        parts = UpParts(
            store=store, hub=hub, http=http, run_directory=runs, environ={}, shutdown=shutdown
        )
        with hub.subscribe() as published:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(run_up, CONFIG, parts)
                with anyio.fail_after(PATIENCE_S):
                    await shutdown.done.wait()
                    yield published, runs
                tasks.cancel_scope.cancel()


async def test_the_challenge_is_published_before_ready(tmp_path: Path) -> None:
    """Even if the store announces the challenge late."""
    hub = ActivityHub()

    def announce_late(seq: int) -> None:
        if seq == CANARY:
            hub.publish(StoreGrew(seq))

    async with ready_up(tmp_path, hub, announce_late) as (published, runs):
        told = await published.batch()
        (run,) = runs.running(UpRun)
    kinds = [type(each) for each in told]
    assert (run.status, run.verification) == ("ACTIVE", "VERIFIED")
    assert run.proved_at is not None
    assert StoreGrew(CHALLENGE) in told[: kinds.index(Ready)]


async def test_the_path_is_proved_after_sleep_field_06(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An open connection may carry nothing then, whatever it says."""
    hub, ahead_s = ActivityHub(), [0.0]
    monkeypatch.setattr(path_watch, "wall_clock_ahead_s", lambda: ahead_s[0])
    monkeypatch.setattr(path_watch, "_LOOK_EVERY_S", 0.02)
    async with ready_up(tmp_path, hub, lambda seq: hub.publish(StoreGrew(seq))) as (
        published,
        runs,
    ):
        assert not any(isinstance(each, PathProved) for each in await published.batch())
        began = utc_now()
        told: list[Published] = []
        while not any(isinstance(each, PathProved) for each in told):
            ahead_s[0] += path_watch.SLEPT_S + 1  # the watch may not have begun
            with anyio.move_on_after(0.1):
                told = await published.batch()
        (run,) = runs.running(UpRun)
        assert run.proved_at is not None
        assert run.proved_at > began
