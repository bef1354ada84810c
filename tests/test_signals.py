"""Child processes of the tests take signals, however the tests themselves were started."""

import signal
import subprocess
import sys

import pytest

from tests.support.signals import default_signals

IGNORED = """
import signal
numbers = signal.SIGINT, signal.SIGTERM, signal.SIGHUP
print([number.name for number in numbers if signal.getsignal(number) is signal.SIG_IGN])
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_child_ignores_no_signal_that_the_tests_were_started_to_ignore(
    number: signal.Signals,
) -> None:
    """What nohup and a shell's background ignore is set right for the child, and put back."""
    before = signal.signal(number, signal.SIG_IGN)
    try:
        with default_signals():
            done = subprocess.run(
                [sys.executable, "-c", IGNORED], capture_output=True, text=True, check=True
            )
        assert done.stdout == "[]\n"
        assert signal.getsignal(number) is signal.SIG_IGN
    finally:
        signal.signal(number, before)
