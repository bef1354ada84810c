"""How long a 429 makes us wait: pure, by the answer's own clock."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okhook.http.client import Answer
from okhook.okta.retry import RateLimitLeft, rate_limit_left, rate_limit_wait

NOW = datetime(2026, 11, 24, 12, 0, 0, tzinfo=UTC)
DATE = "Tue, 24 Nov 2026 12:00:00 GMT"
EPOCH = int(NOW.timestamp())


def limited(**headers: str) -> Answer:
    pairs = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Answer(429, pairs, b"", 0.1)


@pytest.mark.parametrize(
    ("reset", "date", "wait_s"),
    [
        (str(EPOCH + 30), DATE, 31.0),
        (str(EPOCH - 30), DATE, 1.0),
        (str(EPOCH + 30), "yesterday", 31.0),
        (str(EPOCH + 30), "Tue, 24 Nov 2026 12:00:10 GMT", 21.0),
        ("soon", DATE, 10.0),
        ("-5", DATE, 10.0),
        ("", DATE, 10.0),
        ("٣", DATE, 10.0),
        ("9" * 400, DATE, 60.0),
    ],
)
def test_the_wait_is_reset_less_date(reset: str, date: str, wait_s: float) -> None:
    """Whole seconds are rounded up by one, nonsense is ten seconds, a far reset the longest."""
    answer = limited(x_rate_limit_reset=reset, date=date)
    assert rate_limit_wait(answer, now=NOW, longest_s=60)[0] == wait_s


def test_the_requested_wait_is_returned_too() -> None:
    """A wait as asked is not cut short; a longer one is."""
    short = limited(x_rate_limit_reset=str(EPOCH + 5), date=DATE)
    long = limited(x_rate_limit_reset=str(EPOCH + 5000), date=DATE)
    assert rate_limit_wait(short, now=NOW, longest_s=60) == (6, 6)
    assert rate_limit_wait(long, now=NOW, longest_s=60) == (60, 5001)


@pytest.mark.parametrize(
    ("after", "wait_s"),
    [
        ("7", 7.0),
        ("0", 1.0),
        ("9" * 400, 60.0),
        ("Tue, 24 Nov 2026 12:00:30 GMT", 31.0),
        ("Tue, 24 Nov 2020 12:00:30 GMT", 1.0),
        ("soon", 10.0),
        ("-1", 10.0),
        ("", 10.0),
    ],
)
def test_retry_after_counts_where_there_is_no_reset_field_19(after: str, wait_s: float) -> None:
    """A proxy in front of the org knows no other header: seconds, or a time."""
    answer = limited(retry_after=after, date=DATE)
    assert rate_limit_wait(answer, now=NOW, longest_s=60)[0] == wait_s


@given(reset=st.text(max_size=30), date=st.text(max_size=40))
def test_no_header_makes_us_wait_longer_than_allowed(reset: str, date: str) -> None:
    """Whatever the org sends, the wait is between nothing and the longest."""
    wait_s, _ = rate_limit_wait(limited(x_rate_limit_reset=reset, date=date), now=NOW, longest_s=60)
    assert 0 < wait_s <= 60


def test_the_rate_limit_is_read_from_headers() -> None:
    """Limit, rest and reset; half of it is nothing."""
    whole = limited(
        X_Rate_Limit_Limit="600", X_Rate_Limit_Remaining="599", X_Rate_Limit_Reset=str(EPOCH)
    )
    assert rate_limit_left(whole) == RateLimitLeft(600, 599, NOW)
    odd = limited(X_Rate_Limit_Limit="600", X_Rate_Limit_Remaining="1", X_Rate_Limit_Reset="soon")
    assert rate_limit_left(odd) == RateLimitLeft(600, 1, None)
    assert rate_limit_left(limited(X_Rate_Limit_Limit="600")) is None
    assert rate_limit_left(limited(X_Rate_Limit_Remaining="-1", X_Rate_Limit_Limit="x")) is None


@given(text=st.text(max_size=30) | st.text("0123456789", min_size=1, max_size=40))
def test_any_header_is_a_number_or_ignored(text: str) -> None:
    """Whatever an org writes there: a number that is one, or nothing."""
    left = rate_limit_left(
        limited(X_Rate_Limit_Limit=text, X_Rate_Limit_Remaining="1", X_Rate_Limit_Reset=text)
    )
    assert (
        left is None or left.reset_at is None or left.reset_at >= datetime(1970, 1, 1, tzinfo=UTC)
    )
