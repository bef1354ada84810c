"""How an error becomes words and an exit code."""

import errno
import subprocess
import sys

import pytest

from okhook.cli.app import main, report
from okhook.config.settings import Output
from okhook.errors import ExitCode


def test_no_file_descriptors_left_is_no_bug_field_09(capsys: pytest.CaptureFixture[str]) -> None:
    """Wherever it happens, the error says what to do."""
    error = ExceptionGroup("", [OSError(errno.EMFILE, "Too many open files")])
    assert report(error, Output.TEXT) is ExitCode.UNAVAILABLE
    shown = capsys.readouterr().err
    assert "no file descriptors are left" in shown
    assert "ulimit -n 4096" in shown


def test_an_unforeseen_error_is_a_bug(capsys: pytest.CaptureFixture[str]) -> None:
    """It is named, with how to report it."""
    assert report(OSError(errno.EIO, "broken"), Output.TEXT) is ExitCode.BUG
    assert "this is a bug in okhook" in capsys.readouterr().err


def test_a_file_that_cannot_be_used_is_no_bug(capsys: pytest.CaptureFixture[str]) -> None:
    """Its permissions, its path or its disk can be mended, wherever the error comes from."""
    error = ExceptionGroup("", [PermissionError(errno.EACCES, "Permission denied", "/x/.bashrc")])
    assert report(error, Output.TEXT) is ExitCode.CONFIGURATION
    shown = capsys.readouterr().err
    assert "cannot use the file /x/.bashrc\n  Permission denied" in shown


def test_ctrl_c_during_the_imports_shows_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A command's file is imported before the command runs, and that takes a moment."""

    def interrupted(_: str) -> object:
        raise KeyboardInterrupt

    monkeypatch.setattr("sys.argv", ["okhook", "status"])
    monkeypatch.setattr("okhook.cli.command_tree.importlib.import_module", interrupted)
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == ExitCode.INTERRUPTED
    assert capsys.readouterr().err == ""


_INTERRUPTED_IMPORT = """
import runpy, sys

class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == "okhook.cli.app":
            raise KeyboardInterrupt

sys.meta_path.insert(0, Finder())
runpy.run_module("okhook", run_name="__main__")
"""


def test_ctrl_c_before_there_is_a_command_line_shows_no_traceback() -> None:
    """Its modules are imported first, which takes longer than a key."""
    done = subprocess.run(
        [sys.executable, "-c", _INTERRUPTED_IMPORT], capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (ExitCode.INTERRUPTED, b"")
