"""Options that name a file to write: it is one, and not a directory."""

from pathlib import Path

import pytest

from tests.support.in_process import run_okhook

COMMANDS = {
    "hooks export": ("--org", "http://127.0.0.1:9", "--to-file"),
    "deliveries export": ("--to-file",),
    "check http://127.0.0.1:9/": ("--junit",),
    "sandbox --port 0": ("--data",),
    "store migrate": ("--store",),
    "store copy": ("here.db", "TO"),
}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    ("file", "why"),
    [
        ("new/", "the directory does not exist\n→ name a file in an existing directory"),
        ("folder", "it is a directory\n→ name a file in an existing directory"),
        ("folder/", "it is a directory\n→ name a file in an existing directory"),
        ("file/", "it is a file, and a slash at the end names a directory\n→ remove the slash"),
    ],
)
def test_a_directory_is_not_written_as_a_file(
    tmp_path: Path, command: str, file: str, why: str
) -> None:
    """Before anything else is done; a slash at the end is not dropped."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("kept")
    *before, option = COMMANDS[command]
    given = [*before, file] if option == "TO" else [*before, option, file]
    done = run_okhook(*command.split(), *given, home=tmp_path, env={"OKHOOK_TOKEN": "00t"})
    assert done.returncode == 2
    assert done.stderr == f"error: {option} does not name a file: {file}\n  {why}\n"
    assert not (tmp_path / "new").exists()
    assert (tmp_path / "file").read_text() == "kept"
