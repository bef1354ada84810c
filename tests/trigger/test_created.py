"""What is known to have been created, and whose things are left alone: those of runs that go on."""

import json
from contextlib import ExitStack
from pathlib import Path

from okhook.runtime.run_files import RunDirectory
from okhook.trigger.activities import Created
from okhook.trigger.created import CreatedThings, left_by_ended_runs, run_announced
from okhook.wire.org import Org
from tests.okta.setup import ORG

FIRST = Created("user", "okhook-jane-aaaa1111@example.com", "00u1")
SECOND = Created("group", "okhook Sales bbbb2222", "00g1")
OLD = Created("user", "okhook-joe-cccc3333@example.com", None)


def test_only_what_ended_runs_left_is_to_be_removed(tmp_path: Path) -> None:
    """Two runs at once are both known, and each no longer than it lasts."""
    run_directory = RunDirectory(tmp_path / "run")
    made = [FIRST, SECOND, OLD]
    with ExitStack() as first, ExitStack() as second:
        first.enter_context(run_announced(run_directory, "aaaa1111"))
        second.enter_context(run_announced(run_directory, "bbbb2222"))
        assert left_by_ended_runs(made, run_directory) == [OLD]
        first.close()
        assert left_by_ended_runs(made, run_directory) == [FIRST, OLD]
    assert left_by_ended_runs(made, run_directory) == made


def test_runs_use_the_same_files_again(tmp_path: Path) -> None:
    """However many runs there were, no more files are left than ran at one time."""
    run_directory = RunDirectory(tmp_path / "run")
    for number in range(5):
        with run_announced(run_directory, str(number)):
            pass
    assert len(list((tmp_path / "run").iterdir())) == 1


def test_a_run_that_cannot_be_noted_runs_all_the_same(tmp_path: Path) -> None:
    """A file where the directory should be is no reason to do nothing."""
    (tmp_path / "run").write_text("")
    with run_announced(RunDirectory(tmp_path / "run"), "aaaa1111"):
        pass


def test_a_real_orgs_things_are_never_forgotten_for_a_sandboxs(tmp_path: Path) -> None:
    """Sandbox orgs come and go; what they had makes room, the oldest first."""
    real = Created("user", "okhook-real-1@example.com", "00uReal")
    CreatedThings(tmp_path, ORG).note(real)
    sandbox = CreatedThings(tmp_path, Org("http://127.0.0.1:9000"))
    entries = [
        {"org": "http://127.0.0.1:9000", "kind": "user", "name": str(number), "id": None}
        for number in range(1000)
    ]
    file = tmp_path / "triggered.json"
    file.write_text(json.dumps([*json.loads(file.read_text()), *entries]))
    sandbox.note(Created("user", "newest", None))
    assert CreatedThings(tmp_path, ORG).all() == [real]
    assert len(sandbox.all()) == 999
    assert sandbox.all()[0].name == "2"
    assert sandbox.all()[-1].name == "newest"


def test_what_is_made_is_kept_by_org(tmp_path: Path) -> None:
    """A damaged file costs its content alone, and another org's things are another's."""
    things = CreatedThings(tmp_path, ORG)
    made = Created("user", "okhook-x@example.com", None)
    things.note(made)
    things.note(Created("user", "okhook-x@example.com", "00u1"))
    assert things.all() == [Created("user", "okhook-x@example.com", "00u1")]
    (tmp_path / "triggered.json").write_text('[7, {"org": "https://dev-123.okta.com"}, "x"]')
    assert things.all() == []
    things.note(made)
    assert things.all() == [made]
    (tmp_path / "triggered.json").write_text("{")
    assert things.all() == []
