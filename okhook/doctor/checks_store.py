"""Whether the store is sound, and has room to grow."""

import os
from datetime import datetime
from pathlib import Path

from anyio import to_thread

from okhook.doctor.check import Finding, failed, fault_found, ok, skipped, warning
from okhook.errors import StoreFailed
from okhook.store.contract import StoreHealth
from okhook.store.open import store_health

LITTLE_ROOM_BYTES = 1 << 30
_WRITABLE = "give the directory to the user that receives, or set OKHOOK_HOME to another one"
_MOVE_AWAY = (
    "move it away, with its -wal and -shm, to start a new one;"
    " `sqlite3 FILE .recover` may save its rows"
)
_PRUNE = "make room on the disk: okhook deliveries prune --keep 30d"


async def check_store(path: Path, *, within_s: float, now: datetime) -> Finding:
    """Open the store, look for damage for at most ``within_s`` seconds, and measure the room."""
    return await to_thread.run_sync(
        lambda: _store_found(path, within_s=within_s, now=now), abandon_on_cancel=True
    )


def _store_found(path: Path, *, within_s: float, now: datetime) -> Finding:
    try:
        health = store_health(path, within_s=within_s, now=now)
        if health is None:
            return _before_the_first(path)
    except StoreFailed as fault:
        return fault_found(fault)
    if not os.access(path, os.W_OK) or not os.access(path.parent, os.W_OK):
        return failed(f"{path} cannot be written by this user", remedy=_WRITABLE)
    return judged_store(path, health)


def _before_the_first(path: Path) -> Finding:
    """Say whether a store can be made where there is none."""
    nearest = next(each for each in path.parents if each.exists())
    if not nearest.is_dir() or not os.access(nearest, os.W_OK | os.X_OK):
        return failed(
            f"no store can be made in {path.parent}: {nearest} is not a directory that this user"
            " may write to",
            remedy=_WRITABLE,
        )
    return skipped(f"nothing was received yet: there is no {path}")


def judged_store(path: Path, health: StoreHealth) -> Finding:
    """Return what a store's health comes to."""
    if health.damage is not None:
        return failed(
            f"the store {path} is damaged",
            health.damage,
            remedy=_MOVE_AWAY,
        )
    told = (
        f"{_counted(health.records)}, {_size(health.size_bytes)}, {_size(health.free_bytes)} free"
    )
    whole = "" if health.is_checked else "; too large to be looked through for damage here"
    if health.free_bytes < LITTLE_ROOM_BYTES:
        return warning(f"little room: {told}{whole}", str(path), remedy=_PRUNE)
    if health.free_bytes < health.growth_bytes:
        return warning(
            f"another week like the last one does not fit: {told}{whole}", str(path), remedy=_PRUNE
        )
    return ok(f"{told}{whole}", str(path))


def _counted(records: int | None) -> str:
    if records is None:
        return "too many records to count here"
    return "1 record" if records == 1 else f"{records:,} records"


def _size(size_bytes: int) -> str:
    amount = float(size_bytes)
    for unit in ("B", "KiB", "MiB"):
        if amount < 1024:
            return f"{amount:.0f} {unit}"
        amount /= 1024
    return f"{amount:.1f} GiB"
