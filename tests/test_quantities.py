"""Times, amounts and rates: what people write means what they mean, and nothing else."""

import contextlib
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okhook.quantities import (
    KeepAge,
    KeepCount,
    KeepSize,
    NotAQuantity,
    parse_age,
    parse_keep,
    parse_rate,
    parse_since,
    parse_until,
)

NOW = datetime(2026, 11, 24, 12, 0, 0, 123456, tzinfo=UTC)
EAST = timezone(timedelta(hours=2))


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("now", NOW),
        ("90s", NOW - timedelta(seconds=90)),
        ("30m", NOW - timedelta(minutes=30)),
        ("2h", NOW - timedelta(hours=2)),
        (" 1.5 h ", NOW - timedelta(minutes=90)),
        ("7d", NOW - timedelta(days=7)),
        ("1w", NOW - timedelta(days=7)),
        ("0s", NOW),
        ("2026-11-24", datetime(2026, 11, 23, 22, tzinfo=UTC)),
        ("2026-11-24T12:00", datetime(2026, 11, 24, 10, tzinfo=UTC)),
        ("2026-11-24 12:00:30", datetime(2026, 11, 24, 10, 0, 30, tzinfo=UTC)),
        ("2026-11-24T12:00:00Z", datetime(2026, 11, 24, 12, tzinfo=UTC)),
        ("2026-11-24T12:00:00.5-05:00", datetime(2026, 11, 24, 17, 0, 0, 500_000, tzinfo=UTC)),
    ],
)
def test_moments(text: str, meant: datetime) -> None:
    """Ages count back from now, dates are midnight, and what has no offset is local."""
    assert parse_since(text, now=NOW, zone=EAST) == meant
    assert parse_since(text, now=NOW, zone=EAST).tzinfo is UTC


def test_until_a_date_is_until_its_end() -> None:
    """`--since D --until D` is the whole day D; any other moment is the same for both."""
    end = datetime(2026, 11, 24, 21, 59, 59, 999_999, tzinfo=UTC)
    assert parse_until("2026-11-24", now=NOW, zone=EAST) == end
    assert parse_until("2h", now=NOW) == parse_since("2h", now=NOW)


def test_without_a_zone_a_time_is_of_this_machine() -> None:
    """The usual zone is the one that the machine's clock shows."""
    local = datetime(2026, 11, 24, 12, 0).astimezone()
    assert parse_since("2026-11-24T12:00", now=NOW) == local


@pytest.mark.parametrize(
    "text",
    ["", "yesterday", "2x", "h", "-2h", "2026-13-01", "2026-11-24T25:00", "9" * 30 + "d", "2H",
     "0001-01-01T00:00:00+14:00", "٣h"],
)  # fmt: skip
def test_what_is_no_moment(text: str) -> None:
    """Anything else is refused with an example of each spelling, times out of range included."""
    for parse in (parse_since, parse_until):
        with pytest.raises(NotAQuantity, match="2026-11-24T12:00"):
            parse(text, now=NOW, zone=EAST)


@pytest.mark.parametrize(
    ("text", "age"),
    [
        ("90s", timedelta(seconds=90)),
        ("10m", timedelta(minutes=10)),
        (" 2h ", timedelta(hours=2)),
        ("1.5 h", timedelta(minutes=90)),
        ("7d", timedelta(days=7)),
        ("1w", timedelta(days=7)),
        ("0s", timedelta(0)),
        ("10", timedelta(seconds=10)),
        ("0.5", timedelta(seconds=0.5)),
    ],
)
def test_ages(text: str, age: timedelta) -> None:
    """A number and its unit are a length of time, a number alone is seconds."""
    assert parse_age(text) == age


@pytest.mark.parametrize(
    "text",
    ["", "now", "1_0", "h", "-2h", "2x", "2H", "2h30m", "1e3s", "2026-11-24", "٣h", "10MB",
     "9" * 15 + "w", "9" * 30 + "s"],
)  # fmt: skip
def test_what_is_no_age(text: str) -> None:
    """A moment, a size, and what is longer than time itself are refused with examples."""
    with pytest.raises(NotAQuantity, match="10m"):
        parse_age(text)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("30d", KeepAge(timedelta(days=30))),
        ("0d", KeepAge(timedelta(0))),
        ("10000", KeepCount(10_000)),
        ("0", KeepCount(0)),
        ("500MB", KeepSize(500_000_000)),
        ("1.5 kB", KeepSize(1_500)),
        ("2gb", KeepSize(2_000_000_000)),
        ("1KiB", KeepSize(1024)),
        ("1MiB", KeepSize(1 << 20)),
        ("0.5GiB", KeepSize(1 << 29)),
    ],
)
def test_how_much_is_kept(text: str, meant: object) -> None:
    """An age, a count or a size, decimal and binary units told apart."""
    assert parse_keep(text) == meant


@pytest.mark.parametrize(
    "text", ["", "all", "-1", "1.5", "30 days", "500M", "1e9", "9" * 30 + "w", "9" * 15 + "w"]
)
def test_what_cannot_be_kept(text: str) -> None:
    """An amount without a unit that is known is refused, never guessed at."""
    with pytest.raises(NotAQuantity, match="30d"):
        parse_keep(text)


@pytest.mark.parametrize(
    ("text", "apart_s"), [("10/s", 0.1), ("100/m", 0.6), ("5", 0.2), ("0.5/s", 2.0), ("60/h", 60)]
)
def test_rates(text: str, apart_s: float) -> None:
    """A rate is the time between two; a number alone is a second's."""
    assert parse_rate(text) == pytest.approx(apart_s)


@pytest.mark.parametrize("text", ["", "0", "0/s", "-1/s", "10/d", "10/", "fast", "1e999", "9" * 20])
def test_what_is_no_rate(text: str) -> None:
    """Nothing at all, backwards and infinitely fast are no rates."""
    with pytest.raises(NotAQuantity, match="10/s"):
        parse_rate(text)


@given(text=st.text(max_size=12) | st.from_regex(r"[0-9.]+[a-zA-Z/]*", fullmatch=True))
def test_any_text_is_read_or_refused(text: str) -> None:
    """No text at all ends in another error than the one that says how to write it."""
    for parse in (
        lambda: parse_since(text, now=NOW, zone=EAST),
        lambda: parse_until(text, now=NOW),
        lambda: parse_age(text),
        lambda: parse_keep(text),
        lambda: parse_rate(text),
    ):
        with contextlib.suppress(NotAQuantity):
            assert parse() is not None
