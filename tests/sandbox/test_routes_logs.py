"""Questions to the System Log: bounds, pages and polling."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from okhook.sandbox.refusals import ApiRefusal
from okhook.sandbox.routes_logs import LogPage, log_page, log_query
from okhook.sandbox.system_log import Logged, SystemLog, logged

NOW = datetime(2026, 2, 1, 12, tzinfo=UTC)
Params = list[tuple[str, str]]


def entries(count: int, *, first_seq: int = 1) -> list[Logged]:
    """Return entries, one a minute, the last of them a minute ago."""
    began = NOW - timedelta(minutes=count)
    return [
        logged(
            first_seq + n,
            began + timedelta(minutes=n),
            {"n": n, "eventType": "even" if n % 2 == 0 else "odd", "actor": {"name": f"Doe {n}"}},
        )
        for n in range(count)
    ]


def ask(kept: list[Logged], params: Params) -> LogPage:
    return log_page(log_query(params, NOW), SystemLog(1, kept))


def numbers(page: LogPage) -> list[int]:
    return [each.entry["n"] for each in page.entries]


def test_the_last_seven_days_are_shown_oldest_first() -> None:
    """Without a parameter: 100 entries of 7 days, in the order in which they happened."""
    kept = [logged(1, NOW - timedelta(days=8), {"n": -1}), *entries(150, first_seq=2)]
    page = ask(kept, [])
    assert numbers(page) == list(range(100))


def test_bounds_are_times_in_any_zone() -> None:
    """``since`` and ``until`` include their own moment."""
    kept = entries(10)
    params = [("since", "2026-02-01T12:53:00+01:00"), ("until", "2026-02-01T11:55:00.000Z")]
    assert numbers(ask(kept, params)) == [3, 4, 5]


def test_filter_and_keywords_both_hold() -> None:
    """``q`` looks for each word in any text of an entry, in any case."""
    kept = entries(10)
    assert numbers(ask(kept, [("filter", 'eventType eq "odd"'), ("q", "doe")])) == [1, 3, 5, 7, 9]
    assert numbers(ask(kept, [("q", "DOE 7")])) == [7]
    assert numbers(ask(kept, [("q", "smith")])) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("since", "yesterday"),
        ("until", "2026-02-30T00:00:00Z"),
        ("since", "0001-01-01T00:00:00+23:59"),
        ("after", "x"),
        ("after", "1"),
        ("after", "1_x"),
        ("limit", "-1"),
        ("limit", "1001"),
        ("limit", "ten"),
        ("limit", "1" * 30),
        ("sortOrder", "asc"),
        ("filter", "eventType"),
        ("q", "x" * 41),
        ("q", "x " * 11),
    ],
)
def test_an_invalid_parameter_is_refused(name: str, value: str) -> None:
    """400 E0000001 that names the parameter."""
    with pytest.raises(ApiRefusal) as refused:
        ask(entries(3), [(name, value)])
    assert (refused.value.status, refused.value.code) == (400, "E0000001")
    assert name in refused.value.causes[0]


def test_until_before_since_is_refused() -> None:
    """A question that nothing can answer."""
    with pytest.raises(ApiRefusal):
        ask([], [("since", "2026-01-02T00:00:00Z"), ("until", "2026-01-01T00:00:00Z")])


@pytest.mark.parametrize("until", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
def test_bounds_at_the_ends_of_time_are_answered(until: str) -> None:
    """No arithmetic on them overflows."""
    assert len(ask(entries(3), [("until", until)]).entries) in (0, 3)


def test_nothing_is_shown_that_is_older_than_okta_keeps() -> None:
    """90 days, also where ``since`` is earlier."""
    kept = [logged(1, NOW - timedelta(days=91), {"n": 0}), *entries(1, first_seq=2)]
    assert len(ask(kept, [("since", "2020-01-01T00:00:00Z")]).entries) == 1


orders = st.sampled_from(["ASCENDING", "DESCENDING"])


@settings(deadline=None)
@given(count=st.integers(0, 40), limit=st.integers(1, 15), order=orders, chosen=st.booleans())
def test_the_pages_of_a_bounded_query_show_each_entry_once(
    count: int, limit: int, order: str, chosen: bool
) -> None:
    """Following ``next`` shows all that is asked for, in order, and ends."""
    kept = entries(count)
    params: Params = [("limit", str(limit)), ("sortOrder", order)]
    params.append(("until", NOW.isoformat()))
    if chosen:
        params.append(("filter", 'eventType eq "odd"'))
    shown: list[int] = []
    cursor: str | None = None
    for _ in range(count + 2):
        page = ask(kept, [*params, *([("after", cursor)] if cursor else [])])
        shown += numbers(page)
        cursor = page.next_cursor
        if cursor is None:
            break
    wanted = [n for n in range(count) if n % 2 == 1 or not chosen]
    assert cursor is None
    assert shown == (wanted if order == "ASCENDING" else wanted[::-1])


@settings(deadline=None)
@given(batches=st.lists(st.integers(0, 12), max_size=8), limit=st.integers(0, 10))
def test_polling_sees_each_entry_once_and_never_ends(batches: list[int], limit: int) -> None:
    """There is always a ``next``; what happens later is behind it, and what was shown is not."""
    log = SystemLog(first_seq=1_000)
    query: Params = [("limit", str(limit))]
    shown: list[int] = []
    cursor: str | None = None
    happened = 0
    for batch in [*batches, 0, *([0] * 100)]:
        for _ in range(batch):
            log.append(NOW, {"n": happened})
            happened += 1
        params = [*query, *([("after", cursor)] if cursor else [])]
        page = log_page(log_query(params, NOW), log)
        assert page.next_cursor is not None
        cursor = page.next_cursor
        shown += numbers(page)
    assert shown == (list(range(happened)) if limit else [])
