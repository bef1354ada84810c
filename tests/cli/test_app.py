"""How an error becomes words and an exit code."""

import errno

import pytest

from okhook.cli.app import report
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
