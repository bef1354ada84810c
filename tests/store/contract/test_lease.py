"""Of the receivers of one name, one at a time forwards to an app."""

import anyio
import pytest

from okhook.store.contract import LeaseTaken
from tests.store.contract.conftest import Place
from tests.support.found import APP

pytestmark = pytest.mark.anyio


async def test_one_process_holds_a_target_until_it_lets_go(place: Place) -> None:
    """The next one has it at once, and the first may ask for it again."""
    async with place.store("ci") as one, place.store("ci") as other:
        await one.open_target(APP)
        for first, second in ((one, other), (other, one)):
            async with first.lease(APP) as lease:
                await lease.confirm()
                assert lease.is_sure
                with pytest.raises(LeaseTaken):
                    async with second.lease(APP):
                        pytest.fail("both hold it")


async def test_other_names_and_other_apps_are_not_held(place: Place) -> None:
    async with place.store("ci") as one, place.store("laptop") as other:
        for store, url in ((one, APP), (one, f"{APP}/2"), (other, APP)):
            await store.open_target(url)
        async with one.lease(APP), one.lease(f"{APP}/2"), other.lease(APP) as lease:
            await lease.confirm()


async def test_a_hold_is_not_lost_while_its_process_lives(place: Place) -> None:
    async with place.store("ci") as store:
        await store.open_target(APP)
        async with store.lease(APP) as lease:
            with anyio.move_on_after(0.05) as waited:
                await lease.lost()
            assert waited.cancelled_caught
            await lease.confirm()
