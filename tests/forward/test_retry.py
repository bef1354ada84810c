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
    state_after,
)
from okhook.http.client import (
    Answer,
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
def test_a_status_means_taken_later_or_never(outcome: ForwardState, statuses: list[int]) -> None:
    """2xx is done, 408, 429 and 5xx are tried again, and nothing else is."""
    assert {state_after(attempt(status)) for status in statuses} == {outcome}


@pytest.mark.parametrize("fault", [NameNotFound, ConnectionFailed, TlsFailed, TimedOut, AnswerLost])
def test_no_answer_means_later(fault: type[HttpError]) -> None:
    """Whatever kept an answer away may be over the next time."""
    assert state_after(attempt(None, fault=fault.fault)) is ForwardState.WAITING


def test_what_cannot_be_sent_is_never_tried_again() -> None:
    """A request that HTTP cannot carry will not be carried later."""
    assert state_after(attempt(None, fault=CannotBeSent.fault)) is ForwardState.FAILED


def test_the_steps_are_those_that_are_documented() -> None:
    """1, 2, 5, 15, 30 seconds, a minute, and then five minutes for ever."""
    waits_s = [back_off_s(failures, 0.0) for failures in range(1, 10)]
    assert waits_s == [1, 2, 5, 15, 30, 60, 300, 300, 300]
    assert back_off_s(1_000_000, 0.0) == 300


@given(st.integers(1, 100), st.floats(0, 1))
def test_jitter_never_brings_a_step_forward(failures: int, chance: float) -> None:
    """It is the step, or up to a fifth longer, and still in the order of the steps."""
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
    """A date counts from the answer's own; a wish beyond an hour is cut, nonsense is none."""
    noon = NOON.replace(microsecond=0)
    assert asked_wait_s(answer(**headers), noon) == wait_s


@given(st.text(), st.text())
def test_no_retry_after_can_hurt(retry_after: str, date: str) -> None:
    """Whatever an app writes there is a wait of up to an hour, or none."""
    wait_s = asked_wait_s(answer(retry_after=retry_after, date=date), NOON)
    assert wait_s is None or 0 <= wait_s <= LONGEST_WAIT_S


_DATES = st.datetimes(timezones=st.just(UTC)).map(
    lambda at: at.strftime("%a, %d %b ") + f"{at.year:04} {at:%H:%M:%S} GMT"
)


@given(_DATES, _DATES)
def test_no_date_can_hurt(retry_after: str, date: str) -> None:
    """The same for any two dates."""
    wait_s = asked_wait_s(answer(retry_after=retry_after, date=date), NOON)
    assert wait_s is not None
    assert 0 <= wait_s <= LONGEST_WAIT_S


def test_a_taken_delivery_is_done() -> None:
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


def test_another_4xx_is_failed_at_once() -> None:
    """The app understood and will not take it; no time is set."""
    forward = forward_after(attempt(404), retries=RETRIES, asked_s=5, at=NOON, chance=0)
    assert (forward.state, forward.next_at) == (ForwardState.FAILED, None)


@pytest.mark.parametrize("retries", [0, 1, 15])
def test_retries_are_attempts_after_the_first(retries: int) -> None:
    """The last of them fails the delivery, the one before does not."""

    def state_after(number: int) -> ForwardState:
        failed = attempt(503, number=number)
        return forward_after(failed, retries=retries, asked_s=None, at=NOON, chance=0).state

    assert state_after(retries + 1) is ForwardState.FAILED
    assert all(state_after(number) is ForwardState.WAITING for number in range(1, retries + 1))


@pytest.mark.parametrize(
    ("number", "asked_s", "wait_s"), [(1, None, 1), (1, 40, 40), (4, 2, 15), (4, 0, 15)]
)
def test_the_longer_of_two_waits_counts(number: int, asked_s: float | None, wait_s: float) -> None:
    """An app that asks for patience gets it; one that asks for haste is not hammered."""
    forward = forward_after(
        attempt(503, number=number), retries=15, asked_s=asked_s, at=NOON, chance=0
    )
    assert forward.next_at == NOON + timedelta(seconds=wait_s)


def test_the_default_gives_an_app_the_better_part_of_an_hour() -> None:
    """Fifteen retries last longer than a lunch break is short."""
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
def test_a_clock_that_was_set_back_keeps_nobody_waiting(next_at: datetime, due: bool) -> None:
    """What is further ahead than any wait is long was set by another clock."""
    assert is_due(next_at, NOON) is due
