"""What was created in orgs and is still there: ``triggered.json`` in the state directory.

A thing is written down before the org is asked for it, so that it is found again however the
command ended: by its id where that is known, else by its name, which is like no other. What a run
that goes on has created is known by its run file.
"""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, final

from okhook.errors import ConfigurationError, StoreFailed
from okhook.runtime.run_files import AlreadyRunning, RunDirectory
from okhook.runtime.runs import TriggerRun
from okhook.runtime.state_file import StateFile
from okhook.trigger.naming import suffix_of
from okhook.wire.org import Org

Kind = Literal["user", "group"]

_MOST = 1000
"""Beyond so many, what sandbox orgs of the past had is forgotten; of a real org nothing is."""

_MOST_RUNS = 100
"""Runs at one time that are told apart. Names are used again, because each leaves a lock file."""


@dataclass(frozen=True, slots=True)
class Created:
    """A user, named by its login, or a group. ``id`` is None where the org has not told it."""

    kind: Kind
    name: str
    id: str | None = None


@dataclass(frozen=True, slots=True)
class _Entry:
    """A thing in the file, with the org that it is in."""

    org: str
    kind: Kind
    name: str
    id: str | None = None

    @property
    def is_of_sandbox(self) -> bool:
        """Whether the org is a sandbox: http is for this machine alone."""
        return self.org.startswith("http://")


@final
class CreatedThings:
    """What one state directory knows to have been created in one org."""

    def __init__(self, state: Path, org: Org) -> None:
        self._file = StateFile(state / "triggered.json", list[_Entry], synced=True)
        self.org = org

    def all(self) -> list[Created]:
        """Return what is still there, as far as is known, in the order of its creation."""
        return [
            Created(each.kind, each.name, each.id)
            for each in self._file.read() or ()
            if each.org == self.org.url
        ]

    def note(self, created: Created) -> None:
        """Write a thing down, in place of what is known under its name.

        Raises:
            StoreFailed: it cannot be written.

        """
        entry = _Entry(self.org.url, created.kind, created.name, created.id)
        try:
            self._file.change(lambda all_: _without_surplus([*self._others(all_, created), entry]))
        except OSError as error:
            raise StoreFailed(
                f"what is made in {self.org.host} cannot be written down, so nothing more is made",
                why=f"{self._file.path}: {error.strerror}",
                next_step="make room, or see that the file can be written",
            ) from error

    def forget(self, created: Created) -> None:
        """Cross out a thing that is not there any more.

        If that cannot be written the entry stays, and the thing is found to be gone the next time.
        """
        with suppress(OSError):
            self._file.change(lambda known: self._others(known, created))

    def _others(self, known: list[_Entry] | None, created: Created) -> list[_Entry]:
        this = (self.org.url, created.kind, created.name)
        return [each for each in known or () if (each.org, each.kind, each.name) != this]


def _without_surplus(entries: list[_Entry]) -> list[_Entry]:
    of_sandboxes = [each for each in entries if each.is_of_sandbox]
    surplus = of_sandboxes[: max(0, len(entries) - _MOST)]
    return [each for each in entries if each not in surplus]


@contextmanager
def run_announced(run_directory: RunDirectory, suffix: str) -> Iterator[None]:
    """Let others know, for as long as the block lasts, that the run with that suffix goes on.

    Where nothing can be written the block runs all the same.
    """
    with ExitStack() as held:
        for number in range(_MOST_RUNS):
            try:
                run_file = held.enter_context(run_directory.own(TriggerRun.name(number)))
                run_file.write(TriggerRun(suffix))
            except AlreadyRunning:
                continue
            except ConfigurationError:
                pass
            break
        yield


def left_by_ended_runs(created: Iterable[Created], run_directory: RunDirectory) -> list[Created]:
    """Return, of what was created, that whose run has ended, however it ended."""
    suffixes = {run.suffix for run in run_directory.running(TriggerRun)}
    return [each for each in created if suffix_of(each.name) not in suffixes]
