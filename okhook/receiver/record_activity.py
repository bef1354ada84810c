"""A record as something to see: the same for the live stream and for whoever reads it again."""

from okhook.activity import (
    Activity,
    CanaryStored,
    DeliveryStored,
    RequestRefused,
    VerificationAnswered,
)
from okhook.records.record import Record, RecordKind
from okhook.wire.delivery import parse_delivery
from okhook.wire.verification import challenge_of


def activity_of(record: Record) -> Activity:
    """Return the activity that ``record`` stands for."""
    request = record.request
    if record.kind is RecordKind.VERIFICATION:
        challenge = challenge_of(request.headers) or ""
        return VerificationAnswered(record.seq, request.received_at, challenge)
    if record.kind in (RecordKind.DELIVERY, RecordKind.CANARY):
        return _delivery_activity(record)
    return RequestRefused(
        seq=record.seq,
        received_at=request.received_at,
        method=request.method,
        path=request.path,
        status=record.status,
        reason=record.reason or "",
    )


def _delivery_activity(record: Record) -> Activity:
    request = record.request
    delivery = parse_delivery(request.body)
    if record.kind is RecordKind.CANARY:
        return CanaryStored(record.seq, delivery.event_id or "", request.received_at)
    return DeliveryStored(
        seq=record.seq,
        received_at=request.received_at,
        duplicate=record.duplicate_of is not None,
        delivery=delivery,
        body=request.body,
        reconstructed=record.is_reconstructed,
    )
