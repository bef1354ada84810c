"""Whose things are left alone: those of runs that go on."""

from contextlib import ExitStack
from pathlib import Path

from okhook.runtime.run_files import RunDirectory
from okhook.trigger.at_work import at_work, left_by_ended_runs
from okhook.trigger.made import Made

FIRST = Made("user", "okhook-jane-aaaa1111@example.com", "00u1")
SECOND = Made("group", "okhook Sales bbbb2222", "00g1")
OLD = Made("user", "okhook-joe-cccc3333@example.com", None)


def test_only_what_ended_runs_left_is_to_be_removed(tmp_path: Path) -> None:
    """Two runs at once are both known, and each no longer than it lasts."""
    run_directory = RunDirectory(tmp_path / "run")
    made = [FIRST, SECOND, OLD]
    with ExitStack() as first, ExitStack() as second:
        first.enter_context(at_work(run_directory, "aaaa1111"))
        second.enter_context(at_work(run_directory, "bbbb2222"))
        assert left_by_ended_runs(made, run_directory) == [OLD]
        first.close()
        assert left_by_ended_runs(made, run_directory) == [FIRST, OLD]
    assert left_by_ended_runs(made, run_directory) == made


def test_runs_use_the_same_files_again(tmp_path: Path) -> None:
    """However many runs there were, no more files are left than ran at one time."""
    run_directory = RunDirectory(tmp_path / "run")
    for number in range(5):
        with at_work(run_directory, str(number)):
            pass
    assert len(list((tmp_path / "run").iterdir())) == 1


def test_a_run_that_cannot_be_noted_runs_all_the_same(tmp_path: Path) -> None:
    """A file where the directory should be is no reason to do nothing."""
    (tmp_path / "run").write_text("")
    with at_work(RunDirectory(tmp_path / "run"), "aaaa1111"):
        pass
