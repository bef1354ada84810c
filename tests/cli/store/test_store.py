"""``okhook store`` in a terminal and for scripts."""

import json
from pathlib import Path
from typing import Any

import pytest

from okhook.errors import ExitCode
from tests.cli.history import fill_store
from tests.support.found import APP
from tests.support.in_process import run_okhook


def line_of(*words: str, home: Path) -> dict[str, Any]:
    done = run_okhook("store", *words, "--output", "json", home=home)
    assert done.returncode == 0, done.stdout
    line: dict[str, Any] = json.loads(done.stdout)
    return line


def test_a_store_is_shown_and_copied(tmp_path: Path) -> None:
    """The copy shows the same as the store that it is of."""
    fill_store(tmp_path)
    shown = line_of("show", home=tmp_path)
    assert (shown["records"], shown["newest"], shown["receivers"]) == (8, 8, [])
    assert shown["targets"] == [{"url": APP, "receiver": None, "cursor": 3}]
    on_screen = run_okhook("store", "show", home=tmp_path).stdout
    assert "8, the newest is 8" in on_screen
    assert f"{APP}  tried up to delivery 3\n" in on_screen
    source, copy = tmp_path / "state" / "store.db", tmp_path / "copy.db"
    copied = line_of("copy", str(source), "copy.db", home=tmp_path)
    assert copied["to"] == str(copy)
    assert (copied["records"], copied["attempts"], copied["resumed"]) == (8, 4, False)
    again = line_of("show", "--store", "copy.db", home=tmp_path)
    assert {**again, "size_bytes": 0} == {**shown, "store": str(copy), "size_bytes": 0}
    text = run_okhook("store", "copy", str(source), "copy.db", home=tmp_path)
    assert text.stdout.startswith("copied 0 more records and 0 attempts from ")


def test_a_store_is_created_once(tmp_path: Path) -> None:
    """``show`` changes nothing, not even where there is no store."""
    missing = run_okhook("store", "show", home=tmp_path)
    assert missing.returncode == ExitCode.STORE
    assert "run `okhook store migrate`" in missing.stderr
    assert not (tmp_path / "state" / "store.db").exists()
    created = line_of("migrate", home=tmp_path)
    assert created["before"] == 0
    up_to_date = line_of("migrate", home=tmp_path)
    assert up_to_date["before"] == up_to_date["version"] == created["version"]
    assert line_of("show", home=tmp_path)["records"] == 0
    assert "newest" not in run_okhook("store", "show", home=tmp_path).stdout


def test_the_name_of_a_store_is_safe_to_show(tmp_path: Path) -> None:
    """A script may take it from somewhere else."""
    odd = "a\x1b[31m\u202eb.db"
    created = run_okhook("store", "migrate", "--store", odd, home=tmp_path)
    copied = run_okhook("store", "copy", odd, "b.db", home=tmp_path)
    for done in (created, copied):
        assert done.returncode == 0, done.stderr
        assert r"a\x1b[31m\u202eb.db" in done.stdout
        assert "\x1b" not in done.stdout


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("a.db", "./a.db"), ExitCode.USAGE, "the same store"),
        (("none.db", "b.db"), ExitCode.STORE, "none.db\n→ check FROM"),
        (("a.db", "postgresql://me:pa55@h/db"), ExitCode.USAGE, "TO must not have a password"),
        (("a.db", "mysql://h/db"), ExitCode.USAGE, "invalid TO: expected a file"),
    ],
)
def test_what_cannot_be_copied(
    tmp_path: Path, words: tuple[str, str], code: ExitCode, said: str
) -> None:
    refused = run_okhook("store", "copy", *words, home=tmp_path)
    assert refused.returncode == code
    assert said in refused.stderr
    assert "pa55" not in refused.stderr
    assert not (tmp_path / "b.db").exists()
