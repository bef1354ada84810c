"""A Hookdeck whose process does not run."""

import os
import signal

import pytest

from okhook.runtime.child import group_members
from okhook.tunnel.activities import TunnelResumed, TunnelStalled
from okhook.tunnel.hookdeck.stalls import StallWatch, stalled_state
from tests.support.waiting import wait_until
from tests.tunnel.left_behind import LISTENER, PARENT, process_group


@pytest.mark.parametrize(
    ("state", "looks", "words"),
    [
        ("stopped", 2, "kill -CONT -- -4711"),
        ("tracing-stop", 2, "debugger"),
        ("disk-sleep", 5, "hangs in the kernel"),
    ],
)
def test_a_stalled_process_is_said_once_field_06(state: str, looks: int, words: str) -> None:
    """At the second look; a process waits for a disk more often."""
    watch = StallWatch(4711)
    assert [watch.look(state) for _ in range(looks - 1)] == [None] * (looks - 1)
    said = watch.look(state)
    assert isinstance(said, TunnelStalled)
    assert words in said.reason
    assert watch.look(state) is None
    assert watch.look(None) == TunnelResumed()
    assert watch.look(None) is None


def test_a_moment_is_not_said_field_06() -> None:
    """Nor that it runs again."""
    watch = StallWatch(4711)
    assert [watch.look(state) for state in ("stopped", None, "disk-sleep", None)] == [None] * 4


def test_a_process_that_stays_stalled_is_hopeless_field_06() -> None:
    """After half a minute, a new child is better."""
    watch = StallWatch(4711)
    for _ in range(14):
        watch.look("stopped")
    assert not watch.is_hopeless
    watch.look("stopped")
    assert watch.is_hopeless


def test_every_process_of_the_group_is_looked_at_field_06() -> None:
    """The child may be a script, and the Hookdeck that it runs the one that is stopped."""
    with process_group(PARENT, LISTENER) as process:
        [listener] = set(group_members(process.pid)) - {process.pid}
        wait_until(lambda: stalled_state(process.pid) is None)
        os.kill(listener, signal.SIGSTOP)
        wait_until(lambda: stalled_state(process.pid) == "stopped")
        os.kill(listener, signal.SIGCONT)
        wait_until(lambda: stalled_state(process.pid) is None)
