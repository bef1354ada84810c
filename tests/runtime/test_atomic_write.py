"""A file is written completely or not at all; what is no plain file is written into."""

import errno
import os
import stat
import tempfile
from pathlib import Path

import pytest

from okhook.runtime.atomic_write import atomic_write


def test_the_file_appears_when_the_block_ends(tmp_path: Path) -> None:
    """It is complete, and only its owner can read it."""
    file = tmp_path / "export.jsonl"
    with atomic_write(file) as stream:
        stream.write("one\n")
        assert not file.exists()
    assert file.read_text() == "one\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [file]


def write_half(file: Path) -> None:
    with atomic_write(file) as stream:
        stream.write("half")
        raise KeyboardInterrupt


def test_the_old_file_stays_if_the_block_fails(tmp_path: Path) -> None:
    """Also after an interrupt; no other file remains."""
    file = tmp_path / "export.jsonl"
    file.write_text("old")
    with pytest.raises(KeyboardInterrupt):
        write_half(file)
    assert file.read_text() == "old"
    assert list(tmp_path.iterdir()) == [file]


def test_a_directory_is_not_replaced(tmp_path: Path) -> None:
    """The error comes before anything is written."""
    with pytest.raises(IsADirectoryError), atomic_write(tmp_path):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_symlink_stays_one_field_05(tmp_path: Path) -> None:
    """What it names is replaced, through several links, also if it did not exist."""
    real, link, other = tmp_path / "real", tmp_path / "link", tmp_path / "sub" / "other"
    other.parent.mkdir()
    other.symlink_to("../link")
    link.symlink_to("real")
    for text in ("new", "newer"):
        with atomic_write(other) as stream:
            stream.write(text)
        assert real.read_text() == text
        assert link.is_symlink()
        assert other.is_symlink()
    assert sorted(tmp_path.iterdir()) == [link, real, other.parent]


def test_every_name_of_a_file_leads_to_the_text_field_05(tmp_path: Path) -> None:
    """A hard link is another name of the same file: a new file would have one name only."""
    file, other = tmp_path / "export.jsonl", tmp_path / "other"
    file.write_text("old, and longer")
    other.hardlink_to(file)
    with atomic_write(file) as stream:
        stream.write("new")
    assert other.read_text() == "new"
    assert other.samefile(file)
    assert sorted(tmp_path.iterdir()) == [file, other]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_another_users_file_stays_theirs_field_05(tmp_path: Path) -> None:
    """With sudo, okhook would take it away from its owner."""
    file = tmp_path / "export.jsonl"
    file.write_text("old")
    os.chown(file, 12345, 12345)
    with atomic_write(file) as stream:
        stream.write("new")
    assert (file.stat().st_uid, file.read_text()) == (12345, "new")


def test_a_link_to_itself_is_an_error_field_05(tmp_path: Path) -> None:
    """It names no file."""
    loop = tmp_path / "loop"
    loop.symlink_to("loop")
    with pytest.raises(OSError, match="symbolic links"), atomic_write(loop):
        pass


def test_a_pipe_stays_one_and_its_reader_gets_the_text_field_05(tmp_path: Path) -> None:
    """Nothing takes its place."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    with atomic_write(pipe) as stream:
        stream.write("one\n")
    assert os.read(reader, 100) == b"one\n"
    os.close(reader)
    assert pipe.is_fifo()
    assert list(tmp_path.iterdir()) == [pipe]


@pytest.mark.parametrize("text", ["/dev/fd/{}", "/proc/self/fd/{}", "{}/link"])
def test_an_open_file_is_written_on_field_05(tmp_path: Path, text: str) -> None:
    """As `/dev/stdout` is: nothing that is there is lost."""
    log, link = tmp_path / "log", tmp_path / "link"
    log.write_text("before\n")
    with log.open("a") as opened:
        link.symlink_to(f"/dev/fd/{opened.fileno()}")
        with atomic_write(
            Path(text.format(tmp_path if "link" in text else opened.fileno()))
        ) as stream:
            stream.write("one\n")
        opened.write("after\n")
    assert log.read_text() == "before\none\nafter\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_device_is_written_into_field_05(tmp_path: Path) -> None:
    """Its errors are those of the write."""
    link = tmp_path / "link"
    link.symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space left"), atomic_write(link) as stream:
        stream.write("one")
    assert Path("/dev/full").is_char_device()


def refuse_to_replace(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    def replace(part: Path, target: Path) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(Path, "replace", replace)


def test_a_file_that_is_mounted_alone_is_written_into_field_05(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rename gives EBUSY there; the file keeps its identity, and a failed block its content."""
    file = tmp_path / "org.json"
    file.write_text("something older and longer")
    before = file.stat()
    refuse_to_replace(monkeypatch, errno.EBUSY)
    with pytest.raises(KeyboardInterrupt):
        write_half(file)
    assert file.read_text() == "something older and longer"
    with atomic_write(file) as stream:
        stream.write("new")
    assert file.read_text() == "new"
    assert (file.stat().st_ino, file.stat().st_mode) == (before.st_ino, before.st_mode)
    assert list(tmp_path.iterdir()) == [file]


def test_a_file_in_a_directory_of_somebody_else_is_written_into_field_05(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is not complete yet is then in the directory for temporary files."""
    theirs, temporary = tmp_path / "theirs", tmp_path / "temporary"
    theirs.mkdir()
    temporary.mkdir()
    (theirs / "file").write_text("old")
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    theirs.chmod(0o500)
    if os.access(theirs, os.W_OK):
        pytest.skip("root can write into every directory")
    with atomic_write(theirs / "file") as stream:
        stream.write("new")
    assert (theirs / "file").read_text() == "new"
    assert list(temporary.iterdir()) == []
    with pytest.raises(PermissionError), atomic_write(theirs / "other"):
        pass
