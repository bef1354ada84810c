"""Which runs are at work on this machine, so that nobody takes away what they have just made."""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager

from okhook.errors import ConfigurationError
from okhook.runtime.run_files import AlreadyRunning, RunDirectory
from okhook.trigger.made import Made
from okhook.trigger.naming import suffix_of

_KIND = "trigger-"
_MOST = 100
"""Runs at one time that are told apart. Names are used again, because each leaves a lock file."""


@contextmanager
def at_work(run_directory: RunDirectory, suffix: str) -> Iterator[None]:
    """Let others know, for as long as the block lasts, that the run with that suffix goes on.

    Where nothing can be written the block runs all the same.
    """
    with ExitStack() as held:
        for number in range(_MOST):
            try:
                run_file = held.enter_context(run_directory.own(f"{_KIND}{number}"))
                run_file.write({"suffix": suffix})
            except AlreadyRunning:
                continue
            except ConfigurationError:
                pass
            break
        yield


def left_by_ended_runs(made: Iterable[Made], run_directory: RunDirectory) -> list[Made]:
    """Return, of what was made, that whose run has ended, however it ended."""
    suffixes = {record.facts.get("suffix") for record in run_directory.running(_KIND)}
    return [each for each in made if suffix_of(each.name) not in suffixes]
