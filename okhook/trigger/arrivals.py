"""Find the event of a step among the deliveries in the store."""

from collections.abc import Iterator

from okhook.records.record import Record, RecordKind
from okhook.store.contract import Reader
from okhook.trigger.activities import Arrived, StepDone
from okhook.wire.delivery import Event

_PAGE = 200


class Arrivals:
    """Looks for events in the store. Each event counts once.

    The methods raise ``StoreFailed`` if the store cannot be read.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self.known_uuids: set[str] = set()
        """The uuids of events that have arrived."""
        self._wanted: tuple[int, str | None] = (0, None)
        self._looked_up_to = 0

    def last_seq(self) -> int:
        """Return the newest record's ``seq``."""
        return self._reader.last_seq()

    def look(self, step: StepDone, since: int, uuid: str | None) -> Arrived | None:
        """Return the arrival of a step's event, or None if it has not arrived yet.

        It is recognised by ``uuid``, that of its log entry, or else by its type and its targets,
        among the records after ``since``. Records that were looked at before are passed over.
        """
        wanted = (since, uuid)
        if self._wanted != wanted:
            self._wanted, self._looked_up_to = wanted, since
        for record in self.records(self._looked_up_to):
            self._looked_up_to = record.seq
            if record.kind is not RecordKind.DELIVERY or record.is_reconstructed:
                continue
            for event in record.delivery.events:
                if self._is_meant(event, step, uuid):
                    self.known_uuids.update([event.uuid] if event.uuid is not None else [])
                    return _arrived(step, record, event)
        return None

    def records(self, since: int) -> Iterator[Record]:
        """Yield the records after ``since``, in order."""
        seq = since
        while found := self._reader.after(seq, _PAGE):
            yield from (each.record for each in found)
            seq = found[-1].record.seq

    def _is_meant(self, event: Event, step: StepDone, uuid: str | None) -> bool:
        if event.uuid is not None and event.uuid in self.known_uuids:
            return False
        if uuid is not None and event.uuid == uuid:
            return True
        targets = {target.id for target in event.targets}
        return event.event_type == step.event_type and step.target_ids <= targets


def _arrived(step: StepDone, record: Record, event: Event) -> Arrived:
    received_at = record.request.received_at
    return Arrived(
        step=step,
        seq=record.seq,
        uuid=event.uuid,
        event_id=record.delivery.event_id,
        hook_id=record.delivery.hook_id,
        received_at=received_at,
        # An event may be faster than the org's answer to what caused it.
        took_s=max(0.0, (received_at - step.at).total_seconds()),
    )
