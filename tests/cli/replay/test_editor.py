"""Editing a payload: what comes back, and what is never lost."""

import json
import shlex
import stat
import sys
from pathlib import Path

import pytest

from okhook.cli.replay.editor import edited
from okhook.errors import AnswerIsNo, ConfigurationError, InvalidInput

BODY = b'{"a":1,  "name":"Jan\xc3\xa9"}'


def editor(directory: Path, program: str) -> dict[str, str]:
    """Return an environment whose editor is a Python program; ``path`` is the file to edit."""
    script = directory / "editor.py"
    script.write_text(f"import sys, pathlib\npath = pathlib.Path(sys.argv[1])\n{program}\n")
    return {"EDITOR": f"{shlex.quote(sys.executable)} {shlex.quote(str(script))}"}


def test_an_unchanged_body_keeps_its_bytes(tmp_path: Path) -> None:
    """Its white space does not change."""
    assert edited(BODY, editor(tmp_path, "path.read_text()"), asks_again=False) == BODY
    assert edited(b"\xff\x00no json", editor(tmp_path, ""), asks_again=False) == b"\xff\x00no json"


def test_what_is_changed_comes_back_as_json(tmp_path: Path) -> None:
    """The editor sees it indented; what goes out is compact."""
    program = "path.write_text(path.read_text().replace('  \"a\": 1', '  \"a\": 2'))"
    assert json.loads(edited(BODY, editor(tmp_path, program), asks_again=False)) == {
        "a": 2,
        "name": "Jané",
    }


def test_invalid_json_is_kept_and_not_sent(tmp_path: Path) -> None:
    """The error names the file, which only its owner can read."""
    with pytest.raises(InvalidInput, match="not JSON") as caught:
        edited(BODY, editor(tmp_path, "path.write_text('{')"), asks_again=False)
    kept = Path(str(caught.value.why).split(" is in ")[1])
    assert kept.read_text() == "{"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    kept.unlink()


def test_the_editor_opens_again_on_a_terminal(tmp_path: Path) -> None:
    """With the invalid text."""
    program = "path.write_text('{' if path.read_text() != '{' else '{}')"
    assert edited(BODY, editor(tmp_path, program), asks_again=True) == b"{}"


def test_an_editor_that_fails_sends_nothing(tmp_path: Path) -> None:
    """Its exit code cancels the replay."""
    with pytest.raises(AnswerIsNo, match="exited with 3"):
        edited(BODY, editor(tmp_path, "sys.exit(3)"), asks_again=True)


@pytest.mark.parametrize("named", ["/no/such/editor", "'unbalanced"])
def test_an_editor_that_is_not_there_is_named(named: str) -> None:
    """The error says which one, and what to set."""
    with pytest.raises(ConfigurationError, match="could not run the editor"):
        edited(BODY, {"VISUAL": named}, asks_again=False)
