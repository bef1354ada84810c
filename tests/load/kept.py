"""What a load finds in the store afterwards. Only this file knows how a store is read."""

import json
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path

import anyio

from okhook.records.record import Record, RecordKind
from okhook.store.open import open_store
from tests.load.outcomes import Outcomes, digest_of
from tests.support.okhook_process import PATIENCE_S

_PAGE = 500


def kept_deliveries(store_file: Path) -> list[Record]:
    """Return all deliveries of a store, in order of arrival; what they repeat is known of each."""
    return anyio.run(_kept_deliveries, store_file)


async def _kept_deliveries(store_file: Path) -> list[Record]:
    kept: list[Record] = []
    seq = 0
    async with open_store(store_file) as store:
        last_seq = await store.last_seq()
        with anyio.fail_after(PATIENCE_S):
            while seq < last_seq:
                records = await store.after(seq, _PAGE)
                kept += (record for record in records if record.kind is RecordKind.DELIVERY)
                seq = records[-1].seq if records else seq
    return kept


def count_kept(store_file: Path) -> int:
    """Return how many records a store holds, without a look into them; anybody may have it open."""
    address = f"{store_file.absolute().as_uri()}?mode=ro"
    with closing(sqlite3.connect(address, uri=True)) as connection:
        return int(connection.execute("SELECT count(*) FROM record").fetchone()[0])


def event_id_of(body: bytes) -> str:
    """Return the ``eventId`` of a delivery's body."""
    return str(json.loads(body)["eventId"])


def assert_kept(store_file: Path, outcomes: Outcomes) -> None:
    """Fail unless each acknowledged delivery is kept, once, with its bytes, and no refused one is.

    Of those whose answer was lost each may be there, once. The file itself is sound.
    """
    digests: dict[str, bytes] = {}
    times: Counter[str] = Counter()
    for record in kept_deliveries(store_file):
        event_id = event_id_of(record.request.body)
        times[event_id] += 1
        digests[event_id] = digest_of(record.request.body)
        assert record.duplicate_of is None, f"{event_id} was sent once and is kept as a duplicate"
    missing = outcomes.acknowledged.keys() - digests.keys()
    assert not missing, f"{len(missing)} acknowledged are missing: {sorted(missing)[:3]}"
    twice = [event_id for event_id, count in times.items() if count > 1]
    assert not twice, f"{len(twice)} are kept more than once: {twice[:3]}"
    changed = [name for name, sent in outcomes.acknowledged.items() if digests[name] != sent]
    assert not changed, f"{len(changed)} are kept with other bytes: {changed[:3]}"
    strangers = digests.keys() - outcomes.acknowledged.keys() - outcomes.unknown
    assert not strangers, f"{len(strangers)} are kept and were refused: {sorted(strangers)[:3]}"
    assert_sound(store_file)


def assert_sound(store_file: Path) -> None:
    """Fail unless SQLite finds nothing wrong in the file."""
    with closing(sqlite3.connect(store_file)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
