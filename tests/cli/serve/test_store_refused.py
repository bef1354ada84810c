"""``okhook serve`` on a store that it cannot use: it says which and why, and leaves it as it is."""

import json
import signal
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from tests.load.deliveries import fresh_deliveries, randomness
from tests.load.running import running_load
from tests.support.in_process import run_okhook
from tests.support.okhook_process import running_okhook
from tests.support.records import delivery_body

SERVE = ("serve", "--port", "0", "--output", "json")


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Return the whole of a store with some hundred deliveries, from a receiver that ended."""
    home = tmp_path_factory.mktemp("filled")
    store = home / "state" / "store.db"
    with running_okhook(*SERVE, home=home) as serve:
        url = serve.wait_for_json("ready")["url"]
        with running_load(url, fresh_deliveries(), connections=8) as load:
            load.wait_until(lambda so_far: len(so_far.acknowledged) >= 300)
        serve.send(signal.SIGINT)
        serve.wait()
    with closing(sqlite3.connect(store)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return store.read_bytes()


@pytest.fixture
def store(tmp_path: Path, filled: bytes) -> Path:
    path = tmp_path / "state" / "store.db"
    path.parent.mkdir()
    path.write_bytes(filled)
    return path


def without_header(content: bytes) -> bytes:
    return randomness(1).randbytes(100) + content[100:]


def without_its_second_half(content: bytes) -> bytes:
    return content[: len(content) // 2]


def spoil_indices(store: Path) -> None:
    """Write garbage over the roots of the indices of what was received: reading goes on."""
    with closing(sqlite3.connect(store)) as connection:
        (page_bytes,) = connection.execute("PRAGMA page_size").fetchone()
        roots = connection.execute(
            "SELECT rootpage FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'record'"
        ).fetchall()
    assert roots
    with store.open("r+b") as file:
        for (root,) in roots:
            file.seek((root - 1) * page_bytes)
            file.write(randomness(1).randbytes(page_bytes))


@pytest.mark.parametrize("damaged", [without_header, without_its_second_half])
def test_a_damaged_store_is_refused_at_the_start(
    tmp_path: Path, store: Path, damaged: Callable[[bytes], bytes]
) -> None:
    """Exit 9, the file's name, what may save its rows; and not a byte of it is changed."""
    store.write_bytes(damaged(store.read_bytes()))
    before = store.read_bytes()
    done = run_okhook(*SERVE, home=tmp_path)
    assert done.returncode == 9
    error = json.loads(done.stdout.splitlines()[-1])
    assert error["what"] == f"the store {store} is damaged; okhook did not change it"
    assert ".recover" in error["next_step"]
    assert store.read_bytes() == before


def records_in(store: Path) -> list[tuple[int, bytes]]:
    """Read what was received from the table itself, past every index."""
    with closing(sqlite3.connect(f"{store.as_uri()}?mode=ro", uri=True)) as connection:
        return connection.execute("SELECT seq, body FROM record NOT INDEXED").fetchall()


def test_damage_that_shows_later_is_named_and_answered_503(tmp_path: Path, store: Path) -> None:
    """Damage inside the file is found where it is touched: Okta is told to come again."""
    spoil_indices(store)
    before = records_in(store)
    assert before
    with running_okhook(*SERVE, home=tmp_path) as serve:
        url = serve.wait_for_json("ready")["url"]
        assert httpx.post(url, content=delivery_body(), trust_env=False).status_code == 503
        refused = serve.wait_for_json("refused")
        assert f"the store {store} is damaged" in refused["reason"]
        serve.send(signal.SIGINT)
        serve.wait()
    assert records_in(store) == before


def test_a_store_of_a_newer_okhook_is_refused(tmp_path: Path, store: Path) -> None:
    """Exit 9 with what to do; the file waits unchanged for the newer okhook."""
    with closing(sqlite3.connect(store)) as connection:
        connection.execute("PRAGMA user_version = 99")
    before = store.read_bytes()
    done = run_okhook("serve", "--port", "0", home=tmp_path)
    assert done.returncode == 9
    assert f"{store} was written by a newer okhook" in done.stderr
    assert "upgrade okhook" in done.stderr
    assert store.read_bytes() == before


def test_a_database_of_another_program_is_refused(tmp_path: Path) -> None:
    """Exit 9; what is not ours is not touched, its journal mode included."""
    theirs = tmp_path / "state" / "store.db"
    theirs.parent.mkdir()
    with closing(sqlite3.connect(theirs)) as connection:
        connection.execute("CREATE TABLE theirs (a)")
    before = theirs.read_bytes()
    done = run_okhook("serve", "--port", "0", home=tmp_path)
    assert done.returncode == 9
    assert f"{theirs} is a database of another program" in done.stderr
    assert theirs.read_bytes() == before


def test_a_store_that_is_deleted_meanwhile_is_answered_503_field_04(tmp_path: Path) -> None:
    """Okta sends again what would be lost; a line names the file."""
    store = tmp_path / "state" / "store.db"
    with running_okhook(*SERVE, home=tmp_path) as serve:
        url = serve.wait_for_json("ready")["url"]
        assert httpx.post(url, content=delivery_body("a"), trust_env=False).status_code == 204
        store.unlink()
        assert httpx.post(url, content=delivery_body("b"), trust_env=False).status_code == 503
        refused = serve.wait_for_json("refused")
        assert f"the file {store} was deleted or replaced" in refused["reason"]
