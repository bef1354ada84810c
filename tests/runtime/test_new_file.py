"""A file is written completely or not at all."""

import stat
from pathlib import Path

import pytest

from okhook.runtime.state_file import new_file


def test_the_file_appears_when_the_block_ends(tmp_path: Path) -> None:
    """It is complete, and only its owner can read it."""
    file = tmp_path / "export.jsonl"
    with new_file(file) as stream:
        stream.write("one\n")
        assert not file.exists()
    assert file.read_text() == "one\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [file]


def test_the_old_file_stays_if_the_block_fails(tmp_path: Path) -> None:
    """Also after an interrupt; no other file remains."""
    file = tmp_path / "export.jsonl"
    file.write_text("old")

    def write_half() -> None:
        with new_file(file) as stream:
            stream.write("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_half()
    assert file.read_text() == "old"
    assert list(tmp_path.iterdir()) == [file]


def test_a_directory_is_not_replaced(tmp_path: Path) -> None:
    """The error comes before anything is written."""
    with pytest.raises(IsADirectoryError), new_file(tmp_path):
        pass
    assert list(tmp_path.iterdir()) == []
