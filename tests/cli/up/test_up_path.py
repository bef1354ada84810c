"""``okhook up`` says when its tunnel is deaf, and when it hears again.

The stand-in for Hookdeck has the receiver's own URL as its webhook URL.
"""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from okhook.runtime.run_files import RunDirectory, TunnelRun
from tests.hookdeck.fake import ANNOUNCEMENT, WAIT, fake_hookdeck
from tests.support.answering import answer, answering_server
from tests.support.okhook_process import OkhookProcess, running_okhook
from tests.support.waiting import wait_until

HERE = ANNOUNCEMENT.replace(
    "say('│  Requests to → https://hkdk.events/src_fake')",
    "say('│  Requests to → http://127.0.0.1:%s%s' % (port, path))",
)
ON_SIGNAL = """
def speak(*_):
    say(lines.pop(0))
lines = ['Connection lost, reconnecting...', 'Connected. Waiting for events...']
signal.signal(signal.SIGUSR1, speak)
"""


@contextmanager
def up(home: Path, body: str, *arguments: str) -> Iterator[OkhookProcess]:
    """Run ``okhook up --sandbox --tunnel`` with a Hookdeck that runs ``body``, until an event."""
    program = fake_hookdeck(home, body)
    flags = ("--sandbox", "--tunnel", "--port", "0", "--hookdeck", str(program), *arguments)
    with running_okhook("up", *flags, "--output", "json", home=home) as process:
        process.wait_for_json("delivery")
        yield process


def types_of(run: OkhookProcess) -> list[str]:
    return [line["type"] for line in run.json_lines()]


def signal_hookdeck(home: Path, number: signal.Signals) -> None:
    [run] = RunDirectory(home / "state" / "run").running(TunnelRun)
    assert run.child_pid is not None
    os.kill(run.child_pid, number)


def test_silence_is_broken_by_a_canary_that_no_app_gets_field_06(tmp_path: Path) -> None:
    """Every --prove-every; the app gets the event of the test user alone."""
    with (
        answering_server(lambda _: answer(204)) as app,
        up(tmp_path, HERE + WAIT, "--prove-every", "0.2", "--forward-to", app.url) as run,
    ):
        run.wait_for_json("forward")
        wait_until(lambda: types_of(run).count("path_proved") > 1)
        assert types_of(run).count("canary") > 2
        assert "path_lost" not in types_of(run)
        assert len(app.asked) == 1


def test_a_lost_connection_is_proved_when_it_is_back_field_06(tmp_path: Path) -> None:
    """Lost and proved are said, and that Hookdeck is connected again."""
    with up(tmp_path, ON_SIGNAL + HERE + WAIT, "--prove-every", "0") as run:
        assert "path_proved" not in types_of(run)
        signal_hookdeck(tmp_path, signal.SIGUSR1)
        assert run.wait_for_json("path_lost")["reason"] == "Hookdeck lost its connection"
        signal_hookdeck(tmp_path, signal.SIGUSR1)
        run.wait_for_json("reconnected")
        run.wait_for_json("path_proved")


def test_a_stopped_hookdeck_is_said_and_proved_when_it_runs_field_06(tmp_path: Path) -> None:
    """Its connection stays open meanwhile, and Hookdeck's cloud sends what nobody reads."""
    with up(tmp_path, HERE + WAIT) as run:
        signal_hookdeck(tmp_path, signal.SIGSTOP)
        assert "is stopped by a signal" in run.wait_for_json("path_lost")["reason"]
        run.wait_for_json("stalled")
        signal_hookdeck(tmp_path, signal.SIGCONT)
        run.wait_for_json("resumed")
        run.wait_for_json("path_proved")


def test_a_killed_hookdeck_is_lost_and_proved_field_06(tmp_path: Path) -> None:
    """The next child has to carry a canary, too."""
    with up(tmp_path, HERE + WAIT) as run:
        signal_hookdeck(tmp_path, signal.SIGKILL)
        assert run.wait_for_json("path_lost")["reason"] == "Hookdeck restarts: ended by SIGKILL"
        run.wait_for_json("tunnel_came_back")
        run.wait_for_json("path_proved")
