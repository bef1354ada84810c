"""Where rebuilt deliveries go: to a receiver that runs, and after its end to one of our own."""

from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from okhook.cli.console import Console
from okhook.cli.context import Context
from okhook.cli.reconcile.redeliver import Redelivery
from okhook.config.layers import load_settings
from okhook.config.settings import Output
from okhook.errors import Unavailable
from okhook.http.client import HttpClient
from okhook.reconcile.redeliver import reconstruction
from okhook.runtime.service_manager import ServiceManager
from tests.okta.setup import ORG
from tests.reconcile.rig import a_hook, an_entry
from tests.support.flags import flag_layer
from tests.support.kept import kept_in
from tests.support.receiver import receiver

pytestmark = pytest.mark.anyio


async def test_a_receiver_that_went_away_is_followed_by_one_of_our_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """After `okhook serve` has ended, missed events still go into its store."""
    state = tmp_path / "state"
    ctx = Context(
        load_settings(flag_layer({}), {}, tmp_path),
        Console(output=Output.TEXT, quiet=False),
        {"OKHOOK_HOME": str(state)},
        ServiceManager(),
    )
    missing = [reconstruction(an_entry(f"uuid-{n}"), a_hook(), ORG) for n in range(3)]
    async with HttpClient(user_agent="test") as http, AsyncExitStack() as closing:
        redeliver = Redelivery(ctx, http, None, closing).redeliver
        with receiver(home=tmp_path) as running:
            await redeliver(missing[0])
            assert (
                f"sending missed events to the receiver at {running.url}" in capsys.readouterr().err
            )
        with pytest.raises(Unavailable, match="did not accept a reconstructed delivery"):
            await redeliver(missing[1])
        await redeliver(missing[1])
        await redeliver(missing[2])
        assert capsys.readouterr().err == ""
    bodies = [record.request.body for record in kept_in(tmp_path)]
    assert bodies == [each.body for each in missing]
