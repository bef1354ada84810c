"""Commands over a PostgreSQL store: as over the SQLite store that it is a copy of."""

import json
import subprocess
from pathlib import Path

import pytest

from okhook.config.store_location import DatabaseUrl
from okhook.secret import Secret
from tests.cli.history import CREATED, FAILED, PENDING, fill_store
from tests.support.answering import answer, answering_server
from tests.support.copied import copy_of_store
from tests.support.in_process import run_okhook
from tests.support.okhook_process import running_okhook

pytestmark = pytest.mark.postgres

READING = [
    ("deliveries", "list", "--all"),
    ("deliveries", "list", "--status", "failed", "--output", "json"),
    ("deliveries", "list", "--event", "user.lifecycle.*", "--limit", "1"),
    ("deliveries", "search", "jane*"),
    ("deliveries", "show", str(CREATED)),
    ("deliveries", "show", "latest", "--output", "json"),
    ("deliveries", "show", str(CREATED), "--raw"),
    ("deliveries", "export", "--all", "--output", "json"),
    ("deliveries", "export", "--redact", "--output", "json"),
    ("deliveries", "prune", "--keep", "2", "--dry-run"),
    ("trace", "event-1"),
    ("trace", str(FAILED), "--output", "json"),
    ("replay", "--status", "failed", "--dry-run"),
    ("types", "user.lifecycle"),
]


@pytest.fixture
def database(tmp_path: Path, postgres_url: str) -> str:
    """Return the URL of a copy of the store in the state directory."""
    fill_store(tmp_path)
    copy_of_store(tmp_path / "state" / "store.db", DatabaseUrl(Secret(postgres_url)))
    return postgres_url


def test_all_that_is_read_is_the_same(tmp_path: Path, database: str) -> None:
    """The same words, the same JSON, the same codes."""
    for words in READING:
        expected = run_okhook(*words, home=tmp_path)
        found = run_okhook(*words, home=tmp_path, env={"OKHOOK_STORE": database})
        assert expected.stdout, (words, expected.stderr)
        assert (found.returncode, found.stdout) == (expected.returncode, expected.stdout), words


def test_what_changes_the_store(tmp_path: Path, database: str) -> None:
    """A replay is noted, old deliveries are removed, and doctor finds the store sound."""

    def run(*words: str) -> "subprocess.CompletedProcess[str]":
        return run_okhook(*words, home=tmp_path, env={"OKHOOK_STORE": database})

    with answering_server(lambda _: answer(204)) as app:
        assert run("replay", str(PENDING), "--to", app.url).returncode == 0
    assert app.url in run("deliveries", "show", str(PENDING)).stdout
    assert run("deliveries", "prune", "--keep", "2", "--unforwarded", "-y").returncode == 0
    assert len(run("deliveries", "list", "--all").stdout.splitlines()) == 2
    doctor = run("doctor", "--check-timeout", "60", "--output", "json").stdout
    (checked,) = (
        line for line in map(json.loads, doctor.splitlines()) if line.get("name") == "store"
    )
    assert (checked["outcome"], checked["detail"][:9]) == ("ok", "2 records")
    shown = run("store", "show").stdout
    assert "2, the newest is 8" in shown
    assert "pa%20ss" not in doctor + shown


def test_tail_shows_what_another_process_receives(tmp_path: Path, database: str) -> None:
    """At once, through the database."""
    env = {"OKHOOK_STORE": database}
    serve = ("serve", "--port", "0", "--receiver", "prod", "--output", "json")
    with (
        running_okhook(*serve, home=tmp_path, env=env) as receiver,
        running_okhook("deliveries", "tail", "--output", "json", home=tmp_path, env=env) as tail,
    ):
        tail.wait_for_line(lambda line: "event-3" in line)
        url = receiver.wait_for_json("ready")["url"]
        sent = run_okhook("send-sample", "--to", url, home=tmp_path, env=env)
        assert sent.returncode == 0, sent.stderr
        tail.wait_for_line(lambda line: '"seq":9' in line.replace(" ", ""))
