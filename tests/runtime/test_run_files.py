"""Run files of running owners, and those that killed owners left."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from okhook.errors import ConfigurationError
from okhook.runtime.run_files import (
    AlreadyRunning,
    ReceiverRun,
    RunDirectory,
    SandboxRun,
    TunnelRun,
)

OWN_AND_DIE = """
import os, sys
from pathlib import Path
from okhook.runtime.run_files import RunDirectory
from okhook.runtime.run_files import TunnelRun
with RunDirectory(Path(sys.argv[1])).own("tunnel-1") as file:
    file.write(TunnelRun(source="okta"))
    os.kill(os.getpid(), 9)
"""


def test_an_owner_is_found_until_it_ends(tmp_path: Path) -> None:
    """The run file can be read during the block, and is removed after it."""
    directory = RunDirectory(tmp_path)
    with directory.own("tunnel-1") as file:
        file.write(TunnelRun(source="a"))
        file.write(TunnelRun(source="b"))
        assert directory.running(TunnelRun) == [TunnelRun(source="b", pid=os.getpid())]
        assert directory.left_over(TunnelRun) == {}
    assert directory.running(TunnelRun) == []
    assert directory.read(TunnelRun, "tunnel-1") is None


def test_a_second_owner_is_refused(tmp_path: Path) -> None:
    """The error names the process of the first one."""
    directory = RunDirectory(tmp_path)
    with directory.own("tunnel-1") as file:
        file.write(TunnelRun())
        with (
            pytest.raises(AlreadyRunning, match=f"process {os.getpid()}"),
            directory.own("tunnel-1"),
        ):
            pass
    with directory.own("tunnel-1"):
        pass


def test_the_run_file_of_a_killed_owner_is_left_over(tmp_path: Path) -> None:
    """SIGKILL leaves the file and frees the lock, so the next owner can take it over."""
    subprocess.run([sys.executable, "-c", OWN_AND_DIE, str(tmp_path)], check=False)
    directory = RunDirectory(tmp_path)
    assert directory.running(TunnelRun) == []
    (left,) = directory.left_over(TunnelRun).items()
    assert (left[0], left[1].source) == ("tunnel-1", "okta")
    directory.forget("tunnel-1")
    assert directory.left_over(TunnelRun) == {}


def test_a_damaged_run_file_is_ignored(tmp_path: Path) -> None:
    """A part of a file, or one with other content."""
    (tmp_path / "tunnel-1.json").write_text("{")
    (tmp_path / "tunnel-2.json").write_text("[]")
    (tmp_path / "receiver-1.json").write_text('{"pid": 7, "port": 1337}')
    assert RunDirectory(tmp_path).left_over(ReceiverRun) == {}
    assert RunDirectory(tmp_path).left_over(TunnelRun) == {}


def test_only_the_owner_can_read_a_run_file(tmp_path: Path) -> None:
    """That of a sandbox contains its token."""
    directory = RunDirectory(tmp_path / "run")
    with directory.own("sandbox-1") as file:
        file.write(SandboxRun("http://127.0.0.1:1", "t"))
        assert (tmp_path / "run").stat().st_mode & 0o077 == 0
        assert (tmp_path / "run" / "sandbox-1.json").stat().st_mode & 0o077 == 0


def test_a_directory_that_cannot_be_created_is_a_configuration_error(tmp_path: Path) -> None:
    """It names the state directory and the system's reason."""
    state = tmp_path / "state"
    state.write_text("a file in its place")
    with pytest.raises(
        ConfigurationError, match=f"cannot write the state directory {state}"
    ) as caught:
        RunDirectory(state / "run").own("receiver-1").__enter__()
    assert caught.value.why == "Not a directory"
    assert "OKHOOK_HOME" in (caught.value.next_step or "")


def test_a_run_file_that_cannot_be_written_is_a_configuration_error(tmp_path: Path) -> None:
    """Here a directory has the name of the file."""
    directory = tmp_path / "run"
    with RunDirectory(directory).own("receiver-1") as run_file:
        (directory / "receiver-1.json").mkdir()
        with pytest.raises(
            ConfigurationError, match=f"cannot write the state directory {tmp_path}"
        ):
            run_file.write(ReceiverRun("http://127.0.0.1:1/", 1))
        (directory / "receiver-1.json").rmdir()


def test_a_directory_that_cannot_be_listed_is_a_configuration_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such as another user's state directory."""

    def refused(_: Path, pattern: str) -> None:
        raise PermissionError(13, "Permission denied", pattern)

    monkeypatch.setattr(Path, "glob", refused)
    for look in (RunDirectory(tmp_path / "run").running, RunDirectory(tmp_path / "run").left_over):
        with pytest.raises(ConfigurationError, match=f"cannot read the state directory {tmp_path}"):
            look(ReceiverRun)
