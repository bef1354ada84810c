"""The query of an app's URL may have a token: the page never gets it, and still names the app."""

import shlex
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from okhook.config.paths import store_file
from okhook.records.attempt import Forward, ForwardState
from okhook.store.open import open_store
from tests.inspector.conftest import page_over
from tests.support.answering import answer, answering_server
from tests.support.found import attempt
from tests.support.records import stored

pytestmark = pytest.mark.anyio

QUERY, SHOWN = "?token=s3cr3t&tenant=acme", "?token=[hidden]&tenant=acme"


@pytest.fixture
async def page_of(tmp_path: Path) -> "AsyncIterator[tuple[httpx.AsyncClient, str]]":
    """Yield a page of one delivery, which failed at an app whose URL has a token, and that URL."""
    with answering_server(lambda _: answer(200)) as app:
        url = app.url + QUERY
        store = store_file(tmp_path)
        await _fail_at(store, url)
        async with page_over(store, tmp_path) as page:
            yield page, url
    assert [asked.target for asked in app.asked] in ([], ["/hook" + QUERY])


async def _fail_at(path: Path, *urls: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    async with open_store(path) as store:
        await store.append(stored("e1", "uuid-1"))
        for url in urls:
            await store.open_target(url)
            failed = Forward(1, url, ForwardState.FAILED, 1)
            await store.settle(attempt(seq=1, target=url), failed, cursor=1)
        await store.settled()


async def test_no_answer_to_the_page_has_the_token(
    page_of: tuple[httpx.AsyncClient, str],
) -> None:
    """Neither the list nor a record, its commands, the overview or what is copied."""
    page, url = page_of
    for path in ("records", "records/1", "records/1/code", "choices", "apps"):
        text = (await page.get(f"api/{path}")).text
        assert "s3cr3t" not in text, path
        assert url.replace(QUERY, SHOWN) in text, path
    record = (await page.get("api/records/1")).json()
    assert record["end"]["next_steps"] == [
        f"okhook replay 1 --to {shlex.quote(url.replace(QUERY, SHOWN))}"
    ]


async def test_the_page_names_the_app_by_what_it_shows(
    page_of: tuple[httpx.AsyncClient, str],
) -> None:
    """It filters by the app, and sends to it, with the token that it never had."""
    page, url = page_of
    shown = url.replace(QUERY, SHOWN)
    listed = (await page.get("api/records", params={"target": shown, "status": "failed"})).json()
    assert [each["seq"] for each in listed["records"]] == [1]
    sent = (await page.post("api/records/1/replay", json={"to": shown})).json()
    assert (sent["status"], sent["target"]) == (200, shown)


async def test_what_may_be_one_of_two_apps_is_refused(tmp_path: Path) -> None:
    """Their URLs differ in the token alone."""
    urls = [f"http://127.0.0.1:9/?token={each}" for each in "ab"]
    await _fail_at(store_file(tmp_path), *urls)
    async with page_over(store_file(tmp_path), tmp_path) as page:
        refused = await page.post(
            "api/records/1/replay", json={"to": "http://127.0.0.1:9/?token=[hidden]"}
        )
    assert refused.status_code == 400
    assert "2 apps" in refused.json()["why"]
