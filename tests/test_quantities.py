"""Times, amounts and rates as people write them."""

import contextlib
from datetime import UTC, datetime, timedelta

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
    shown_size,
)

NOW = datetime(2026, 11, 24, 12, 0, 0, 123456, tzinfo=UTC)


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
        ("2026-11-24", datetime(2026, 11, 23, 19, tzinfo=UTC)),
        ("2026-11-24T12:00", datetime(2026, 11, 24, 7, tzinfo=UTC)),
        ("2026-11-24 12:00:30", datetime(2026, 11, 24, 7, 0, 30, tzinfo=UTC)),
        ("2026-11-24T12:00:00Z", datetime(2026, 11, 24, 12, tzinfo=UTC)),
        ("2026-11-24T12:00:00.5-05:00", datetime(2026, 11, 24, 17, 0, 0, 500_000, tzinfo=UTC)),
    ],
)
@pytest.mark.usefixtures("five_hours_east")
def test_moments(text: str, meant: datetime) -> None:
    """Ages count back from now, dates mean midnight, and a time without an offset is local."""
    assert parse_since(text, now=NOW) == meant
    assert parse_since(text, now=NOW).tzinfo is UTC


@pytest.mark.usefixtures("five_hours_east")
def test_until_a_date_is_until_its_end() -> None:
    """`--since D --until D` is the whole day D; any other moment is the same for both."""
    end = datetime(2026, 11, 24, 18, 59, 59, 999_999, tzinfo=UTC)
    assert parse_until("2026-11-24", now=NOW) == end
    assert parse_until("2h", now=NOW) == parse_since("2h", now=NOW)


def test_without_a_zone_a_time_is_local() -> None:
    """The default zone is this machine's."""
    local = datetime(2026, 11, 24, 12, 0).astimezone()
    assert parse_since("2026-11-24T12:00", now=NOW) == local


@pytest.mark.parametrize(
    "text",
    ["", "yesterday", "2x", "h", "-2h", "2026-13-01", "2026-11-24T25:00", "9" * 30 + "d", "2H",
     "0001-01-01T00:00:00+14:00", "٣h"],
)  # fmt: skip
def test_an_invalid_moment_is_refused(text: str) -> None:
    """The message has an example of each spelling. Times out of range are invalid too."""
    for parse in (parse_since, parse_until):
        with pytest.raises(NotAQuantity, match="2026-11-24T12:00"):
            parse(text, now=NOW)


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
    """A number and a unit are a length of time; a number alone is in seconds."""
    assert parse_age(text) == age


@pytest.mark.parametrize(
    "text",
    ["", "now", "1_0", "h", "-2h", "2x", "2H", "2h30m", "1e3s", "2026-11-24", "٣h", "10MB",
     "9" * 15 + "w", "9" * 30 + "s"],
)  # fmt: skip
def test_an_invalid_age_is_refused(text: str) -> None:
    """A moment, a size, and an age that is too long are refused with examples."""
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
    """An age, a count or a size; decimal and binary units differ."""
    assert parse_keep(text) == meant


@pytest.mark.parametrize(
    "text", ["", "all", "-1", "1.5", "30 days", "500M", "1e9", "9" * 30 + "w", "9" * 15 + "w"]
)
def test_an_invalid_amount_is_refused(text: str) -> None:
    """An amount with an unknown unit is refused, not guessed."""
    with pytest.raises(NotAQuantity, match="30d"):
        parse_keep(text)


@pytest.mark.parametrize(
    ("text", "apart_s"), [("10/s", 0.1), ("100/m", 0.6), ("5", 0.2), ("0.5/s", 2.0), ("60/h", 60)]
)
def test_rates(text: str, apart_s: float) -> None:
    """A rate becomes the interval in seconds; a number alone is per second."""
    assert parse_rate(text) == pytest.approx(apart_s)


@pytest.mark.parametrize("text", ["", "0", "0/s", "-1/s", "10/d", "10/", "fast", "1e999", "9" * 20])
def test_an_invalid_rate_is_refused(text: str) -> None:
    """Zero, a negative number and an infinite number are not rates."""
    with pytest.raises(NotAQuantity, match="10/s"):
        parse_rate(text)


@given(text=st.text(max_size=12) | st.from_regex(r"[0-9.]+[a-zA-Z/]*", fullmatch=True))
def test_any_text_is_read_or_refused(text: str) -> None:
    """For any text, the only error is the one that says how to write a quantity."""
    for parse in (
        lambda: parse_since(text, now=NOW),
        lambda: parse_until(text, now=NOW),
        lambda: parse_age(text),
        lambda: parse_keep(text),
        lambda: parse_rate(text),
    ):
        with contextlib.suppress(NotAQuantity):
            assert parse() is not None


@pytest.mark.parametrize(
    ("size_bytes", "shown"),
    [(0, "0 B"), (1023, "1023 B"), (13_000, "13 KiB"), (5 << 20, "5 MiB"), (3 << 29, "1.5 GiB")],
)
def test_a_size_has_a_fitting_unit(size_bytes: int, shown: str) -> None:
    """A small store does not have 0.0 MB."""
    assert shown_size(size_bytes) == shown
