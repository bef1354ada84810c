"""All of it in order: what is told when."""

from pathlib import Path

import anyio
import pytest

from okhook.activity import StoreGrew
from okhook.http.client import HttpClient
from okhook.receiver.running import ReceiverConfig
from okhook.runtime.hub import ActivityHub
from okhook.runtime.ids import utc_now
from okhook.runtime.run_files import RunDirectory
from okhook.runtime.shutdown import Shutdown
from okhook.sandbox.running import SandboxConfig, generated_token
from okhook.secret import HookAuth, Secret
from okhook.store.open import open_store
from okhook.up.activities import Ready
from okhook.up.config import Direct, UpConfig, WantedRegistration
from okhook.up.orgs import sandbox_org
from okhook.up.parts import UpParts
from okhook.up.running import run_up

pytestmark = pytest.mark.anyio

AUTH = HookAuth("Authorization", Secret("s3cret"))
CANARY, CHALLENGE = 1, 2
CONFIG = UpConfig(
    receiver=ReceiverConfig(host="127.0.0.1", port=0, path="/hook", auth=AUTH),
    forward=None,
    route=Direct(),
    registration=WantedRegistration(
        name="a hook",
        events=("user.lifecycle.create",),
        description=None,
        headers=(),
        auth=AUTH,
        filters=(),
        hook_id=None,
    ),
    once=False,
    keep=False,
)


async def test_the_challenge_is_told_of_before_ready(tmp_path: Path) -> None:
    """Also where the store tells of it late: Ready comes after all that led to it."""
    hub, run_directory = ActivityHub(), RunDirectory(tmp_path / "run")
    done = anyio.Event()
    async with open_store(tmp_path / "store.db") as store, HttpClient(user_agent="test") as http:
        store.on_growth(lambda seq: hub.publish(StoreGrew(seq)) if seq == CANARY else None)
        parts = UpParts(
            store=store,
            hub=hub,
            http=http,
            state=tmp_path,
            run_directory=run_directory,
            environ={},
            before_hard_exit=Shutdown().before_hard_exit,
            may_end_orphan=lambda _: False,
            now=utc_now,
        )
        open_org = sandbox_org(
            SandboxConfig(token=generated_token(), port=0), hub.publish, run_directory
        )
        with hub.subscribe() as published:
            async with anyio.create_task_group() as tasks:

                async def run() -> None:
                    await run_up(CONFIG, parts, open_org, done=done)

                tasks.start_soon(run)
                with anyio.fail_after(20):
                    await done.wait()
                told = await published.batch()
                tasks.cancel_scope.cancel()
    kinds = [type(each) for each in told]
    assert StoreGrew(CHALLENGE) in told[: kinds.index(Ready)]
