"""The cursor: kept between runs for each hook, and no worse than forgotten where it is lost."""

import json
import tempfile
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from okhook.reconcile.cursor import ReconcileCursor
from okhook.wire.org import Org
from tests.okta.setup import ORG
from tests.support.records import NOON


def only_file(state: Path) -> Path:
    (path,) = (state / "reconcile").iterdir()
    return path


def test_what_was_written_is_read(tmp_path: Path) -> None:
    """By another run, to the microsecond, in UTC: and the last one counts."""
    state = tmp_path / "state"
    assert ReconcileCursor(state, ORG, "who1").read() is None
    east = timezone(timedelta(hours=2))
    for moment in (NOON - timedelta(days=1), NOON.astimezone(east)):
        ReconcileCursor(state, ORG, "who1").write(moment)
    kept = ReconcileCursor(state, ORG, "who1").read()
    assert kept == NOON
    assert kept.utcoffset() == timedelta(0)


def test_each_hook_of_each_org_has_its_own(tmp_path: Path) -> None:
    """One hook's cursor says nothing of another's, nor of one with its id in another org."""
    ReconcileCursor(tmp_path, ORG, "who1").write(NOON)
    assert ReconcileCursor(tmp_path, ORG, "who2").read() is None
    assert ReconcileCursor(tmp_path, Org("https://dev-456.okta.com"), "who1").read() is None
    ReconcileCursor(tmp_path, ORG, "../../who3").write(NOON)
    assert len(list((tmp_path / "reconcile").glob("*.json"))) == 2


def test_the_file_says_whose_it_is_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    """Whoever looks at it can tell; the half that was being written is gone."""
    ReconcileCursor(tmp_path, ORG, "who1").write(NOON)
    assert json.loads(only_file(tmp_path).read_text()) == {
        "org": ORG.url,
        "hook_id": "who1",
        "complete_until": "2026-11-24T12:00:00.123456+00:00",
    }


@pytest.mark.parametrize(
    "content",
    [
        "", "{", "[]", "7", "null", "{}", "[" * 100_000,
        '{"complete_until": null}',
        '{"complete_until": 7}',
        '{"complete_until": "yesterday"}',
        '{"complete_until": "2026-11-24T12:00:00"}',
        '{"complete_until": "0001-01-01T00:00:00+14:00"}',
    ],
)  # fmt: skip
def test_a_damaged_file_is_none(tmp_path: Path, content: str) -> None:
    """The next run looks further back, and writes a whole one."""
    cursor = ReconcileCursor(tmp_path, ORG, "who1")
    cursor.write(NOON)
    only_file(tmp_path).write_text(content)
    assert cursor.read() is None
    cursor.write(NOON)
    assert cursor.read() == NOON


@settings(deadline=None)
@given(content=st.binary(max_size=60))
def test_no_content_at_all_ends_in_an_error(content: bytes) -> None:
    """Whatever stands in the file, a run begins."""
    with tempfile.TemporaryDirectory() as directory:
        cursor = ReconcileCursor(Path(directory), ORG, "who1")
        cursor.write(datetime(2026, 1, 1, tzinfo=UTC))
        only_file(Path(directory)).write_bytes(content)
        assert cursor.read() is None


def test_where_it_cannot_be_written_nothing_ends(tmp_path: Path) -> None:
    """A file in the place of the directory stands for a full disk."""
    (tmp_path / "reconcile").write_text("")
    cursor = ReconcileCursor(tmp_path, ORG, "who1")
    cursor.write(NOON)
    assert cursor.read() is None
