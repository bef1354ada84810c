"""The System Log API on a socket: its Link headers, and a poll that goes on."""

from pathlib import Path

import pytest

from tests.sandbox.rig import OrgRig, org_rig

pytestmark = pytest.mark.anyio

LOGS = "/api/v1/logs"


async def types_at(org: OrgRig, url: str) -> tuple[list[str], str | None]:
    response = await org.client.get(url)
    assert response.status_code == 200, response.text
    assert "self" in response.links
    types = [entry["eventType"] for entry in response.json()]
    return types, response.links.get("next", {}).get("url")


async def test_a_poll_always_has_a_next_page(tmp_path: Path) -> None:
    """Behind ``next`` is what happened since, and then nothing until something happens."""
    async with org_rig(tmp_path) as org:
        wanted = f'{LOGS}?filter=eventType eq "user.lifecycle.create"&since=2020-01-01T00:00:00Z'
        nothing, url = await types_at(org, wanted)
        assert (nothing, url is not None) == ([], True)
        for n in range(3):
            await org.create_user(f"user{n}@example.com")
            assert url is not None
            found, url = await types_at(org, url)
            assert found == ["user.lifecycle.create"]
            assert url is not None
            found, url = await types_at(org, url)
            assert found == []


async def test_a_bounded_query_ends(tmp_path: Path) -> None:
    """Its pages follow each other by ``next`` alone, which keeps the question as it was asked."""
    async with org_rig(tmp_path) as org:
        for n in range(3):
            await org.create_user(f"user{n}@example.com")
        query = 'filter=eventType sw "user."&sortOrder=DESCENDING&limit=4'
        first, url = await types_at(org, f"{LOGS}?{query}")
        assert url is not None
        assert "sortOrder=DESCENDING" in url
        assert "limit=4" in url
        second, end = await types_at(org, url)
    assert first == ["user.lifecycle.activate", "user.lifecycle.create"] * 2
    assert second == ["user.lifecycle.activate", "user.lifecycle.create"]
    assert end is None


async def test_a_link_cannot_be_broken_out_of(tmp_path: Path) -> None:
    """What a client sends in its query stays inside the angle brackets of the header."""
    async with org_rig(tmp_path) as org:
        response = await org.client.get(LOGS, params={"q": 'x>; rel="next", <http://evil/\r\n'})
        assert set(response.links) == {"self", "next"}
        assert response.links["next"]["url"].startswith(org.sandbox.url)


async def test_an_entry_says_who_did_it_and_how(tmp_path: Path) -> None:
    """The actor, the client's address and agent, the request and the token's id."""
    async with org_rig(tmp_path) as org:
        response = await org.call(
            "POST",
            "/api/v1/eventHooks",
            body={
                "name": "x",
                "events": {"type": "EVENT_TYPE", "items": ["user.lifecycle.create"]},
                "channel": {
                    "type": "HTTP",
                    "version": "1.0.0",
                    "config": {"uri": "https://example.com/"},
                },
            },
        )
        me = await org.ok("GET", "/api/v1/users/me")
        [entry] = await org.log()
    assert entry["actor"]["id"] == me["id"]
    assert entry["client"]["ipAddress"] == "127.0.0.1"
    assert entry["client"]["userAgent"]["rawUserAgent"].startswith("python-httpx/")
    assert entry["request"]["ipChain"][0]["ip"] == "127.0.0.1"
    assert entry["transaction"]["id"] == response.headers["X-Okta-Request-Id"]
    assert entry["transaction"]["detail"]["requestApiTokenId"].startswith("00T")
    assert entry["debugContext"]["debugData"] == {
        "requestId": response.headers["X-Okta-Request-Id"],
        "requestUri": "/api/v1/eventHooks",
        "url": "/api/v1/eventHooks?",
    }
