"""Whether the apps accept the delivery that ``up --once --within`` waits for."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import anyio

from okhook.activity import Published
from okhook.errors import AnswerIsNo, Unavailable
from okhook.records.activities import Forwarded, TargetDown
from okhook.records.attempt import Attempt, ForwardState
from okhook.runtime.hub import Subscription
from okhook.text import plain
from okhook.wire.url import without_credentials


@dataclass
class Awaited:
    """The delivery that ``up --once`` waits for: its ``seq``, once it has arrived."""

    seq: int | None = None


async def attempt_given_up(
    seq: int, targets: Collection[str], published: Subscription
) -> Attempt | None:
    """Wait until every target has accepted delivery ``seq``; return the attempt of one given up."""
    left = set(targets)
    while left:
        batch = await published.batch()
        if not batch:
            await anyio.sleep_forever()
        for each in batch:
            if not isinstance(each, Forwarded) or each.forward.seq != seq:
                continue
            if each.forward.state is ForwardState.FAILED:
                return each.attempt
            if each.forward.state is ForwardState.DONE:
                left.discard(each.forward.target)
    return None


def not_accepted(attempt: Attempt) -> AnswerIsNo:
    """Return the error for a delivery that okhook does not send to an app again."""
    return AnswerIsNo(
        f"{_shown(attempt.target)} did not accept delivery {attempt.seq}",
        why=_why(attempt),
        next_step=f"run `okhook deliveries show {attempt.seq}`",
    )


def not_accepted_in_time(seq: int, published: Sequence[Published], within: str) -> Unavailable:
    """Return the error for delivery ``seq``, which an app has not accepted yet."""
    for each in reversed(published):
        if isinstance(each, Forwarded) and each.forward.seq == seq and each.forward.next_at:
            target, why = each.attempt.target, _why(each.attempt)
            break
        if isinstance(each, TargetDown):
            target, why = each.target, plain(each.reason)
            break
    else:
        return Unavailable(
            f"the event arrived, but no app had accepted it {within}",
            next_step="allow more time with --within",
        )
    return Unavailable(
        f"the event arrived, but {_shown(target)} did not accept it {within}",
        why=why,
        next_step="check that the app runs, and allow more time with --within",
    )


def _shown(target: str) -> str:
    return plain(without_credentials(target), limit=200)


def _why(attempt: Attempt) -> str:
    if attempt.status is not None:
        return f"it answered HTTP {attempt.status}"
    return plain(attempt.reason or attempt.fault or "it did not answer")
