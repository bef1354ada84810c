"""Where Unix is missing: every module can be imported, and commands that need it say so."""

import signal
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from okhook.errors import ConfigurationError
from okhook.runtime.state_file import StateFile
from okhook.runtime.unix import ending_signals
from tests.support.in_process import run_okhook

ROOT = Path(__file__).parents[2]

WITHOUT_UNIX = """
import asyncio, importlib, pkgutil, signal, subprocess, sys
for name in ("fcntl", "pwd", "uvloop"):
    sys.modules[name] = None
del signal.SIGKILL, signal.SIGHUP
import okhook
for module in pkgutil.walk_packages(okhook.__path__, "okhook."):
    if not module.name.endswith(".__main__"):
        importlib.import_module(module.name)
"""


def test_every_module_can_be_imported_without_unix_field_16() -> None:
    """So what needs none of it works on Windows, and the rest can say what is missing."""
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_UNIX], check=False, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("command", [("serve", "--port", "0"), ("sandbox", "--port", "0")])
def test_a_command_that_needs_unix_says_so_once_field_16(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    """With the way out, and without a traceback."""
    monkeypatch.delattr(signal, "SIGHUP")
    monkeypatch.setitem(sys.modules, "fcntl", None)
    monkeypatch.setitem(sys.modules, "uvloop", None)
    done = run_okhook(*command, home=tmp_path)
    assert done.returncode == 3
    assert done.stderr.count("this command does not work on Windows") == 1
    assert "use WSL: okhook help containers-and-wsl" in done.stderr


def test_what_needs_no_unix_works_without_it_field_16(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Looking up event types, for one; only a lock is refused."""
    monkeypatch.delattr(signal, "SIGHUP")
    monkeypatch.setitem(sys.modules, "fcntl", None)
    assert run_okhook("types", "user.lifecycle.create", home=tmp_path).returncode == 0
    with pytest.raises(ConfigurationError, match="does not work on Windows"):
        StateFile(tmp_path / "file.json", int).change(lambda _: 1)


def test_uvloop_is_not_installed_on_windows_field_16() -> None:
    """It does not exist there, and pip would fail."""
    project = tomllib.loads(ROOT.joinpath("pyproject.toml").read_text())["project"]
    (uvloop,) = (each for each in project["dependencies"] if each.startswith("uvloop"))
    assert uvloop.endswith("; sys_platform != 'win32'")


def test_nohup_is_respected() -> None:
    """A command that ignores SIGHUP goes on when its terminal closes."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        assert signal.SIGHUP not in ending_signals()
    finally:
        signal.signal(signal.SIGHUP, before)
    assert signal.SIGHUP in ending_signals()
