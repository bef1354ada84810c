"""Records as they are found, and attempts to send them."""

from datetime import timedelta

from okhook.records.attempt import Attempt, Forward, ForwardState, Purpose
from okhook.records.record import AuthOutcome, Found, Record, RecordKind
from okhook.wire.delivery import InboundRequest
from tests.support.records import NOON, delivery_body, post

APP = "http://127.0.0.1:3000/hook"


def record(
    seq: int = 41,
    kind: RecordKind = RecordKind.DELIVERY,
    request: InboundRequest | None = None,
    *,
    status: int = 204,
    reason: str | None = None,
    duplicate_of: int | None = None,
) -> Record:
    """Return a record that came ``seq`` seconds after noon, unless its request says otherwise."""
    arrived = post(delivery_body(), received_at=NOON + timedelta(seconds=seq))
    auth = AuthOutcome.NOT_ASKED
    return Record(seq, kind, request or arrived, status, reason, auth, duplicate_of)


def found(kept: Record, *forwards: Forward) -> Found:
    """Return a record with where it stands."""
    return Found(kept, forwards)


def forward(
    seq: int = 41, state: ForwardState = ForwardState.DONE, attempts: int = 1, target: str = APP
) -> Forward:
    """Return where a delivery stands; a waiting one is tried again 90 s after noon."""
    next_at = NOON + timedelta(seconds=90) if state is ForwardState.WAITING else None
    return Forward(seq, target, state, attempts, next_at)


def attempt(
    number: int = 1,
    status: int | None = 500,
    *,
    seq: int = 41,
    after_s: float = 60,
    target: str = APP,
    purpose: Purpose = Purpose.FORWARD,
    answer: bytes = b"",
) -> Attempt:
    """Return an attempt of 12 ms that began so long after noon; without a status it timed out."""
    return Attempt(
        seq=seq,
        target=target,
        purpose=purpose,
        number=number,
        began_at=NOON + timedelta(seconds=after_s),
        duration_s=0.012,
        status=status,
        fault="timeout" if status is None else None,
        reason="no answer within 10 s" if status is None else None,
        answer=answer,
        answer_type="text/plain" if answer else None,
    )
