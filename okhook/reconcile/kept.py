"""What the store has, read beside a receiver that may write to it meanwhile."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import final

from okhook.display import plain
from okhook.errors import StoreFailed
from okhook.reconcile.causes import NEARBY
from okhook.record_filter import RecordFilter
from okhook.record_status import RecordStatus
from okhook.store.reading import StoreReader, open_reader

_REFUSALS = frozenset({RecordStatus.REFUSED, RecordStatus.MALFORMED})


@final
class KeptDeliveries:
    """Looks deliveries up in the store; one that is not there yet holds none.

    Made by :func:`kept_deliveries`. A method raises ``StoreFailed`` where the store cannot be read.
    """

    def __init__(self, path: Path, held: ExitStack) -> None:
        self._path = path
        self._held = held
        self._reader: StoreReader | None = None

    def carrying(self, uuids: Sequence[str]) -> Mapping[str, tuple[int, ...]]:
        """Return the ``seq`` of the deliveries that carry each of these events, by uuid."""
        reader = self._opened()
        if reader is None:
            return {}
        if left := reader.catch_up(lambda _: None):
            raise StoreFailed(
                f"{left} records of the store cannot be looked into yet",
                why="what is derived from them cannot be written: the disk may be full",
                next_step="make room, and try again",
            )
        return reader.carrying(uuids)

    def refused_near(self, moment: datetime) -> str | None:
        """Return why the receiver refused a request soon after ``moment``; None for none."""
        reader = self._opened()
        if reader is None:
            return None
        near = RecordFilter(statuses=_REFUSALS, since=moment, until=moment + NEARBY)
        found = reader.find(near, limit=1)
        if not found:
            return None
        record = found[0].record
        return f"{record.status}, {plain(record.reason or 'no reason given', limit=200)}"

    def _opened(self) -> StoreReader | None:
        if self._reader is None and self._path.exists():
            self._reader = self._held.enter_context(open_reader(self._path))
        return self._reader


@contextmanager
def kept_deliveries(path: Path) -> Iterator[KeptDeliveries]:
    """Read the store in ``path`` for as long as the block lasts."""
    with ExitStack() as held:
        yield KeptDeliveries(path, held)
