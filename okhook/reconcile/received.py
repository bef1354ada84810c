"""What the store received, read beside a receiver that may write to it meanwhile."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Self

from okhook.errors import StoreFailed
from okhook.reconcile.causes import Failures
from okhook.records.record import RecordFilter, RecordStatus
from okhook.store.contract import Reader
from okhook.store.open import open_reader
from okhook.text import plain
from okhook.wire.canary import CANARY_HEADER

_REFUSALS = frozenset({RecordStatus.REFUSED, RecordStatus.MALFORMED})


class Received:
    """Looks into the store in ``path``; one that is not there yet holds nothing.

    A context manager. A method raises ``StoreFailed`` where the store cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._held = ExitStack()
        self._reader: Reader | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._held.close()

    def carrying(self, uuids: Sequence[str]) -> Mapping[str, tuple[int, ...]]:
        """Return the ``seq`` of the deliveries that carry each of these events, by uuid."""
        reader = self._up_to_date()
        return {} if reader is None else reader.carrying(uuids)

    def refusals(self, since: datetime) -> Failures:
        """Return what the receiver refused from ``since`` on, canaries left out."""
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
        """Return a reader that finds all that came before now, None where there is no store.

        Deliveries and refusals are found by what is derived from them a moment after the answer.
        """
        if self._reader is None and self._path.exists():
            self._reader = self._held.enter_context(open_reader(self._path))
        if self._reader is None:
            return None
        if left := self._reader.catch_up(lambda _: None):
            raise StoreFailed(
                f"{left} records of the store cannot be looked into yet",
                why="what is derived from them cannot be written: the disk may be full",
                next_step="make room, and try again",
            )
        return self._reader
