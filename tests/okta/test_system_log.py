"""Questions to the System Log, and its pages: each entry once, and an end to every log."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta, timezone
from urllib.parse import parse_qsl, urlsplit

import anyio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.types import ASGIApp

from okhook.okta.answers import UnexpectedAnswer
from okhook.okta.system_log import LogEntry, LogQuery, about, is_one_of
from okhook.sandbox.scim import parse_filter
from tests.okta.fake_log import FakeLog, Pages, log_api, log_entry, next_to
from tests.okta.setup import ORG
from tests.support.records import NOON

TYPES = ("user.lifecycle.create", "group.user_membership.add")
DAY = LogQuery(since=NOON - timedelta(days=1), until=NOON + timedelta(days=1))
texts = st.text(st.characters(codec="utf-8"), max_size=30)
printable = st.text(st.characters(codec="utf-8", min_codepoint=32), max_size=12)


@given(filter_=st.none() | texts, newest_first=st.booleans(), limit=st.integers(1, 1000))
def test_a_query_encodes_its_parameters(
    filter_: str | None, newest_first: bool, limit: int
) -> None:
    """Whatever the filter contains, the org reads the same; unset parameters are omitted."""
    east = timezone(timedelta(hours=2))
    query = LogQuery(
        since=datetime(2026, 11, 24, 1, 30, 0, 987_654, tzinfo=east),
        filter=filter_,
        newest_first=newest_first,
        limit=limit,
    )
    address = urlsplit(query.path())
    assert (address.path, address.fragment) == ("/api/v1/logs", "")
    assert address.query.isascii()
    assert "+" not in address.query
    asked = [("since", "2026-11-23T23:30:00.987Z")]
    asked += [("filter", filter_)] if filter_ is not None else []
    asked += [("limit", str(limit)), ("sortOrder", "DESCENDING" if newest_first else "ASCENDING")]
    assert parse_qsl(address.query, keep_blank_values=True, strict_parsing=True) == asked


@given(types=st.lists(printable, min_size=1, max_size=4), other=printable, target=printable)
def test_no_text_ends_a_filter_early(types: list[str], other: str, target: str) -> None:
    """Quotes and backslashes in a type or an id are part of it, as a SCIM filter has them."""
    by_type = parse_filter(is_one_of(tuple(types)))
    assert all(by_type({"eventType": each}) for each in types)
    assert by_type({"eventType": other}) is (other in types)
    about_it = parse_filter(about(target, tuple(types)))
    assert about_it({"eventType": types[-1], "target": [{"id": "x"}, {"id": target}]})
    assert not about_it({"eventType": types[0], "target": [{"id": f"{target}x"}]})
    assert about_it({"eventType": other, "target": [{"id": target}]}) is (other in types)


async def pages_of(app: ASGIApp, query: LogQuery) -> list[tuple[LogEntry, ...]]:
    async with log_api(app) as log:
        return [page async for page in log.pages(query)]


async def uuids_of(app: ASGIApp, query: LogQuery) -> list[str]:
    async with log_api(app) as log:
        return [entry.uuid async for entry in log.entries(query)]


def a_log_of(count: int) -> FakeLog:
    return FakeLog(
        [log_entry(f"uuid-{n}", published=NOON + timedelta(seconds=n)) for n in range(count)]
    )


@settings(max_examples=40, deadline=None)
@given(
    count=st.integers(0, 25),
    limit=st.integers(1, 12),
    bounded=st.booleans(),
    newest_first=st.booleans(),
)
def test_every_entry_comes_once_and_in_order(
    count: int, limit: int, bounded: bool, newest_first: bool
) -> None:
    """Whatever the size of the pages: forwards and backwards, with an end and polling."""
    log = a_log_of(count)
    until = NOON + timedelta(days=1) if bounded else None
    query = LogQuery(since=NOON, until=until, limit=limit, newest_first=newest_first)
    expected = [entry["uuid"] for entry in log.entries]
    if newest_first:
        expected.reverse()
    assert anyio.run(uuids_of, log, query) == expected


@pytest.mark.anyio
async def test_a_polling_query_ends_with_the_first_empty_page() -> None:
    """It always has a next page, which is not asked for once there was nothing in the last one."""
    log = a_log_of(4)
    pages = await pages_of(log, LogQuery(since=NOON, limit=2))
    assert [len(page) for page in pages] == [2, 2, 0]
    assert len(log.asked) == 3


@pytest.mark.anyio
@pytest.mark.parametrize("query", [DAY, LogQuery(since=NOON, newest_first=True)])
async def test_an_empty_page_does_not_end_a_bounded_query(query: LogQuery) -> None:
    """Okta can search much of a log without a match, and link to a next page."""
    pages = Pages(
        ([log_entry("uuid-1")], [next_to("/api/v1/logs?after=1")]),
        ([], [next_to("/api/v1/logs?after=2")]),
        ([log_entry("uuid-2")], []),
    )
    assert await uuids_of(pages, query) == ["uuid-1", "uuid-2"]


@pytest.mark.anyio
@pytest.mark.parametrize("circle", [("after=1",), ("after=1", "after=2"), ("", "after=1", "")])
async def test_pages_that_go_round_in_a_circle_end(circle: tuple[str, ...]) -> None:
    """A next link that was followed before is an error."""
    links = [next_to(f"/api/v1/logs?{each}") for each in circle]
    answers = [([log_entry(f"uuid-{n}")], [link]) for n, link in enumerate([*links, links[0]])]
    pages = Pages(*answers)
    with pytest.raises(UnexpectedAnswer, match="has too many pages"):
        await pages_of(pages, DAY)
    assert len(pages.asked) == len(set(pages.asked)) == len(set(circle)) + 1


@pytest.mark.anyio
async def test_a_first_page_that_links_to_itself_is_a_circle() -> None:
    """It is read at most twice, however it spells its own address."""
    pages = Pages(([log_entry()], [next_to(DAY.path())]))
    with pytest.raises(UnexpectedAnswer, match="has too many pages"):
        await pages_of(pages, DAY)
    assert len(pages.asked) <= 2


@pytest.mark.anyio
@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/api/v1/logs?after=1",
        "//evil.example/api/v1/logs",
        "http://dev-123.okta.com/api/v1/logs",
        "https://dev-123.okta.com:8443/api/v1/logs",
        "https://dev-123.okta.com@evil.example/api/v1/logs",
    ],
)
async def test_a_next_page_elsewhere_is_not_called(target: str) -> None:
    """The token goes to no other host, port or scheme, whatever the org's answer says."""
    pages = Pages(([log_entry()], [next_to(target)]))
    with pytest.raises(UnexpectedAnswer, match="another host"):
        await pages_of(pages, DAY)
    assert len(pages.asked) == 1


@pytest.mark.anyio
@pytest.mark.parametrize("target", ["http://[", "https://dev-123.okta.com:port/x", "https://[::1/"])
async def test_an_invalid_next_page_is_unexpected(target: str) -> None:
    """It is UnexpectedAnswer, not a bug."""
    pages = Pages(([log_entry()], [next_to(target)]))
    with pytest.raises(UnexpectedAnswer):
        await pages_of(pages, DAY)


LATER = "/api/v1/logs?filter=a%20eq%20b,c&after=1,2"


@pytest.mark.anyio
@pytest.mark.parametrize(
    "links",
    [
        [next_to(f"{ORG.url}{LATER}")],
        [next_to(LATER)],
        [f'<{ORG.url}/api/v1/logs?since=1,2>; rel="self"', next_to(LATER)],
        [f'<{ORG.url}/api/v1/logs?x=1,2>; rel="self", {next_to(LATER)}'],
        [f'<{LATER}>; title="more"; rel = "next"'],
    ],
)
async def test_links_with_commas_in_them(links: list[str]) -> None:
    """A comma within a target parts no links, and ``self`` is no ``next``."""
    pages = Pages(([log_entry("uuid-1")], links), ([log_entry("uuid-2")], []))
    assert await uuids_of(pages, DAY) == ["uuid-1", "uuid-2"]
    assert pages.asked[1].endswith(LATER)


@pytest.mark.anyio
@pytest.mark.parametrize(
    "make", [dict, lambda: [[]], lambda: ["x"], lambda: [{"uuid": 1}], lambda: [None]]
)
async def test_an_invalid_page_of_the_log_is_refused(make: Callable[[], Sequence[object]]) -> None:
    """Another kind of JSON is refused whole, whatever it holds."""
    with pytest.raises(UnexpectedAnswer):
        await pages_of(Pages((make(), [])), DAY)


@pytest.mark.anyio
async def test_the_latest_of_a_type() -> None:
    """The newest within the time that Okta keeps, found with one call and one entry."""
    log = FakeLog(
        [
            log_entry("old", TYPES[1], published=NOON - timedelta(days=91)),
            log_entry("one", TYPES[0], published=NOON - timedelta(days=2)),
            log_entry("two", TYPES[0], published=NOON - timedelta(days=1)),
            log_entry("else", "user.session.start", published=NOON),
        ]
    )
    async with log_api(log) as api:
        newest = await api.latest(TYPES[0], now=NOON)
        assert newest is not None
        assert newest.uuid == "two"
        assert len(log.asked) == 1
        assert log.asked[0]["limit"] == "1"
        assert await api.latest(TYPES[1], now=NOON) is None


@pytest.mark.anyio
async def test_pages_without_an_end_have_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """Even if each next page has an address of its own."""
    monkeypatch.setattr("okhook.okta.client._PAGES", 3)
    links = [next_to(f"/api/v1/logs?after={number}") for number in range(9)]
    pages = Pages(*(([log_entry()], [link]) for link in links))
    with pytest.raises(UnexpectedAnswer, match="has too many pages"):
        await pages_of(pages, DAY)
    assert len(pages.asked) == 3
