"""Run files: found while their owner lives, told apart from what a killed one left."""

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
    """Facts can be read while the block lasts, and are gone afterwards."""
    directory = RunDirectory(tmp_path)
    with directory.own("tunnel-1") as file:
        file.write(TunnelRun(source="a"))
        file.write(TunnelRun(source="b"))
        assert directory.running(TunnelRun) == [TunnelRun(source="b", pid=os.getpid())]
        assert directory.left_over(TunnelRun) == {}
    assert directory.running(TunnelRun) == []
    assert directory.read(TunnelRun, "tunnel-1") is None


def test_a_second_owner_is_refused_and_told_of_the_first(tmp_path: Path) -> None:
    """Two of a kind cannot own one name; the error says which process the first one is."""
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


def test_what_a_killed_owner_left_is_left_over(tmp_path: Path) -> None:
    """SIGKILL leaves the file and frees the lock: the next one can tell, and take over."""
    subprocess.run([sys.executable, "-c", OWN_AND_DIE, str(tmp_path)], check=False)
    directory = RunDirectory(tmp_path)
    assert directory.running(TunnelRun) == []
    (left,) = directory.left_over(TunnelRun).items()
    assert (left[0], left[1].source) == ("tunnel-1", "okta")
    directory.forget("tunnel-1")
    assert directory.left_over(TunnelRun) == {}


def test_a_file_that_cannot_be_read_is_no_run_file(tmp_path: Path) -> None:
    """Half a file, or one that holds something else, is passed over."""
    (tmp_path / "tunnel-1.json").write_text("{")
    (tmp_path / "tunnel-2.json").write_text("[]")
    (tmp_path / "receiver-1.json").write_text('{"pid": 7, "port": 1337}')
    assert RunDirectory(tmp_path).left_over(ReceiverRun) == {}
    assert RunDirectory(tmp_path).left_over(TunnelRun) == {}


def test_run_files_are_their_owners_alone(tmp_path: Path) -> None:
    """A sandbox's token stands in one: nobody else can read it."""
    directory = RunDirectory(tmp_path / "run")
    with directory.own("sandbox-1") as file:
        file.write(SandboxRun("http://127.0.0.1:1", "t"))
        assert (tmp_path / "run").stat().st_mode & 0o077 == 0
        assert (tmp_path / "run" / "sandbox-1.json").stat().st_mode & 0o077 == 0


def test_a_directory_that_cannot_be_made_is_a_settings_fault(tmp_path: Path) -> None:
    """It is not a bug of ours: the state directory is named, with what the system says."""
    state = tmp_path / "state"
    state.write_text("a file in its place")
    with pytest.raises(
        ConfigurationError, match=f"cannot write the state directory {state}"
    ) as caught:
        RunDirectory(state / "run").own("receiver-1").__enter__()
    assert caught.value.why == "Not a directory"
    assert "OKHOOK_HOME" in (caught.value.next_step or "")


def test_a_run_file_that_cannot_be_written_is_a_settings_fault(tmp_path: Path) -> None:
    """A directory in the place of the file stands for any place that takes nothing."""
    directory = tmp_path / "run"
    with RunDirectory(directory).own("receiver-1") as run_file:
        (directory / "receiver-1.json").mkdir()
        with pytest.raises(
            ConfigurationError, match=f"cannot write the state directory {tmp_path}"
        ):
            run_file.write(ReceiverRun("http://127.0.0.1:1/", 1))
        (directory / "receiver-1.json").rmdir()


def test_a_directory_that_cannot_be_looked_into_is_a_settings_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another user's state directory, say, of which the names are not shown."""

    def refused(_: Path, pattern: str) -> None:
        raise PermissionError(13, "Permission denied", pattern)

    monkeypatch.setattr(Path, "glob", refused)
    for look in (RunDirectory(tmp_path / "run").running, RunDirectory(tmp_path / "run").left_over):
        with pytest.raises(ConfigurationError, match=f"cannot read the state directory {tmp_path}"):
            look(ReceiverRun)
