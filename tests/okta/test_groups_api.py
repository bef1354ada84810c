"""The Groups API: typed, checked, and nothing made twice."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from starlette.responses import JSONResponse

from okhook.errors import InvalidInput
from okhook.okta.answers import UnexpectedAnswer
from okhook.okta.groups_api import GroupsApi
from tests.okta.fake_org import answering, cut_after_carrying_out
from tests.okta.fake_people import FakePeople
from tests.okta.setup import Watched, client_of


@asynccontextmanager
async def groups_of(org: FakePeople) -> AsyncIterator[GroupsApi]:
    watched = Watched()
    async with client_of(org, watched) as client:
        yield GroupsApi(client, sleep=watched.sleep)


@pytest.mark.anyio
async def test_a_group_has_members_and_ends() -> None:
    """Joining and leaving reach the org; what is gone already is no error."""
    org = FakePeople()
    async with groups_of(org) as groups:
        group = await groups.create("okhook Sales 1", "for a test")
        assert await groups.get(group.id) == group
        await groups.add(group.id, "00u1")
        assert org.members == [(group.id, "00u1")]
        await groups.remove(group.id, "00u1")
        assert org.members == []
        await groups.delete(group.id)
        await groups.delete(group.id)
        assert await groups.get(group.id) is None


@pytest.mark.anyio
async def test_a_create_whose_answer_is_lost_makes_one_group() -> None:
    """It is looked for by its exact name before it is created again."""
    org = FakePeople()
    org.groups["00gOther"] = {"id": "00gOther", "profile": {"name": "okhook Sales 12"}}
    org.fail_next("POST", cut_after_carrying_out)
    async with groups_of(org) as groups:
        group = await groups.create("okhook Sales 1", "for a test")
    assert group.name == "okhook Sales 1"
    assert len(org.groups) == 2
    assert len(org.writes) == 1


@pytest.mark.anyio
@pytest.mark.parametrize("group", [{}, {"id": "00g1", "profile": {}}, {"id": "/", "profile": {}}])
async def test_what_is_no_group_is_not_taken_for_one(group: object) -> None:
    """An answer of another shape is refused."""
    org = FakePeople()
    org.fail_next("GET", answering(lambda: JSONResponse(group)))
    async with groups_of(org) as groups:
        with pytest.raises(UnexpectedAnswer):
            await groups.get("00g1")


@pytest.mark.anyio
async def test_an_id_leads_nowhere_else() -> None:
    """What is no id is never put into a path."""
    async with groups_of(FakePeople()) as groups:
        with pytest.raises(InvalidInput):
            await groups.add("00g1", "../../eventHooks")
