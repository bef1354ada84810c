"""A file that is there whole or not at all."""

import stat
from pathlib import Path

import pytest

from okhook.runtime.state_file import new_file


def test_it_is_there_when_the_block_ends(tmp_path: Path) -> None:
    """Not before, then whole, and for its owner alone."""
    file = tmp_path / "export.jsonl"
    with new_file(file) as stream:
        stream.write("one\n")
        assert not file.exists()
    assert file.read_text() == "one\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [file]


def test_what_was_there_stays_where_the_block_fails(tmp_path: Path) -> None:
    """Also when it is interrupted; nothing is left lying about."""
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


def test_a_directory_is_no_file(tmp_path: Path) -> None:
    """It is refused before anything is written beside it."""
    with pytest.raises(IsADirectoryError), new_file(tmp_path):
        pass
    assert list(tmp_path.iterdir()) == []
