"""``--store``, ``OKHOOK_STORE`` and ``store`` lead every command to another store."""

import json
import sys
from pathlib import Path

import pytest

from okhook.errors import ExitCode
from okhook.runtime.run_files import ReceiverRun, RunDirectory
from tests.cli.history import fill_store
from tests.support.in_process import run_okhook

DATABASE = "postgresql://me:pa55@127.0.0.1:1/okhook"


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """Return a store with records, which is not in the state directory."""
    fill_store(tmp_path)
    path = tmp_path / "other.db"
    (tmp_path / "state" / "store.db").rename(path)
    return path


def test_every_way_to_set_it(tmp_path: Path, elsewhere: Path) -> None:
    """By a relative path, a variable, and the user's own file; without it the store is missing."""
    settings = tmp_path / "own.toml"
    settings.write_text(f'store = "{elsewhere}"\n')
    ways = [
        (("--store", "other.db"), {}),
        ((), {"OKHOOK_STORE": str(elsewhere)}),
        ((), {"OKHOOK_CONFIG": str(settings)}),
    ]
    for flags, env in ways:
        listed = run_okhook(
            "deliveries", "list", *flags, "--output", "json", home=tmp_path, env=env
        )
        assert len(listed.stdout.splitlines()) > 3, listed.stderr
    assert run_okhook("deliveries", "list", home=tmp_path).returncode == ExitCode.STORE


def test_a_projects_file_may_not_set_it(tmp_path: Path) -> None:
    """A cloned repository must not send a developer's deliveries to its own database."""
    (tmp_path / "okhook.toml").write_text(f'store = "{DATABASE}"\n')
    listed = run_okhook("deliveries", "list", home=tmp_path)
    assert "store in ./okhook.toml is ignored" in listed.stderr
    assert "found no store" in listed.stderr
    assert "pa55" not in listed.stderr


def test_a_receiver_of_a_database_needs_a_name(tmp_path: Path) -> None:
    """Otherwise two laptops with the same port would share their deliveries."""
    serve = run_okhook("serve", home=tmp_path, env={"OKHOOK_STORE": DATABASE})
    assert serve.returncode == ExitCode.USAGE
    assert "pass --receiver NAME" in serve.stderr
    assert "pa55" not in serve.stderr


@pytest.mark.parametrize("words", [("serve", "--port", "abc"), ("deliveries", "list"), ("up",)])
def test_a_password_in_the_flag_is_in_no_message(tmp_path: Path, words: tuple[str, ...]) -> None:
    """Neither in the refusal, nor in a command to paste that keeps the flags."""
    refused = run_okhook(*words, "--store", DATABASE, home=tmp_path)
    assert refused.returncode != ExitCode.OK
    assert "pa55" not in refused.stdout + refused.stderr


def test_doctor_shows_the_database_without_its_password(tmp_path: Path) -> None:
    shown = run_okhook(
        "doctor", "-v", "--output", "json", home=tmp_path, env={"OKHOOK_STORE": DATABASE}
    )
    assert "store = postgresql://me@127.0.0.1:1/okhook" in shown.stdout
    assert "pa55" not in shown.stdout + shown.stderr


def test_others_learn_where_a_receiver_stores(tmp_path: Path) -> None:
    """``status`` names the store; ``trigger`` would look in the wrong one, and says so."""
    run_directory = RunDirectory(tmp_path / "state" / "run")
    receiver = ReceiverRun("http://127.0.0.1:1/hook", 1, receiver="ci", store="/a/other.db")
    with run_directory.own(ReceiverRun.name(1)) as run_file:
        run_file.write(receiver)
        status = run_okhook("status", "--output", "json", home=tmp_path)
        assert json.loads(status.stdout)["store"] == "/a/other.db"
        org = {"OKHOOK_ORG": "http://127.0.0.1:1", "OKHOOK_TOKEN": "t"}
        trigger = run_okhook("trigger", "user.lifecycle.create", "-y", home=tmp_path, env=org)
    assert "stores in /a/other.db" in trigger.stderr
    assert "pass --store /a/other.db" in trigger.stderr


def test_a_missing_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the line that installs it."""
    for name in list(sys.modules):
        if name.partition(".")[0] == "psycopg" or name.startswith("okhook.store.postgres"):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "psycopg", None)
    listed = run_okhook("deliveries", "list", home=tmp_path, env={"OKHOOK_STORE": DATABASE})
    assert listed.returncode == ExitCode.STORE
    assert "pip install 'okhook[postgres]'" in listed.stderr
