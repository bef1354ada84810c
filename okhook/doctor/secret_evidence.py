"""Evidence of a hook's secret, which Okta never shows: from the store, the state and a canary."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from okhook.config.store_location import StoreLocation
from okhook.doctor.canary import CanarySent
from okhook.errors import StoreFailed
from okhook.okta.event_hooks import EventHook
from okhook.records.record import AuthOutcome, Record, RecordFilter, RecordKind
from okhook.runtime.run_files import ReceiverRun
from okhook.store.open import open_reader
from okhook.tunnel.past_tunnels import started_at

_LOOKED_AT = 500
"""How many of the newest records are looked through for a delivery of the hook."""


@dataclass(frozen=True, slots=True)
class SecretEvidence:
    """What is known of the hook's secret and of the receiver's.

    ``written`` is True if this machine certainly wrote the secret from the settings into the hook,
    False if it wrote another one, None if unknown. ``last`` is the newest delivery of the hook in
    the store; ``is_of_this_run`` if it came to the running receiver from the hook as it is now.
    ``canary`` carried the secret from the settings.
    """

    written: bool | None
    last: Record | None
    is_of_this_run: bool
    canary: CanarySent | None

    @property
    def receiver(self) -> AuthOutcome | None:
        """Whether the receiver accepted the canary's secret; None if no canary reached it.

        A canary that the receiver sent itself, with its own secret, counts as not accepted.
        """
        if self.canary and self.canary.by_receiver and self.canary.record:
            return AuthOutcome.DID_NOT_MATCH
        return self.canary.record.auth if self.canary and self.canary.record else None


def last_delivery(store: StoreLocation, hook_id: str) -> Record | None:
    """Return the newest delivery of a hook in the store; None if the newest records hold none.

    A delivery that was rebuilt from the System Log proves nothing and is passed over. A store that
    cannot be read counts as empty: its own check reports why.
    """
    with suppress(StoreFailed), open_reader(store) as reader:
        for found in reader.find(RecordFilter(), limit=_LOOKED_AT):
            record = found.record
            is_delivery = record.kind is RecordKind.DELIVERY and not record.is_reconstructed
            if is_delivery and record.delivery.hook_id == hook_id:
                return record
    return None


def is_of_this_run(last: Record | None, hook: EventHook, began: datetime | None) -> bool:
    """Return whether a delivery came to the running receiver, from the hook as it is now.

    ``began`` is when that receiver began; None if there are several, or none.
    """
    changed = _time_of(hook.last_updated)
    if last is None or began is None or changed is None:
        return False
    return last.request.received_at >= max(began, changed)


def start_of_the_only(receivers: Sequence[ReceiverRun]) -> datetime | None:
    """Return when the process of the only receiver began.

    None if there are several or none, or if the system does not say.
    """
    began = started_at(receivers[0].pid) if len(receivers) == 1 else None
    return None if began is None else datetime.fromtimestamp(began, UTC)


def _time_of(text: str | None) -> datetime | None:
    """Return a time that the org gave; None if it is missing or cannot be parsed."""
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None
