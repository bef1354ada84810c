"""What runs here, from the run files of live owners."""

from pathlib import Path

from okhook.runtime.run_files import RunDirectory
from okhook.trigger.around import Around, Held, Tunnel, around_of


def test_receivers_tunnels_and_the_hook_of_okhook_up(tmp_path: Path) -> None:
    """An `okhook up` that has a sandbox of its own is told by its process."""
    run_directory = RunDirectory(tmp_path)
    with (
        run_directory.own("receiver-1337") as receiver,
        run_directory.own("tunnel-1337") as tunnel,
        run_directory.own("up-abc") as up,
        run_directory.own("sandbox-9000") as sandbox,
    ):
        receiver.write({"url": "http://127.0.0.1:1337/hook"})
        tunnel.write({"webhook_url": "https://hkdk.events/abc", "dashboard_url": ""})
        up.write({"hook_id": "whoMine"})
        tunnels = (Tunnel("https://hkdk.events/abc", None),)
        receivers = ("http://127.0.0.1:1337/hook",)
        assert around_of(run_directory.running) == Around(
            receivers, tunnels, (Held("whoMine", has_own_sandbox=False),)
        )
        sandbox.write({"org_url": "http://127.0.0.1:9000"})
        assert around_of(run_directory.running).held == (Held("whoMine", has_own_sandbox=True),)
    assert around_of(run_directory.running) == Around((), ())


def test_a_run_file_that_says_nothing_is_passed_over(tmp_path: Path) -> None:
    """One that is just being written, or is of another version."""
    run_directory = RunDirectory(tmp_path)
    with run_directory.own("receiver-1") as receiver, run_directory.own("up-x") as up:
        receiver.write({"url": 7})
        up.write({"hook_id": None})
        assert around_of(run_directory.running) == Around((), ())
