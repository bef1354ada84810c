"""How a shell finds okhook."""

import subprocess
import sys
from pathlib import Path

import pytest

from okhook.cli.up.view import activation


@pytest.fixture
def venv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of an environment that runs okhook, whose PATH does not lead to it."""
    scripts = tmp_path / "it's here" / "bin"
    scripts.mkdir(parents=True)
    for name in ("activate", "activate.fish"):
        (scripts / name).write_text('PATH="$HERE:$PATH"\n')
    monkeypatch.setattr(sys, "executable", str(scripts / "python3"))
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    return scripts


def test_the_command_works_when_pasted_field_22(venv: Path) -> None:
    """Also where the path has a blank and a quote."""
    okhook = venv / "okhook"
    okhook.write_text("#!/bin/sh\necho found\n")
    okhook.chmod(0o755)
    command = f"{activation('/bin/bash')} && okhook"
    environment = {"PATH": "/usr/bin:/bin", "HERE": str(venv)}
    found = subprocess.run(
        ["bash", "-c", command], capture_output=True, text=True, env=environment, check=False
    )
    assert (found.stdout, found.stderr) == ("found\n", "")


def test_each_shell_has_its_own_script(venv: Path) -> None:
    """Fish reads no script of bash."""
    assert str(activation("/usr/bin/fish")).rstrip("'").endswith("/activate.fish")
    assert str(activation("")).rstrip("'").endswith("/activate")


def test_on_the_path_there_is_nothing_to_do(venv: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither where the PATH leads to okhook, nor where no environment can be activated."""
    (venv / "okhook").touch(mode=0o755)
    monkeypatch.setenv("PATH", str(venv))
    assert activation("/bin/bash") is None
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    (venv / "activate").unlink()
    assert activation("/bin/bash") is None
