"""What the store and the memory of this machine say of a hook and its secret."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from okhook.doctor.receivers import ReceiverHere
from okhook.errors import StoreFailed
from okhook.okta.event_hooks import EventHook
from okhook.okta.fingerprint import fingerprint_matches
from okhook.okta.remembered import RememberedHook
from okhook.records.filter import RecordFilter
from okhook.records.record import Record, RecordKind
from okhook.secret import Secret
from okhook.store.open import open_reader
from okhook.wire.delivery import parse_delivery
from okhook.wire.payload import NotADelivery

_LOOKED_AT = 500
"""How many of the newest records are looked through for a delivery of the hook."""


def last_delivery(store_file: Path, hook_id: str) -> Record | None:
    """Return the newest delivery of a hook in the store; None where there is none among the last.

    One that was rebuilt from the System Log came from us, and proves nothing of the hook. A store
    that cannot be read has none: its own check says why.
    """
    if not store_file.exists():
        return None
    with suppress(StoreFailed), open_reader(store_file) as reader:
        for found in reader.find(RecordFilter(), limit=_LOOKED_AT):
            if _is_of(found.record, hook_id):
                return found.record
    return None


def was_written(known: RememberedHook | None, hook: EventHook, secret: Secret) -> bool | None:
    """Tell whether this machine surely wrote ``secret`` into the hook (True) or another (False).

    None where it wrote none, or somebody has changed the hook since.
    """
    if known is None or known.hook_id != hook.id or known.secret is None:
        return None
    if known.vouches_for(secret, hook):
        return True
    if known.last_updated != hook.last_updated:
        return None
    return fingerprint_matches(known.secret, secret)


def is_of_this_run(last: Record | None, hook: EventHook, receivers: Sequence[ReceiverHere]) -> bool:
    """Tell whether the one receiver that runs now got a delivery of the hook as it is now."""
    began = receivers[0].since if len(receivers) == 1 else None
    changed = _moment(hook.last_updated)
    if last is None or began is None or changed is None:
        return False
    return last.request.received_at >= max(began, changed)


def _moment(text: str | None) -> datetime | None:
    """Return an org's time; None where it gives none, or none that can be read."""
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None


def _is_of(record: Record, hook_id: str) -> bool:
    if record.kind is not RecordKind.DELIVERY or record.is_reconstructed:
        return False
    with suppress(NotADelivery):
        return parse_delivery(record.request.body).hook_id == hook_id
    return False
