"""The state of a delivery after an attempt, and when to retry it. Pure."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from okhook.http.client import Answer, CannotBeSent
from okhook.records.attempt import Attempt, Forward, ForwardState

STEPS_S = (1.0, 2.0, 5.0, 15.0, 30.0, 60.0, 300.0)
"""How long to wait after the first failure, the second …; the last step is repeated."""

LONGEST_WAIT_S = 3600.0
"""The longest wait that an app can ask for with ``Retry-After``."""

_JITTER = 0.2
"""The share by which a wait may grow, so that retries do not all come at once."""

_RETRIED_4XX = frozenset({408, 429})


def state_after(attempt: Attempt) -> ForwardState:
    """Return the state after an attempt, if retries are left.

    No answer, 408, 429 and 5xx are retried. A redirect or another 4xx is final.
    """
    if attempt.accepted:
        return ForwardState.DONE
    if attempt.status is None:
        is_retried = attempt.fault != CannotBeSent.fault
    else:
        is_retried = 500 <= attempt.status < 600 or attempt.status in _RETRIED_4XX
    return ForwardState.WAITING if is_retried else ForwardState.FAILED


def back_off_s(failures: int, chance: float) -> float:
    """Return the wait after that many failures in a row (1 …); ``chance`` is 0 … 1."""
    step_s = STEPS_S[min(failures, len(STEPS_S)) - 1]
    return step_s * (1 + _JITTER * chance)


def asked_wait_s(answer: Answer, now: datetime) -> float | None:
    """Return the wait that ``Retry-After`` asks for, at most an hour; None without a valid one.

    A date is compared with the answer's ``Date``, because both come from one clock, else with
    ``now``.
    """
    asked = (answer.header("retry-after") or "").strip()
    if asked.isascii() and asked.isdigit():
        return min(float(asked[:20]), LONGEST_WAIT_S)
    until = _date(asked)
    if until is None:
        return None
    since = _date(answer.header("date") or "") or now
    return min(max((until - since).total_seconds(), 0.0), LONGEST_WAIT_S)


def forward_after(
    attempt: Attempt, *, retries: int, asked_s: float | None, at: datetime, chance: float
) -> Forward:
    """Return the state of a delivery after ``attempt``, which ended ``at``.

    It fails after ``retries`` attempts beyond the first. Until then it waits for the back-off, or
    for ``asked_s`` if that is longer.
    """
    state, next_at = state_after(attempt), None
    if state is ForwardState.WAITING and attempt.number > retries:
        state = ForwardState.FAILED
    if state is ForwardState.WAITING:
        wait_s = max(back_off_s(attempt.number, chance), asked_s or 0.0)
        next_at = at + timedelta(seconds=wait_s)
    return Forward(attempt.seq, attempt.target, state, attempt.number, next_at)


def is_due(next_at: datetime, at: datetime) -> bool:
    """Return whether ``next_at`` is over, or so far ahead that the clock was set back."""
    return not timedelta(0) < next_at - at <= timedelta(seconds=LONGEST_WAIT_S)


def _date(text: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)
