"""Activate, deactivate, delete: done once however often they are asked for."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from okhook.errors import OktaRefused, Unavailable
from okhook.okta.event_hooks import EventHook, body_of, read_event_hook
from okhook.okta.event_hooks_api import EventHooksApi
from okhook.okta.registered_here import RegisteredHere
from okhook.okta.registration import Registration
from okhook.secret import Secret
from tests.okta.fake_org import (
    FakeOrg,
    Fault,
    answering,
    cut_after_carrying_out,
    error,
    failing_after_carrying_out,
    server_error,
)
from tests.okta.setup import ORG, SECRET, WANTED, Watched, client_of


@asynccontextmanager
async def states_in(org: FakeOrg, state: Path) -> AsyncIterator[Registration]:
    watched = Watched()
    async with client_of(org, watched) as client:
        yield Registration(EventHooksApi(client), RegisteredHere(state), publish=watched.publish)


def a_hook(org: FakeOrg, **changes: str) -> EventHook:
    return read_event_hook(org.add(body_of(WANTED, description=None), **changes))


@pytest.mark.anyio
async def test_what_is_so_is_left_alone(tmp_path: Path) -> None:
    """No write, and the word for it."""
    org = FakeOrg()
    active, inactive = a_hook(org), a_hook(org, status="INACTIVE")
    async with states_in(org, tmp_path) as states:
        assert (await states.activate(active)).action == "already_active"
        assert (await states.deactivate(inactive)).action == "already_inactive"
    assert org.seen == []


@pytest.mark.anyio
async def test_what_this_machine_remembers_follows(tmp_path: Path) -> None:
    """A hook that was deactivated and activated by us is still known to have our secret."""
    org, memory = FakeOrg(), RegisteredHere(tmp_path)
    hook = a_hook(org, verificationStatus="VERIFIED")
    memory.note(ORG, hook.name, hook, Secret(SECRET))
    async with states_in(org, tmp_path) as states:
        inactive = await states.deactivate(hook)
        active = await states.activate(inactive.hook)
    assert (inactive.action, inactive.hook.is_active) == ("deactivated", False)
    assert (active.action, active.hook.is_active) == ("activated", True)
    assert memory.wrote(ORG, active.hook, Secret(SECRET))


@pytest.mark.anyio
async def test_a_26th_active_hook_names_the_limit(tmp_path: Path) -> None:
    """The org's no is told with what orgs are known to refuse."""
    org = FakeOrg()
    hook = a_hook(org, status="INACTIVE")
    refused = error(400, "E0000001", "Api validation failed", "too many")
    org.fail_next(f"POST /api/v1/eventHooks/{hook.id}/life", answering(lambda: refused))
    async with states_in(org, tmp_path) as states:
        with pytest.raises(OktaRefused) as caught:
            await states.activate(hook)
    assert "25" in str(caught.value.next_step)


@pytest.mark.anyio
async def test_deleting_deactivates_first(tmp_path: Path) -> None:
    """An org deletes inactive hooks alone; one that is so is deleted at once, and forgotten."""
    org, memory = FakeOrg(), RegisteredHere(tmp_path)
    hook, inactive = a_hook(org), a_hook(org, status="INACTIVE")
    memory.note(ORG, hook.name, hook, Secret(SECRET))
    async with states_in(org, tmp_path) as states:
        assert (await states.delete(hook)).action == "deleted"
        await states.delete(inactive)
    assert org.hooks == {}
    assert [(r.method, r.path.rsplit("/", 1)[-1]) for r in org.writes] == [
        ("POST", "deactivate"),
        ("DELETE", hook.id),
        ("DELETE", inactive.id),
    ]
    assert json.loads((tmp_path / "hooks.json").read_text()) == {}


@pytest.mark.anyio
@pytest.mark.parametrize("fault", [cut_after_carrying_out, failing_after_carrying_out])
@pytest.mark.parametrize("step", ["POST", "DELETE"])
async def test_an_answer_that_was_lost_changes_nothing(
    tmp_path: Path, step: str, fault: Fault
) -> None:
    """Asked again, the org has no such hook any more: that is what was wanted."""
    org = FakeOrg()
    hook = a_hook(org)
    org.fail_next(step, fault)
    async with states_in(org, tmp_path) as states:
        assert (await states.delete(hook)).action == "deleted"
    assert org.hooks == {}


@pytest.mark.anyio
async def test_a_hook_that_is_gone_is_deleted(tmp_path: Path) -> None:
    """Somebody else was quicker."""
    org = FakeOrg()
    hook = a_hook(org)
    org.hooks.clear()
    async with states_in(org, tmp_path) as states:
        assert (await states.delete(hook)).action == "deleted"


@pytest.mark.anyio
async def test_a_delete_that_fails_says_what_is_left(tmp_path: Path) -> None:
    """The hook is inactive now, which nobody should find out by missing events."""
    org = FakeOrg()
    hook = a_hook(org)
    org.fail_next("DELETE", *[server_error()] * 4)
    async with states_in(org, tmp_path) as states:
        with pytest.raises(Unavailable) as caught:
            await states.delete(hook)
    assert f"the hook {hook.id} is deactivated, but not deleted" in str(caught.value.why)
    org = FakeOrg()
    inactive = a_hook(org, status="INACTIVE")
    org.fail_next("DELETE", *[server_error()] * 9)
    async with states_in(org, tmp_path) as states:
        with pytest.raises(Unavailable) as caught:
            await states.delete(inactive)
    assert "was deactivated" not in str(caught.value.why)
    assert org.only_hook()["status"] == "INACTIVE"
