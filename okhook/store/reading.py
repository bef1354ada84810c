"""Reading a store, whether a receiver writes to it at the moment or not."""

import contextlib
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import islice
from pathlib import Path
from typing import final

from okhook.errors import StoreFailed
from okhook.records.attempt import Attempt, Target
from okhook.records.filter import RecordFilter
from okhook.records.record import Found, Record, RecordKind
from okhook.store import ledger
from okhook.store.connecting import connect, connect_reading
from okhook.store.deriving import Deriving, Progress, progress_of
from okhook.store.faults import named_faults
from okhook.store.finding import found
from okhook.store.recognition import seqs_carrying, seqs_known_by
from okhook.store.records import record_at, records_after
from okhook.store.schema import is_up_to_date
from okhook.wire.delivery import parse_delivery
from okhook.wire.payload import NotADelivery

_LATEST = 200
_AT_ONCE = 500
"""Values in one statement; older SQLite takes 999."""

_BEYOND_ALL = 2**63 - 1


@final
class StoreReader:
    """Looks things up. A method raises ``StoreFailed`` where the file cannot be read.

    Made by :func:`open_reader`.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self._path = path
        self._connection = connection

    def catch_up(self, report: Callable[[int], None]) -> int:
        """Have everything derived that came before now; return how many records are left out.

        A receiver that runs does so itself a moment later, so there is little to do but after a
        crash or a flood. ``report`` is told how many are left, now and then.
        """
        progress = self._progress()
        if progress.is_complete:
            return 0
        with contextlib.suppress(StoreFailed), closing(connect(self._path)) as writing:
            deriving = Deriving(writing)
            last_seq = progress.last_seq
            while (left := last_seq - min(progress.recognised, progress.indexed)) > 0:
                report(left)
                with named_faults(self._path):
                    progress = deriving.step()
        return max(0, progress.last_seq - min(progress.recognised, progress.indexed))

    def find(self, wanted: RecordFilter, *, limit: int, before: int | None = None) -> list[Found]:
        """Return up to ``limit`` records that are wanted, newest first, from ``before`` down."""
        start = _BEYOND_ALL if before is None else before
        with named_faults(self._path):
            return list(islice(found(self._connection, wanted, order="DESC", start=start), limit))

    def in_order(self, wanted: RecordFilter, *, after: int = 0) -> Iterator[Found]:
        """Yield every record that is wanted, oldest first."""
        with named_faults(self._path):
            yield from found(self._connection, wanted, order="ASC", start=after)

    def identified(self, text: str) -> list[Found]:
        """Return the records that ``text`` names by ``seq``, ``eventId`` or an event's uuid.

        An ``eventId`` or a uuid that came several times names each of them, in order of arrival.
        """
        with named_faults(self._path):
            seqs = seqs_known_by(self._connection, text)
            if not seqs and text.isascii() and text.isdecimal() and len(text) < 19:
                seqs = [int(text)]
            records = (record_at(self._connection, seq) for seq in seqs)
            return [self._found(record) for record in records if record is not None]

    def carrying(self, uuids: Sequence[str]) -> dict[str, tuple[int, ...]]:
        """Return the ``seq`` of the deliveries that carry each of these events, by uuid."""
        with named_faults(self._path):
            found: dict[str, tuple[int, ...]] = {}
            for start in range(0, len(uuids), _AT_ONCE):
                found |= seqs_carrying(self._connection, uuids[start : start + _AT_ONCE])
            return found

    def attempts(self, seq: int) -> list[Attempt]:
        """Return every attempt of a record, oldest first."""
        with named_faults(self._path):
            return ledger.attempts_of(self._connection, seq)

    def repeats(self, seq: int) -> list[Found]:
        """Return the duplicates of a record, in order of arrival."""
        with named_faults(self._path):
            rows = self._connection.execute(
                "SELECT seq FROM duplicate WHERE first_seq = ? ORDER BY seq", (seq,)
            ).fetchall()
            records = (record_at(self._connection, row[0]) for row in rows)
            return [self._found(record) for record in records if record is not None]

    def event_types_seen(self) -> frozenset[str]:
        """Return the type of every event that was ever stored and derived from."""
        with named_faults(self._path):
            rows = self._connection.execute("SELECT name FROM event_type")
            return frozenset(name for (name,) in rows)

    def targets(self) -> list[Target]:
        """Return every target that deliveries were ever forwarded to."""
        with named_faults(self._path):
            return ledger.targets(self._connection)

    def after(self, seq: int, limit: int) -> list[Found]:
        """Return up to ``limit`` records after ``seq``, oldest first, as far as they are known."""
        with named_faults(self._path):
            return [self._found(r) for r in records_after(self._connection, seq, limit)]

    def last_seq(self) -> int:
        """Return the newest record's ``seq``, 0 where there is none."""
        return self._progress().last_seq

    def ids_starting_with(self, beginning: str, limit: int) -> list[str]:
        """Return ids of the latest deliveries, newest first: for a shell's completion."""
        with named_faults(self._path):
            latest = found(self._connection, RecordFilter(), order="DESC", start=_BEYOND_ALL)
            ids = (each for item in islice(latest, _LATEST) for each in _ids_of(item.record))
            return list(islice((each for each in ids if each.startswith(beginning)), limit))

    def _found(self, record: Record) -> Found:
        return Found(record, ledger.forwards_of(self._connection, record.seq))

    def _progress(self) -> Progress:
        with named_faults(self._path):
            return progress_of(self._connection)


@contextmanager
def open_reader(path: Path) -> Iterator[StoreReader]:
    """Open the store in ``path`` for reading, for as long as the block lasts.

    A store of an older okhook is brought up to date first.

    Raises:
        StoreFailed: there is none, it is damaged, or it belongs to a newer okhook or another
            program.

    """
    if not path.exists():
        raise StoreFailed(
            f"there is no store in {path.parent}",
            why="nothing was received here yet",
            next_step="start `okhook serve` or `okhook up`, or set OKHOOK_HOME",
        )
    with closing(_current(path)) as connection:
        yield StoreReader(path, connection)


def _current(path: Path) -> sqlite3.Connection:
    connection = connect_reading(path)
    if is_up_to_date(connection):
        return connection
    connection.close()
    connect(path).close()
    return connect_reading(path)


def _ids_of(record: Record) -> list[str]:
    ids = [str(record.seq)]
    if record.kind is RecordKind.DELIVERY:
        with contextlib.suppress(NotADelivery):
            delivery = parse_delivery(record.request.body)
            ids += [each for each in (delivery.event_id,) if each]
    return ids
