"""What an outcome means, how long to wait, and when to give up."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okhook.config.settings import Settings
from okhook.forward.retry import (
    LONGEST_WAIT_S,
    STEPS_S,
    asked_wait_s,
    back_off_s,
    forward_after,
    is_due,
    longest_retries_s,
    state_after,
)
from okhook.http.client import Answer
from okhook.http.errors import (
    AnswerLost,
    CannotBeSent,
    ConnectionFailed,
    HttpError,
    NameNotFound,
    TimedOut,
    TlsFailed,
)
from okhook.records.attempt import Attempt, ForwardState, Purpose
from tests.support.records import NOON

URL = "http://127.0.0.1:3000/hook"

RETRIES = Settings.retries.default


def attempt(status: int | None, *, number: int = 1, fault: str | None = None) -> Attempt:
    return Attempt(7, URL, Purpose.FORWARD, number, NOON, 0.1, status, fault)


def answer(**headers: str) -> Answer:
    return Answer(503, tuple((k.replace("_", "-"), v) for k, v in headers.items()), b"", 0.1)


@pytest.mark.parametrize(
    ("outcome", "statuses"),
    [
        (ForwardState.DONE, [200, 201, 202, 204, 299]),
        (ForwardState.WAITING, [408, 429, 500, 502, 503, 504, 599]),
        (
            ForwardState.FAILED,
            [101, 300, 301, 302, 307, 400, 401, 404, 409, 410, 413, 422, 600, 999],
        ),
    ],
)
def test_a_status_means_done_waiting_or_failed(outcome: ForwardState, statuses: list[int]) -> None:
    """2xx is done; 408, 429 and 5xx are retried; everything else has failed."""
    assert {state_after(attempt(status)) for status in statuses} == {outcome}


@pytest.mark.parametrize("fault", [NameNotFound, ConnectionFailed, TlsFailed, TimedOut, AnswerLost])
def test_no_answer_is_retried(fault: type[HttpError]) -> None:
    """The next attempt may succeed."""
    assert state_after(attempt(None, fault=fault.fault)) is ForwardState.WAITING


def test_an_invalid_request_is_not_retried() -> None:
    """HTTP cannot carry it later, either."""
    assert state_after(attempt(None, fault=CannotBeSent.fault)) is ForwardState.FAILED


def test_the_back_off_is_as_documented() -> None:
    """1, 2, 5, 15, 30 seconds, a minute, and then five minutes each time."""
    waits_s = [back_off_s(failures, 0.0) for failures in range(1, 10)]
    assert waits_s == [1, 2, 5, 15, 30, 60, 300, 300, 300]
    assert back_off_s(1_000_000, 0.0) == 300


@given(st.integers(1, 100), st.floats(0, 1))
def test_jitter_only_lengthens_a_wait(failures: int, chance: float) -> None:
    """By up to a fifth, and the steps keep their order."""
    step_s = back_off_s(failures, 0.0)
    assert step_s <= back_off_s(failures, chance) <= step_s * 1.2
    assert back_off_s(failures, 1.0) != step_s
    assert step_s in STEPS_S


@pytest.mark.parametrize(
    ("headers", "wait_s"),
    [
        ({}, None),
        ({"retry_after": "7"}, 7),
        ({"Retry_After": " 0 "}, 0),
        ({"retry_after": "999999999999999999999999999"}, LONGEST_WAIT_S),
        ({"retry_after": "-1"}, None),
        ({"retry_after": "1.5"}, None),
        ({"retry_after": "soon"}, None),
        ({"retry_after": "²"}, None),
        ({"retry_after": ""}, None),
        ({"retry_after": "Tue, 24 Nov 2026 12:00:30 GMT"}, 30),
        ({"retry_after": "Tue, 24 Nov 2026 11:00:00 GMT"}, 0),
        ({"retry_after": "Thu, 31 Dec 9999 23:59:59 GMT"}, LONGEST_WAIT_S),
        (
            {
                "retry_after": "Sat, 01 Jan 2000 00:01:00 GMT",
                "date": "Sat, 01 Jan 2000 00:00:00 GMT",
            },
            60,
        ),
        ({"retry_after": "Tue, 24 Nov 2026 12:00:30 GMT", "date": "today"}, 30),
        ({"date": "Tue, 24 Nov 2026 12:00:30 GMT"}, None),
    ],
)
def test_retry_after_is_seconds_or_a_date(headers: dict[str, str], wait_s: float | None) -> None:
    """A date is relative to the answer's Date. The limit is an hour; invalid values are ignored."""
    noon = NOON.replace(microsecond=0)
    assert asked_wait_s(answer(**headers), noon) == wait_s


@given(st.text(), st.text())
def test_any_retry_after_is_harmless(retry_after: str, date: str) -> None:
    """The result is a wait of up to an hour, or none."""
    wait_s = asked_wait_s(answer(retry_after=retry_after, date=date), NOON)
    assert wait_s is None or 0 <= wait_s <= LONGEST_WAIT_S


_DATES = st.datetimes(timezones=st.just(UTC)).map(
    lambda at: at.strftime("%a, %d %b ") + f"{at.year:04} {at:%H:%M:%S} GMT"
)


@given(_DATES, _DATES)
def test_any_dates_are_harmless(retry_after: str, date: str) -> None:
    """The result is a wait of up to an hour, or none."""
    wait_s = asked_wait_s(answer(retry_after=retry_after, date=date), NOON)
    assert wait_s is not None
    assert 0 <= wait_s <= LONGEST_WAIT_S


def test_an_accepted_delivery_is_done() -> None:
    """After any number of attempts, also beyond the limit."""
    for number in (1, RETRIES + 1, 99):
        forward = forward_after(
            attempt(204, number=number),
            retries=RETRIES,
            asked_s=5,
            at=NOON,
            chance=0,
        )
        assert (forward.state, forward.attempts, forward.next_at) == (
            ForwardState.DONE,
            number,
            None,
        )


def test_another_4xx_fails_at_once() -> None:
    """There is no next attempt."""
    forward = forward_after(attempt(404), retries=RETRIES, asked_s=5, at=NOON, chance=0)
    assert (forward.state, forward.next_at) == (ForwardState.FAILED, None)


@pytest.mark.parametrize("retries", [0, 1, 15])
def test_retries_do_not_count_the_first_attempt(retries: int) -> None:
    """The delivery fails after the last retry, not before."""

    def state_after(number: int) -> ForwardState:
        failed = attempt(503, number=number)
        return forward_after(failed, retries=retries, asked_s=None, at=NOON, chance=0).state

    assert state_after(retries + 1) is ForwardState.FAILED
    assert all(state_after(number) is ForwardState.WAITING for number in range(1, retries + 1))


@pytest.mark.parametrize(
    ("number", "asked_s", "wait_s"), [(1, None, 1), (1, 40, 40), (4, 2, 15), (4, 0, 15)]
)
def test_the_longer_wait_counts(number: int, asked_s: float | None, wait_s: float) -> None:
    """The one that the app asks for, or the back-off."""
    forward = forward_after(
        attempt(503, number=number), retries=15, asked_s=asked_s, at=NOON, chance=0
    )
    assert forward.next_at == NOON + timedelta(seconds=wait_s)


def test_the_default_retries_last_most_of_an_hour() -> None:
    """Longer than a lunch break."""
    total_s = sum(back_off_s(failures, 0.0) for failures in range(1, RETRIES + 1))
    assert 45 * 60 < total_s < 60 * 60


@pytest.mark.parametrize(
    ("next_at", "due"),
    [
        (NOON, True),
        (NOON - timedelta(days=9), True),
        (NOON + timedelta(microseconds=1), False),
        (NOON + timedelta(seconds=LONGEST_WAIT_S), False),
        (NOON + timedelta(days=400), True),
    ],
)
def test_a_clock_set_back_does_not_delay_a_retry(next_at: datetime, due: bool) -> None:
    """A time further ahead than the longest wait counts as due."""
    assert is_due(next_at, NOON) is due


def test_the_longest_that_retries_last() -> None:
    """Each wait with its whole jitter: so long a stream should recognise an event."""
    assert longest_retries_s(0) == 0
    assert longest_retries_s(2) == pytest.approx(3.6)
    assert longest_retries_s(15) / 60 == pytest.approx(56.3, abs=0.1)
