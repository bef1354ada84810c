"""What the tests let happen in a sandbox, in process and in the file of one."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from okhook.runtime.ids import utc_now
from tests.sandbox.rig import OrgRig, echo_then, org_rig
from tests.sandbox.seeding import Seed, every, seed, seed_file, seeded_hook
from tests.support.answering import answering_server

pytestmark = pytest.mark.anyio

CREATE = "user.lifecycle.create"


async def test_seeds_are_in_the_log_of_a_running_org(tmp_path: Path) -> None:
    """In the order of their times, before what the org did itself, and with their hooks."""
    hour_ago = utc_now() - timedelta(hours=1)
    async with org_rig(tmp_path) as org:
        with answering_server(echo_then(204)) as receiver:
            hook = await org.verified_hook(receiver.url)
        later = Seed(CREATE, hour_ago + timedelta(minutes=1))
        earlier = Seed(CREATE, hour_ago, (hook["id"],))
        uuids = seed(org.sandbox.log, [later, earlier])
        entries = await org.log("?since=2020-01-01T00:00:00Z")
    assert [entry["uuid"] for entry in entries[:2]] == uuids[::-1]
    assert entries[0]["debugContext"]["debugData"]["targetEventHookIds"] == hook["id"]
    types = [entry["eventType"] for entry in entries[2:]]
    assert types == ["event_hook.created", "event_hook.verified"]


async def test_seeds_in_a_file_are_loaded(tmp_path: Path) -> None:
    """However many, beside what the file holds already, and the hook that they went to."""
    data = tmp_path / "org.json"
    now = utc_now()
    async with org_rig(tmp_path, data=data) as org:
        user = await org.create_user()
    hook = seeded_hook("http://127.0.0.1:1/", [CREATE], created=now - timedelta(days=1))
    seeds = every(
        timedelta(seconds=1), 1_500, until=now - timedelta(hours=1), hook_ids=(hook["id"],)
    )
    uuids = seed_file(data, seeds, hooks=[hook])
    async with org_rig(tmp_path, data=data) as org:
        pages = [response.json() async for response in pages_of(org)]
        [listed] = await org.ok("GET", "/api/v1/eventHooks")
        assert (await org.ok("GET", f"/api/v1/users/{user['id']}"))["id"] == user["id"]
    entries = [entry for page in pages for entry in page]
    assert (listed["id"], listed["verificationStatus"]) == (hook["id"], "VERIFIED")
    assert [entry["uuid"] for entry in entries[:1_500]] == uuids
    assert [entry["eventType"] for entry in entries[1_500:]] == [CREATE, "user.lifecycle.activate"]


async def pages_of(org: OrgRig) -> AsyncIterator[httpx.Response]:
    """Yield the pages of the whole log, up to the one that is empty or has no next."""
    url: str | None = "/api/v1/logs?limit=1000&since=2020-01-01T00:00:00Z"
    while url is not None:
        response = await org.client.get(url)
        assert response.status_code == 200, response.text
        yield response
        url = response.links["next"]["url"] if "next" in response.links else None
        if response.content == b"[]":
            return
