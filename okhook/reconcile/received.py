"""What the store received; a receiver may write to it at the same time."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from datetime import datetime
from typing import Self

from okhook.config.store_location import StoreLocation
from okhook.errors import NoStore, StoreFailed
from okhook.reconcile.causes import Failures
from okhook.records.record import RecordFilter, RecordStatus
from okhook.store.contract import Reader
from okhook.store.open import open_reader
from okhook.text import plain
from okhook.wire.canary import CANARY_HEADER

_REFUSALS = frozenset({RecordStatus.REFUSED, RecordStatus.MALFORMED})


class Received:
    """Reads a store; one that does not exist yet is empty.

    Methods raise ``StoreFailed`` if they cannot read the store.
    """

    def __init__(self, where: StoreLocation) -> None:
        self._where = where
        self._closing = ExitStack()
        self._reader: Reader | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.close()

    def carrying(self, uuids: Sequence[str]) -> Mapping[str, tuple[int, ...]]:
        """Return the ``seq`` of the deliveries of each event, by the event's uuid."""
        reader = self._up_to_date()
        return {} if reader is None else reader.carrying(uuids)

    def refusals(self, since: datetime) -> Failures:
        """Return what the receiver refused from ``since`` on, without canaries."""
        refusals = Failures()
        reader = self._up_to_date()
        if reader is None:
            return refusals
        for found in reader.in_order(RecordFilter(statuses=_REFUSALS, since=since)):
            record = found.record
            if record.request.header(CANARY_HEADER) is None:
                reason = plain(record.reason or "no reason given", limit=200)
                refusals.add(record.request.received_at, f"{record.status}, {reason}")
        return refusals

    def _up_to_date(self) -> Reader | None:
        """Return a reader with an up-to-date index, None if the store does not exist."""
        if self._reader is None:
            with suppress(NoStore):
                self._reader = self._closing.enter_context(open_reader(self._where))
        if self._reader is None:
            return None
        if left := self._reader.catch_up(lambda _: None):
            raise StoreFailed(
                f"could not index {left} records of the store",
                why="okhook could not write to the store; the disk may be full",
                next_step="free disk space, and try again",
            )
        return self._reader
