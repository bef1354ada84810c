"""Which apps are down stands in the receiver's run file."""

from datetime import UTC, datetime
from pathlib import Path

from okhook.records.activities import TargetDown, TargetUp
from okhook.runtime.run_files import DownApp, ReceiverRun, RunDirectory
from okhook.serve.running import DownApps

NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)
ONE, TWO = "http://127.0.0.1:3000/", "http://127.0.0.1:3001/"
REFUSED = "connection refused"


def down_in(runs: RunDirectory) -> list[str]:
    (run,) = runs.running(ReceiverRun)
    return [each.url for each in run.down]


def test_an_app_is_noted_while_it_is_down(tmp_path: Path) -> None:
    """Also one that was down before the receiver was there; all else in the file stays."""
    runs = RunDirectory(tmp_path / "run")
    apps = DownApps(runs, lambda: NOON)
    apps.learn(TargetDown(ONE, REFUSED))
    with runs.own(ReceiverRun.name(1337)) as file:
        file.write(ReceiverRun("http://127.0.0.1:1337/", 1337, control_socket="/a/socket"))
        (before,) = runs.running(ReceiverRun)
        apps.runs_on(1337)
        apps.learn(TargetDown(TWO, REFUSED))
        assert down_in(runs) == [ONE, TWO]
        apps.learn(TargetUp(ONE, 3.0, 0))
        (run,) = runs.running(ReceiverRun)
        assert run.down == (DownApp(TWO, NOON, REFUSED),)
        assert (run.control_socket, run.pid, run.since) == ("/a/socket", before.pid, before.since)


def test_a_state_directory_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    """The inspector shows less then; deliveries go on."""
    runs = RunDirectory(tmp_path / "run")
    apps = DownApps(runs, lambda: NOON)
    with runs.own(ReceiverRun.name(1337)) as file:
        file.write(ReceiverRun("http://127.0.0.1:1337/", 1337))
        apps.runs_on(1337)
        (tmp_path / "run").rename(tmp_path / "away")
        (tmp_path / "run").write_text("a file in its place")
        apps.learn(TargetDown(ONE, REFUSED))
        (tmp_path / "run").unlink()
        (tmp_path / "away").rename(tmp_path / "run")
