"""What was made is removed, whatever became of the run; and nothing else is."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import anyio
import pytest
from starlette.requests import Request
from starlette.responses import Response

from okhook.errors import OkhookError, StoreFailed
from okhook.okta.users_and_groups import GroupsApi, UsersApi
from okhook.trigger.activities import CleanedUp, Created
from okhook.trigger.created import Cleanup, CreatedThings, clean_up_after_run
from okhook.trigger.running import trigger
from okhook.trigger.scenario import Scenario, scenario_of
from okhook.trigger.step_runner import StepRunner
from tests.okta.fake_org import (
    FakeOrg,
    answering,
    cut_after_carrying_out,
    error,
    never,
    server_error,
)
from tests.okta.fake_people import FakePeople
from tests.okta.setup import ORG, Watched, client_of

NOW = datetime(2026, 11, 24, tzinfo=UTC)
COMMAND = "okhook trigger --cleanup-only"


class Run:
    """A run in a fake org, step by step."""

    def __init__(self, scenario: Scenario, users: UsersApi, groups: GroupsApi, state: Path) -> None:
        self.things = CreatedThings(state, ORG)
        self.scenario = scenario
        self._users, self._groups = users, groups
        self.steps = StepRunner(
            scenario,
            users,
            groups,
            self.things,
            suffix="1a2b",
            now=lambda: NOW,
        )

    async def all_steps(self) -> None:
        for step in self.scenario.steps:
            await self.steps.prepare(step)
            await self.steps.run(step)

    def cleanup(self, made: list[Created], *in_doubt: Created) -> Cleanup:
        return Cleanup(
            made,
            in_doubt=frozenset(in_doubt),
            users=self._users,
            groups=self._groups,
            things=self.things,
            removing=COMMAND,
        )

    async def clean_up(self, made: list[Created] | None = None, within_s: float = 5) -> CleanedUp:
        cleanup = self.cleanup(self.steps.created if made is None else made)
        return await clean_up_after_run(cleanup, within_s=within_s)


@asynccontextmanager
async def run_in(
    org: FakePeople, state: Path, event_type: str = "group.user_membership.remove"
) -> AsyncIterator[Run]:
    watched = Watched()
    async with client_of(org, watched) as client:
        users = UsersApi(client)
        groups = GroupsApi(client)
        yield Run(scenario_of(event_type), users, groups, state)


@pytest.mark.anyio
async def test_all_that_was_made_is_removed_and_crossed_out(tmp_path: Path) -> None:
    """Users before groups; afterwards nothing is known to be left."""
    org = FakePeople()
    async with run_in(org, tmp_path) as run:
        await run.all_steps()
        assert set(run.things.all()) == set(run.steps.created)
        assert len(run.steps.created) == 2
        cleaned = await run.clean_up()
    assert [made.kind for made in cleaned.removed] == ["user", "group"]
    assert cleaned.left == ()
    assert not org.users
    assert not org.groups
    assert run.things.all() == []


@pytest.mark.anyio
async def test_what_the_scenario_deletes_itself_is_not_left(tmp_path: Path) -> None:
    """A deleted user is nobody's to remove."""
    async with run_in(FakePeople(), tmp_path, "user.lifecycle.delete.initiated") as run:
        await run.all_steps()
        assert run.steps.created == []
        assert run.things.all() == []


@pytest.mark.anyio
async def test_a_user_whose_creation_brought_no_answer_is_found_by_its_login(
    tmp_path: Path,
) -> None:
    """It was written down before, so a lost answer leaves nobody behind."""
    org = FakePeople()
    org.fail_next("POST /api/v1/users", cut_after_carrying_out)
    org.fail_next("GET /api/v1/users", answering(lambda: error(403, "E0000006", "no")))
    async with run_in(org, tmp_path, "user.lifecycle.create") as run:
        with pytest.raises(OkhookError):
            await run.all_steps()
        assert len(org.users) == 1
        assert [made.id for made in run.things.all()] == [None]
        await run.clean_up()
    assert not org.users


@pytest.mark.anyio
async def test_what_the_org_refused_is_not_left(tmp_path: Path) -> None:
    """A 400 made nobody."""
    org = FakePeople()
    org.fail_next("POST /api/v1/users", answering(lambda: error(400, "E0000001", "no")))
    async with run_in(org, tmp_path, "user.lifecycle.create") as run:
        with pytest.raises(OkhookError):
            await run.all_steps()
    assert run.things.all() == []
    assert run.steps.created == []


@pytest.mark.anyio
async def test_cleanup_is_shielded(tmp_path: Path) -> None:
    """While everything is cancelled it still comes to its end."""
    org = FakePeople()
    async with run_in(org, tmp_path) as run:
        await run.all_steps()
        with anyio.CancelScope() as cancelled:
            cancelled.cancel()
            cleaned = await run.clean_up()
    assert len(cleaned.removed) == 2
    assert not org.users


@pytest.mark.anyio
async def test_cleanup_ends_in_its_time_and_says_what_is_left(tmp_path: Path) -> None:
    """An org that does not answer keeps nobody waiting; what is left stays written down."""
    org = FakePeople()
    async with run_in(org, tmp_path) as run:
        await run.all_steps()
        org.fail_next("DELETE", never)
        cleaned = await run.clean_up(within_s=0.2)
    assert cleaned.removed == ()
    assert [each.reason for each in cleaned.left] == ["not done within 0.2 s"] * 2
    assert cleaned.to_json()["next_step"] == COMMAND
    assert len(run.things.all()) == 2


@pytest.mark.anyio
async def test_what_cannot_be_removed_keeps_nothing_else_from_it(tmp_path: Path) -> None:
    """One refusal is told with its reason, and the rest is removed."""
    org = FakePeople()
    async with run_in(org, tmp_path) as run:
        await run.all_steps()
        refusal = error(403, "E0000006", "no", "a cause")
        org.fail_next("DELETE /api/v1/users", answering(lambda: refusal))
        cleaned = await run.clean_up()
    assert [made.kind for made in cleaned.removed] == ["group"]
    [left] = cleaned.left
    assert left.created.kind == "user"
    assert "; E0000006: no; a cause; " in left.reason
    assert left.reason.isprintable()


@pytest.mark.anyio
async def test_nobody_else_is_ever_deleted(tmp_path: Path) -> None:
    """An id that is written down and belongs to somebody without our mark is left alone."""
    org = FakePeople()
    jane = {"login": "jane.doe@corp.example"}
    org.users["00uReal"] = {"id": "00uReal", "status": "ACTIVE", "profile": jane}
    org.groups["00gReal"] = {"id": "00gReal", "profile": {"name": "Everyone"}}
    made = [
        Created("user", "okhook-x@example.com", "00uReal"),
        Created("group", "okhook x", "00gReal"),
    ]
    async with run_in(org, tmp_path) as run:
        cleaned = await run.clean_up(made)
    assert [each.reason for each in cleaned.left] == [
        "okhook did not create it: its login is jane.doe@corp.example",
        "okhook did not create it: its name is Everyone",
    ]
    assert org.users["00uReal"]["status"] == "ACTIVE"
    assert org.groups
    assert org.writes == []


@pytest.mark.anyio
async def test_a_fault_on_the_way_is_no_end(tmp_path: Path) -> None:
    """A 500 is tried again, as every call is."""
    org = FakePeople()
    async with run_in(org, tmp_path) as run:
        await run.all_steps()
        org.fail_next("DELETE /api/v1/groups", server_error())
        cleaned = await run.clean_up()
    assert cleaned.left == ()
    assert not org.groups


@pytest.mark.anyio
async def test_what_is_not_there_any_more_is_not_said_to_be_removed(tmp_path: Path) -> None:
    """It is crossed out, and told apart from what was taken away."""
    org = FakePeople()
    async with run_in(org, tmp_path) as run:
        await run.all_steps()
        org.users.clear()
        cleaned = await run.clean_up()
    assert [made.kind for made in cleaned.removed] == ["group"]
    assert [made.kind for made in cleaned.gone] == ["user"]
    assert run.things.all() == []


@pytest.mark.anyio
async def test_what_the_org_may_still_be_making_is_not_crossed_out(tmp_path: Path) -> None:
    """A user whose creation was carried out late is found the next time."""
    org = FakePeople()
    slow = Created("user", "okhook-jane-1a2b@example.com", None)
    async with run_in(org, tmp_path) as run:
        run.things.note(slow)
        cleanup = run.cleanup([slow], slow)
        await cleanup.finish()
        assert [each.created for each in cleanup.outcome("").left] == [slow]
        assert run.things.all() == [slow]
        org.users["00uLate"] = {
            "id": "00uLate",
            "status": "STAGED",
            "profile": {"login": slow.name},
        }
        later = await run.clean_up(run.things.all())
    assert later.removed == (slow,)
    assert not org.users


@pytest.mark.anyio
async def test_what_was_not_reached_is_told_when_it_is_interrupted(tmp_path: Path) -> None:
    """What is removed is removed; the rest is left, with the reason."""
    org = FakePeople()
    async with run_in(org, tmp_path) as run:
        await run.all_steps()
        cleanup = run.cleanup(run.things.all())
        with anyio.CancelScope() as ctrl_c:

            async def interrupted(_: FakeOrg, __: Request) -> None:
                ctrl_c.cancel()
                await anyio.sleep_forever()

            org.fail_next("DELETE /api/v1/groups", interrupted)
            await cleanup.finish()
        cleaned = cleanup.outcome("interrupted")
    assert [made.kind for made in cleaned.removed] == ["user"]
    assert [(each.created.kind, each.reason) for each in cleaned.left] == [("group", "interrupted")]
    assert [made.kind for made in run.things.all()] == ["group"]


@pytest.mark.anyio
async def test_what_cannot_be_written_down_is_not_made(tmp_path: Path) -> None:
    """Where nobody would find it again, nothing is asked of the org, and no file is left."""
    (tmp_path / "triggered.json" / "in the way").mkdir(parents=True)
    org = FakePeople()
    async with run_in(org, tmp_path, "user.lifecycle.create") as run:
        with pytest.raises(StoreFailed, match="could not save the list"):
            await run.all_steps()
        assert run.steps.created == []
        run.things.forget(Created("user", "okhook-x-1@example.com", None))
    assert not org.writes
    assert not list(tmp_path.glob("*.tmp"))


@pytest.mark.anyio
async def test_ctrl_c_lets_the_write_that_is_under_way_end_and_begins_no_other(
    tmp_path: Path,
) -> None:
    """The user that was being created is known by its id, and nothing more is done in the org."""
    org = FakePeople()
    scope = anyio.CancelScope()

    async def interrupted(org: FakeOrg, request: Request) -> Response | None:
        scope.cancel()
        return org.carry_out(request)

    org.fail_next("POST /api/v1/users", interrupted)
    async with run_in(org, tmp_path) as run:
        with scope:
            await trigger(
                run.scenario, run.steps, None, org_url=ORG.url, publish=lambda activity: None
            )
        assert scope.cancelled_caught
        assert [made.id for made in run.steps.created] == list(org.users)
    assert len(org.writes) == 1
