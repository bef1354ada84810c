"""Registration: from any state of the org to the wanted one, with as few writes as it takes."""

import json
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import Any

import anyio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from okhook.activity import Warned
from okhook.errors import ConfigurationError, InvalidInput, OktaRefused
from okhook.okta.event_hooks import EventHook, WantedHook, body_of, differences, read_event_hook
from okhook.okta.refusals import NotFound, ValidationFailed
from okhook.okta.retry import OutcomeUnknown
from okhook.secret import HookAuth, Secret
from tests.okta.fake_org import (
    FakeOrg,
    Fault,
    answering,
    cut_after_carrying_out,
    cut_before,
    error,
    failing_after_carrying_out,
    shown,
)
from tests.okta.setup import SECRET, WANTED, Watched, registration_in

HOOKS = "POST /api/v1/eventHooks"


async def registered_twice(org: FakeOrg, state: Path, wanted: WantedHook) -> tuple[Any, Any]:
    async with registration_in(org, state) as registration:
        first = await registration.verify(await registration.register(wanted))
        org.seen.clear()
        return first, await registration.register(wanted)


@pytest.mark.anyio
async def test_a_hook_that_is_not_there_is_created_and_verified(tmp_path: Path) -> None:
    """The org gets exactly what was wanted, secret included, and has verified it."""
    org = FakeOrg()
    wanted = replace(WANTED, description="for tests", headers=(("X-Stage", "test"),))
    async with registration_in(org, tmp_path) as registration:
        created = await registration.register(wanted)
        assert (created.action, created.hook.is_verified) == ("created", False)
        verified = await registration.verify(created)
    assert (verified.action, verified.hook.is_verified) == ("created", True)
    hook = org.only_hook()
    assert hook["channel"]["config"] == {
        "uri": "https://hooks.example.com/okta",
        "headers": [{"key": "X-Stage", "value": "test"}],
        "authScheme": {"type": "HEADER", "key": "Authorization", "value": SECRET},
    }
    assert (hook["description"], hook["verificationStatus"]) == ("for tests", "VERIFIED")
    assert registration.to_deactivate == hook["id"]


@pytest.mark.anyio
@pytest.mark.parametrize(
    "wanted",
    [
        WANTED,
        replace(WANTED, auth=None),
        replace(WANTED, events=("user.lifecycle.create", "group.user_membership.add")),
        replace(WANTED, headers=(("X-One", "1"), ("x-two", "2"))),
        replace(WANTED, filters=(("user.lifecycle.create", "event.actor.id eq 'x'"),)),
    ],
)
async def test_registering_twice_writes_once(tmp_path: Path, wanted: WantedHook) -> None:
    """The second run finds the hook as it shall be: one read, no write, nothing to deactivate."""
    org = FakeOrg()
    _, second = await registered_twice(org, tmp_path, wanted)
    assert (second.action, second.hook.is_verified) == ("unchanged", True)
    assert org.writes == []
    assert [request.method for request in org.seen] == ["GET"]


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"url": "https://elsewhere.example.com/"}, "url"),
        ({"events": ("user.lifecycle.deactivate",)}, "events"),
        ({"headers": (("X-New", "1"),)}, "headers"),
        ({"description": "new"}, "description"),
        ({"auth": HookAuth("X-Key", Secret(SECRET))}, "auth field"),
        ({"auth": HookAuth("Authorization", Secret("another-secret"))}, "secret"),
        ({"filters": (("user.lifecycle.create", "true"),)}, "filters"),
    ],
)
async def test_what_changed_is_replaced_and_named(
    tmp_path: Path, change: dict[str, Any], named: str
) -> None:
    """One PUT brings the hook into the wanted state, whichever part differs."""
    org = FakeOrg()
    await registered_twice(org, tmp_path, WANTED)
    async with registration_in(org, tmp_path) as registration:
        again = await registration.register(replace(WANTED, **change))
    assert (again.action, again.changed) == ("updated", (named,))
    assert [request.method for request in org.writes] == ["PUT"]
    assert registration.to_deactivate is None
    assert differences(replace(WANTED, **change), read_event_hook(shown(org.only_hook()))) == ()


@pytest.mark.anyio
async def test_a_secret_is_never_lost_by_leaving_it_out(tmp_path: Path) -> None:
    """A hook that has one is not replaced without it; one that has none stays so."""
    org = FakeOrg()
    bare = replace(WANTED, auth=None)
    await registered_twice(org, tmp_path, WANTED)
    async with registration_in(org, tmp_path) as registration:
        with pytest.raises(ConfigurationError, match="is not set"):
            await registration.register(replace(bare, events=("user.session.start",)))
        assert org.writes == []
        await registration.register(replace(bare, name="bare"))
        changed = replace(bare, name="bare", events=("user.session.start",))
        assert (await registration.register(changed)).changed == ("events",)


@pytest.mark.anyio
async def test_a_change_that_is_not_allowed_sends_nothing(tmp_path: Path) -> None:
    """Whoever registers is asked with the parts that would change, and only where some would."""
    org = FakeOrg()
    await registered_twice(org, tmp_path, WANTED)
    asked: list[tuple[str, ...]] = []

    def refuse(_: EventHook, parts: Collection[str]) -> None:
        asked.append(tuple(parts))
        raise ConfigurationError("no")

    async with registration_in(org, tmp_path) as registration:
        unchanged = await registration.register(WANTED, allow=refuse)
        with pytest.raises(ConfigurationError, match="no"):
            await registration.register(replace(WANTED, url=f"{WANTED.url}/x"), allow=refuse)
    assert (unchanged.action, asked, org.writes) == ("unchanged", [("url",)], [])


@pytest.mark.anyio
async def test_an_inactive_hook_is_activated_and_nothing_else(tmp_path: Path) -> None:
    """A hook that `up` deactivated is taken again without a PUT, and is then ours to deactivate."""
    org = FakeOrg()
    async with registration_in(org, tmp_path) as registration:
        first = await registration.verify(await registration.register(WANTED))
        await registration.leave(first.hook.id)
        assert registration.to_deactivate is None
    org.seen.clear()
    async with registration_in(org, tmp_path) as registration:
        second = await registration.register(WANTED)
        assert registration.to_deactivate == first.hook.id
        third = await registration.register(WANTED)
    assert (second.action, second.hook.is_active, third.action) == ("updated", True, "unchanged")
    assert [request.path.rsplit("/", 1)[-1] for request in org.writes] == ["activate"]


@pytest.mark.anyio
async def test_a_secret_that_somebody_else_may_have_changed_is_written_again(
    tmp_path: Path,
) -> None:
    """Okta never shows the secret: after a change that was not ours, it is not trusted."""
    org = FakeOrg()
    await registered_twice(org, tmp_path, WANTED)
    hook = org.only_hook()
    hook["channel"]["config"]["authScheme"]["value"] = "changed in the console"
    org.touch(hook)
    async with registration_in(org, tmp_path) as registration:
        again = await registration.register(WANTED)
    assert (again.action, again.changed) == ("updated", ("secret",))
    assert org.only_hook()["channel"]["config"]["authScheme"]["value"] == SECRET


@pytest.mark.anyio
async def test_verifying_does_not_hide_what_somebody_else_changed(tmp_path: Path) -> None:
    """`--verify-only` after a foreign change still lets the next run write the secret."""
    org = FakeOrg()
    await registered_twice(org, tmp_path, WANTED)
    org.touch(org.only_hook())
    async with registration_in(org, tmp_path) as registration:
        await registration.verify(await registration.find("okhook tests"))
        again = await registration.register(WANTED)
    assert again.changed == ("secret",)


@pytest.mark.anyio
async def test_without_memory_the_hook_is_found_by_name(tmp_path: Path) -> None:
    """Another machine, or a lost state directory: the same hook, its secret written again."""
    org = FakeOrg()
    first, _ = await registered_twice(org, tmp_path / "one", WANTED)
    async with registration_in(org, tmp_path / "two") as registration:
        other = await registration.register(WANTED)
    assert (other.hook.id, other.action, other.changed) == (first.hook.id, "updated", ("secret",))


@pytest.mark.anyio
async def test_a_remembered_hook_that_is_gone_is_created_anew(tmp_path: Path) -> None:
    """What somebody deleted is neither an error nor looked for twice."""
    org = FakeOrg()
    await registered_twice(org, tmp_path, WANTED)
    org.hooks.clear()
    async with registration_in(org, tmp_path) as registration:
        again = await registration.register(WANTED)
    assert again.action == "created"


@pytest.mark.anyio
async def test_a_renamed_hook_is_still_the_remembered_one(tmp_path: Path) -> None:
    """The id outlives a new name in the console."""
    org = FakeOrg()
    first, _ = await registered_twice(org, tmp_path, WANTED)
    org.only_hook()["name"] = "renamed"
    async with registration_in(org, tmp_path) as registration:
        again = await registration.register(WANTED)
    assert (again.hook.id, again.changed) == (first.hook.id, ("name",))


@pytest.mark.anyio
async def test_two_hooks_of_that_name_are_listed(tmp_path: Path) -> None:
    """Which one is meant cannot be guessed; --hook-id says it, and wins."""
    org = FakeOrg()
    one = org.add(body_of(WANTED, description=None))
    two = org.add(body_of(WANTED, description=None))
    async with registration_in(org, tmp_path) as registration:
        with pytest.raises(InvalidInput) as caught:
            await registration.register(WANTED)
        assert caught.value.why is not None
        assert one["id"] in caught.value.why
        assert two["id"] in caught.value.why
        assert org.writes == []
        chosen = await registration.register(WANTED, hook_id=two["id"])
    assert chosen.hook.id == two["id"]


@pytest.mark.anyio
@pytest.mark.parametrize("hook_id", ["who00000000000000009", "../users", "a/b", "", "x" * 80])
async def test_a_hook_id_that_is_not_there_creates_nothing(tmp_path: Path, hook_id: str) -> None:
    """An unknown id is an error, and one that leads elsewhere is not even sent."""
    org = FakeOrg()
    async with registration_in(org, tmp_path) as registration:
        with pytest.raises((NotFound, InvalidInput)):
            await registration.register(WANTED, hook_id=hook_id)
    assert org.writes == []
    assert all(request.path.startswith("/api/v1/eventHooks/who") for request in org.seen)


@pytest.mark.anyio
@pytest.mark.parametrize("fault", [cut_after_carrying_out, failing_after_carrying_out])
async def test_a_create_whose_answer_was_lost_is_not_repeated(tmp_path: Path, fault: Fault) -> None:
    """The hook is looked up before anything is created again: there is one, not two."""
    org = FakeOrg()
    org.fail_next(HOOKS, fault)
    async with registration_in(org, tmp_path) as registration:
        created = await registration.register(WANTED)
        assert registration.to_deactivate == org.only_hook()["id"]
    assert (created.action, created.hook.id) == ("created", org.only_hook()["id"])
    assert len(org.writes) == 1


@pytest.mark.anyio
async def test_a_create_that_did_not_arrive_is_repeated(tmp_path: Path) -> None:
    """Looked up, not there, created: once."""
    org = FakeOrg()
    org.fail_next(HOOKS, cut_before, cut_before)
    async with registration_in(org, tmp_path) as registration:
        created = await registration.register(WANTED)
    assert (created.action, len(org.hooks), len(org.writes)) == ("created", 1, 3)


@pytest.mark.anyio
async def test_a_create_that_never_arrives_ends(tmp_path: Path) -> None:
    """After three tries it is said, and nothing was created."""
    org = FakeOrg()
    org.fail_next(HOOKS, *[cut_before] * 10)
    async with registration_in(org, tmp_path) as registration:
        with pytest.raises(OutcomeUnknown):
            await registration.register(WANTED)
    assert org.hooks == {}
    assert len(org.writes) == 3


@pytest.mark.anyio
async def test_a_create_under_way_is_awaited_when_the_run_is_cancelled(tmp_path: Path) -> None:
    """Ctrl-C during the create: the hook's id is known, so that it can be deactivated."""
    org = FakeOrg()
    arrived = anyio.Event()

    async def slowly(org: FakeOrg, request: Request) -> Response:
        arrived.set()
        await anyio.sleep(0.05)
        return org.carry_out(request)

    org.fail_next(HOOKS, slowly)
    async with registration_in(org, tmp_path) as registration:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(registration.register, WANTED)
            await arrived.wait()
            tasks.cancel_scope.cancel()
        assert registration.to_deactivate == org.only_hook()["id"]


@pytest.mark.anyio
async def test_a_refused_filter_names_the_feature(tmp_path: Path) -> None:
    """Filters are Early Access: an org that has not enabled them says no, and we say where."""
    org = FakeOrg()
    org.fail_next(HOOKS, answering(lambda: error(400, "E0000001", "Api validation failed", "no")))
    wanted = replace(WANTED, filters=(("user.lifecycle.create", "true"),))
    async with registration_in(org, tmp_path) as registration:
        with pytest.raises(ValidationFailed) as caught:
            await registration.register(wanted)
    assert caught.value.next_step is not None
    assert "Early Access" in caught.value.next_step


@pytest.mark.anyio
async def test_any_refusal_of_a_filter_names_the_feature(tmp_path: Path) -> None:
    """How an org without it says no is not known: another status keeps its own advice as well."""
    org = FakeOrg()
    org.fail_next(HOOKS, answering(lambda: error(403, "E0000006", "You do not have permission")))
    wanted = replace(WANTED, filters=(("user.lifecycle.create", "true"),))
    async with registration_in(org, tmp_path) as registration:
        with pytest.raises(OktaRefused) as caught:
            await registration.register(wanted)
    assert "Settings → Features" in str(caught.value.next_step)
    assert "okta.eventhooks.manage" in str(caught.value.next_step)


@pytest.mark.anyio
async def test_a_26th_active_hook_names_the_limit(tmp_path: Path) -> None:
    """A refused activation names the limit, and leaves nothing to deactivate."""
    org = FakeOrg()
    org.add(body_of(WANTED, description=None), status="INACTIVE")
    refused = error(400, "E0000001", "Api validation failed", "too many")
    org.fail_next("POST /api/v1/eventHooks/who00000000000000000/life", answering(lambda: refused))
    async with registration_in(org, tmp_path) as registration:
        with pytest.raises(OktaRefused) as caught:
            await registration.register(WANTED)
        assert registration.to_deactivate is None
    assert "25" in str(caught.value.next_step)


@pytest.mark.anyio
async def test_an_org_that_drops_what_it_was_given_is_shown(tmp_path: Path) -> None:
    """An answer 200 that lacks the filter is a warning: unfiltered events would come."""
    org = FakeOrg()
    watched = Watched()

    async def dropping(org: FakeOrg, request: Request) -> Response:
        org.carry_out(request)
        org.only_hook()["events"]["filter"] = None
        return JSONResponse(shown(org.only_hook()))

    org.fail_next(HOOKS, dropping)
    wanted = replace(WANTED, filters=(("user.lifecycle.create", "true"),))
    async with registration_in(org, tmp_path, watched) as registration:
        await registration.register(wanted)
    warned = [activity.text for activity in watched.activities if isinstance(activity, Warned)]
    assert len(warned) == 1
    assert "filters" in warned[0]


@pytest.mark.anyio
async def test_a_state_directory_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    """The hook is registered all the same, and it is said that its id was not kept."""
    org = FakeOrg()
    watched = Watched()
    (tmp_path / "state").write_text("a file where the directory should be")
    async with registration_in(org, tmp_path / "state", watched) as registration:
        created = await registration.register(WANTED)
    assert created.action == "created"
    assert [type(activity) for activity in watched.activities] == [Warned]


@pytest.mark.anyio
async def test_deactivating_a_hook_that_is_gone_is_done(tmp_path: Path) -> None:
    """Who leaves does not stumble over what somebody deleted."""
    org = FakeOrg()
    async with registration_in(org, tmp_path) as registration:
        created = await registration.register(WANTED)
        org.hooks.clear()
        await registration.leave(created.hook.id)
        assert registration.to_deactivate is None


def any_state() -> st.SearchStrategy[dict[str, Any]]:
    """Return what somebody may have made of the hook."""
    return st.fixed_dictionaries(
        {
            "url": st.sampled_from(["https://hooks.example.com/okta", "https://old.example.com/"]),
            "events": st.sampled_from(
                [("user.lifecycle.create",), ("user.session.start", "user.lifecycle.create")]
            ),
            "description": st.sampled_from([None, "", "theirs"]),
            "headers": st.sampled_from([(), (("X-Old", "1"),)]),
            "auth": st.sampled_from([None, HookAuth("X-Key", Secret("their-own-secret"))]),
            "status": st.sampled_from(["ACTIVE", "INACTIVE"]),
            "verification": st.sampled_from(["VERIFIED", "UNVERIFIED"]),
            "remembered": st.booleans(),
        }
    )


@given(state=any_state(), described=st.sampled_from([None, "", "mine"]))
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_from_any_state_the_hook_ends_as_wanted(
    tmp_path_factory: pytest.TempPathFactory, state: dict[str, Any], described: str | None
) -> None:
    """Whatever the hook was, it ends active, verified and as wanted; and then there is peace."""

    async def check() -> None:
        org = FakeOrg()
        path = tmp_path_factory.mktemp("state")
        parts = ("url", "events", "description", "headers", "auth")
        theirs = replace(WANTED, **{key: state[key] for key in parts})
        async with registration_in(org, path) as registration:
            hook_id = None
            if state["remembered"]:
                hook_id = (await registration.register(WANTED)).hook.id
            found = org.add(
                body_of(theirs, description=theirs.description),
                hook_id,
                status=state["status"],
                verificationStatus=state["verification"],
            )
            org.touch(found)
            wanted = replace(WANTED, description=described)
            registered = await registration.register(wanted)
            if not registered.hook.is_verified:
                registered = await registration.verify(registered)
            hook = read_event_hook(shown(org.only_hook()))
            assert differences(wanted, hook) == ()
            assert hook.is_active
            assert hook.is_verified
            assert registered.hook.raw == shown(org.only_hook())
            config = org.only_hook()["channel"]["config"]
            assert config["authScheme"]["value"] == SECRET
            kept = theirs.description if described is None else described
            assert (hook.description or "") == (kept or "")
            org.seen.clear()
            assert (await registration.register(wanted)).action == "unchanged"
            assert org.writes == []
        written = (path / "hooks.json").read_text()
        assert SECRET not in written
        assert json.loads(written)

    anyio.run(check)
