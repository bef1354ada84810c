"""What runs on this machine according to run files, and which URLs lead here."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okhook.runtime.run_files import (
    AdminRun,
    ReceiverRun,
    RunDirectory,
    SandboxRun,
    TunnelRun,
    UpRun,
)
from okhook.runtime.running_here import (
    LocalEndpoint,
    RunningHere,
    is_same_url,
    local_endpoint,
    programs_here,
    running_here,
)

RECEIVER = "http://127.0.0.1:1337/hook"
WEBHOOK = "https://hkdk.events/abc"


@pytest.mark.parametrize(
    ("url", "endpoint"),
    [
        ("http://127.0.0.1:1337/hook", LocalEndpoint(1337, "/hook")),
        ("http://[::1]:1337/hook", LocalEndpoint(1337, "/hook")),
        ("http://LOCALHOST", LocalEndpoint(80, "/")),
        ("https://hkdk.events/abc", None),
        ("http://127.0.0.1.evil.example:1337/hook", None),
        ("http://127.0.0.1:99999/hook", None),
        ("http://[bad", None),
        ("127.0.0.1:1337/hook", None),
    ],
)
def test_only_a_url_of_this_machine_has_an_endpoint(
    url: str, endpoint: LocalEndpoint | None
) -> None:
    """The URL of a hook in an org may be invalid."""
    assert local_endpoint(url) == endpoint


@given(st.text())
def test_no_text_raises(text: str) -> None:
    """Most of it is no URL of this machine."""
    assert local_endpoint(text) is None or "://" in text


@pytest.mark.parametrize(
    "other", [RECEIVER, RECEIVER + "/", RECEIVER.replace("127.0.0.1", "localhost")]
)
def test_this_machine_has_several_names(other: str) -> None:
    """A URL with another name of this machine is the same URL."""
    assert is_same_url(RECEIVER, other)
    assert not is_same_url(RECEIVER, other.replace("hook", "other"))


def test_receivers_tunnels_and_ups_are_read_from_their_run_files(tmp_path: Path) -> None:
    """A receiver and a sandbox with the process id of an `okhook up` belong to it."""
    run_directory = RunDirectory(tmp_path)
    with (
        run_directory.own("receiver-1337") as receiver,
        run_directory.own("tunnel-1337") as tunnel,
        run_directory.own("sandbox-9000") as sandbox,
    ):
        receiver.write(ReceiverRun(RECEIVER, 1337))
        tunnel.write(TunnelRun(port=1337, path="/hook", webhook_url=WEBHOOK))
        found = running_here(run_directory)
        [own] = found.receivers
        assert found.tunnels == (
            TunnelRun(port=1337, path="/hook", webhook_url=WEBHOOK, pid=own.pid),
        )
        assert found.ups == ()
        assert found.is_reached_by(RECEIVER + "/")
        assert found.is_reached_by(WEBHOOK)
        assert not found.is_reached_by("https://hkdk.events/other")
        with run_directory.own("up-abc") as up:
            up.write(UpRun("http://127.0.0.1:9000", "whoMine"))
            found = running_here(run_directory)
            [own_up] = found.ups
            assert own_up == UpRun("http://127.0.0.1:9000", "whoMine", pid=own.pid)
            assert found.sandboxes == ()
            sandbox.write(SandboxRun("http://127.0.0.1:9000", "t"))
            [own_sandbox] = running_here(run_directory).sandboxes
            assert own_sandbox.pid == own_up.pid
    assert running_here(run_directory) == RunningHere()


def test_a_program_that_has_only_an_admin_port_so_far_is_known(tmp_path: Path) -> None:
    """Its store cannot be opened yet: `okhook down` finds it, under the name of its command."""
    run_directory = RunDirectory(tmp_path)
    run = AdminRun("http://[::1]:9100", 9100, "up")
    with run_directory.noted(AdminRun.name("[::1]:9100"), run):
        (program,) = programs_here(run_directory)
    assert (program.command, program.names, program.uses(9100)) == ("up", ("up-9100",), True)
    assert programs_here(run_directory) == []


def test_a_run_file_that_cannot_be_written_is_done_without(tmp_path: Path) -> None:
    """As on a full disk: the program runs on, and is not listed."""
    (tmp_path / "run").write_text("in the way")
    with RunDirectory(tmp_path / "run").noted("admin-1", AdminRun("http://h:1", 1, "serve")):
        pass


def test_an_empty_run_file_is_ignored(tmp_path: Path) -> None:
    """It may be half written, or from another version."""
    run_directory = RunDirectory(tmp_path)
    with (
        run_directory.own("receiver-1"),
        run_directory.own("tunnel-1"),
        run_directory.own("up-x"),
    ):
        (tmp_path / "receiver-1.json").write_text('{"url": null, "port": "x"}')
        (tmp_path / "tunnel-1.json").write_text('{"port": "none", "path": 1}')
        (tmp_path / "up-x.json").write_text('{"hook_id": 7}')
        assert running_here(run_directory) == RunningHere()
