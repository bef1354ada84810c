"""What an attempt's outcome means for its delivery, and when it is tried again. Pure."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum

from okhook.http.client import Answer, CannotBeSent
from okhook.records.attempt import Attempt, Forward, ForwardState

STEPS_S = (1.0, 2.0, 5.0, 15.0, 30.0, 60.0, 300.0)
"""How long to wait after the first failure, the second …; the last step is repeated."""

LONGEST_WAIT_S = 3600.0
"""The longest wait that an app can ask for."""

_JITTER = 0.2
"""How much longer a wait may be, as a share of it, so that retries do not come all at once."""

_TRIED_AGAIN = frozenset({408, 429})
"""The 4xx that mean "later", and not "never"."""


class Outcome(StrEnum):
    """What an attempt came to: the app took it, may take it later, or will not take it."""

    TAKEN = "taken"
    LATER = "later"
    NEVER = "never"


def outcome_of(attempt: Attempt) -> Outcome:
    """Tell what an attempt came to; no answer means later, a redirect or another 4xx never."""
    if attempt.status is None:
        return Outcome.NEVER if attempt.fault == CannotBeSent.fault else Outcome.LATER
    if attempt.accepted:
        return Outcome.TAKEN
    if 500 <= attempt.status < 600 or attempt.status in _TRIED_AGAIN:
        return Outcome.LATER
    return Outcome.NEVER


def back_off_s(failures: int, chance: float) -> float:
    """Return how long to wait after so many failures in a row (1 …); ``chance`` is 0 … 1."""
    step_s = STEPS_S[min(failures, len(STEPS_S)) - 1]
    return step_s * (1 + _JITTER * chance)


def asked_wait_s(answer: Answer, now: datetime) -> float | None:
    """Return the seconds for which an answer asks by ``Retry-After``, at most an hour.

    A date there is measured against the answer's own ``Date``, because both come from one clock;
    ``now`` stands in for that. None where the header is missing or invalid.
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
    """Return where a delivery stands after ``attempt``, whose outcome was known ``at``.

    It is tried again no sooner than after ``asked_s`` and the back-off, and given up after
    ``retries`` attempts beyond the first.
    """
    outcome = outcome_of(attempt)
    if outcome is Outcome.LATER and attempt.number <= retries:
        wait_s = max(back_off_s(attempt.number, chance), asked_s or 0.0)
        next_at = at + timedelta(seconds=wait_s)
        return Forward(attempt.seq, attempt.target, ForwardState.WAITING, attempt.number, next_at)
    state = ForwardState.DONE if outcome is Outcome.TAKEN else ForwardState.FAILED
    return Forward(attempt.seq, attempt.target, state, attempt.number)


def is_due(next_at: datetime, at: datetime) -> bool:
    """Tell whether ``next_at`` is reached, or so far ahead that the clock was set back."""
    return not timedelta(0) < next_at - at <= timedelta(seconds=LONGEST_WAIT_S)


def _date(text: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)
