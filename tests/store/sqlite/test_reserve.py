"""The room that is set aside for a full disk."""

import shutil
import stat
from pathlib import Path

import pytest

from okhook.store.sqlite.connection import log_of
from okhook.store.sqlite.reserve import give_up, reserve_of, set_aside

MIB = 1 << 20


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


def free(monkeypatch: pytest.MonkeyPatch, free_bytes: int) -> None:
    """Let the disk have that much room."""
    found = shutil._ntuple_diskusage(100 * MIB, 0, free_bytes)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: found)


def taken(store: Path) -> int:
    file = reserve_of(store)
    return file.stat().st_blocks * 512 if file.exists() else 0


def test_room_is_set_aside_and_given_up_field_04(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is really taken up, and only by a file of the owner's."""
    free(monkeypatch, 2000 * MIB)
    set_aside(store)
    assert taken(store) == 0
    free(monkeypatch, 100 * MIB)
    set_aside(store)
    assert taken(store) >= 6 * MIB
    assert stat.S_IMODE(reserve_of(store).stat().st_mode) == 0o600
    set_aside(store)
    assert give_up(store)
    assert not give_up(store)
    assert list(store.parent.iterdir()) == []


def test_the_room_is_enough_for_a_long_log_field_04(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A delivery of 10 MiB is in the log first: all of it moves into the file."""
    free(monkeypatch, 100 * MIB)
    with log_of(store).open("wb") as log:
        log.truncate(11 * MIB)
    set_aside(store)
    assert taken(store) >= 13 * MIB


def test_a_small_disk_keeps_half_field_04(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full one keeps nothing; the room grows with the disk."""
    sizes = []
    for free_bytes in (100_000, 2 * MIB, 2 * MIB, 5 * MIB):
        free(monkeypatch, free_bytes)
        set_aside(store)
        sizes.append(reserve_of(store).stat().st_size if reserve_of(store).exists() else 0)
    assert sizes == [0, MIB, 3 * MIB // 2, 13 * MIB // 4]
