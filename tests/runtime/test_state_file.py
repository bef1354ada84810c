"""State files: typed, complete at every moment, readable only for their owner."""

import json
import stat
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okhook.runtime.state_file import StateFile, read_as


@dataclass(frozen=True)
class Pet:
    """What the files of these tests hold."""

    name: str
    kind: Literal["cat", "dog"] = "cat"
    age: int | None = None
    toys: list[str] = field(default_factory=list)


REX = Pet("Rex", "dog", 3, ["ball"])


def test_a_written_value_can_be_read(tmp_path: Path) -> None:
    """The directory is created, and contains only the file."""
    file = StateFile(tmp_path / "state" / "pets.json", dict[str, Pet], synced=True)
    assert file.read() is None
    file.write({"rex": REX, "tom": Pet("Tom")})
    assert file.read() == {"rex": REX, "tom": Pet("Tom")}
    assert [path.name for path in file.path.parent.iterdir()] == ["pets.json"]


def test_only_the_owner_can_read_the_file(tmp_path: Path) -> None:
    """The same is true for the lock and the directory."""
    file = StateFile(tmp_path / "state" / "pets.json", list[Pet])
    file.change(lambda known: [*(known or ()), REX])
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in file.path.parent.iterdir()}
    assert modes == {"pets.json": 0o600, "pets.json.lock": 0o600}
    assert stat.S_IMODE(file.path.parent.stat().st_mode) == 0o700


def test_concurrent_changes_are_not_lost(tmp_path: Path) -> None:
    """Each change waits for the one before it."""

    def add(name: str) -> None:
        file = StateFile(tmp_path / "pets.json", list[Pet])
        file.change(lambda known: [*(known or ()), Pet(name)])

    threads = [threading.Thread(target=add, args=(str(number),)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(json.loads((tmp_path / "pets.json").read_text())) == 8


def test_a_failed_write_keeps_the_old_content(tmp_path: Path) -> None:
    """No other file remains beside it."""
    file = StateFile(tmp_path / "pets.json", list[Pet])
    file.write([REX])

    def fail(known: list[Pet] | None) -> list[Pet]:
        (tmp_path / "pets.json").unlink()
        (tmp_path / "pets.json").mkdir()  # nothing can be moved to its place
        return known or []

    with pytest.raises(OSError, match="Is a directory"):
        file.change(fail)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["pets.json", "pets.json.lock"]


@given(content=st.binary(max_size=80))
def test_reading_never_raises(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    """A damaged file counts as missing."""
    path = tmp_path_factory.mktemp("state") / "pets.json"
    path.write_bytes(content)
    StateFile(path, list[Pet]).read()


@pytest.mark.parametrize(
    ("kind", "value", "read"),
    [
        (list[Pet], [{"name": "Rex"}, 7, {"kind": "dog"}, {"name": 1}], [Pet("Rex")]),
        (dict[str, Pet], {"a": {"name": "Rex"}, "b": None}, {"a": Pet("Rex")}),
        (tuple[int, ...], [1, "2", True, 3.0], (1,)),
        (Pet, {"name": "Rex", "kind": "fish", "age": "3", "toys": ["ball", 7]}, Pet(
            "Rex", toys=["ball"])),
        (datetime, "2026-11-24T13:00:00+01:00", datetime(2026, 11, 24, 12, tzinfo=UTC)),
        (float | None, None, None),
    ],
)  # fmt: skip
def test_an_invalid_part_counts_as_missing(kind: type[object], value: object, read: object) -> None:
    """An item is skipped, a field gets its default."""
    assert read_as(kind, value) == read


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Pet, {}),
        (Pet, []),
        (list[Pet], {}),
        (int, True),
        (int | None, "1"),
        (datetime, "2026-11-24T12:00:00"),
        (datetime, "yesterday"),
        (Literal["a"], "b"),
        (bytes, b"x"),
    ],
)
def test_an_invalid_value_is_an_error(kind: type[object], value: object) -> None:
    """A dataclass needs the fields without a default; a time needs an offset."""
    with pytest.raises(ValueError, match=r"\w"):
        read_as(kind, value)
