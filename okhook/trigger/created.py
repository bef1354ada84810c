"""What ``okhook trigger`` created in orgs: ``triggered.json`` in the state directory.

A thing is written down before the org is asked to create it, so that it can be found however the
command ended: by its id if that is known, else by its unique name. The run file of a run that still
goes on protects what it created.
"""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from okhook.errors import ConfigurationError, StoreFailed
from okhook.runtime.run_files import AlreadyRunning, RunDirectory, TriggerRun
from okhook.runtime.state_file import StateFile
from okhook.trigger.scenario import suffix_of
from okhook.wire.org import Org

Kind = Literal["user", "group"]

_MOST = 1000
"""Beyond so many entries, those of sandbox orgs are dropped, but never those of a real org."""

_MOST_RUNS = 100
"""How many runs at one time have a run file. Names are reused: each leaves a lock file behind."""


@dataclass(frozen=True, slots=True)
class Created:
    """A user, named by its login, or a group. ``id`` is None until the org has answered."""

    kind: Kind
    name: str
    id: str | None = None


@dataclass(frozen=True, slots=True)
class _Entry:
    """An entry of the file: a thing and its org. Only a sandbox org has an http URL."""

    org: str
    kind: Kind
    name: str
    id: str | None = None


class CreatedThings:
    """The things that were created in one org from one state directory."""

    def __init__(self, state: Path, org: Org) -> None:
        self._file = StateFile(state / "triggered.json", list[_Entry], synced=True)
        self.org = org

    def all(self) -> list[Created]:
        """Return what is still there, as far as known, in order of creation."""
        return [
            Created(each.kind, each.name, each.id)
            for each in self._file.read() or ()
            if each.org == self.org.url
        ]

    def note(self, created: Created) -> None:
        """Write a thing down. It replaces an entry with the same name.

        Raises:
            StoreFailed: it cannot be written.
        """
        entry = _Entry(self.org.url, created.kind, created.name, created.id)
        try:
            self._file.change(lambda all_: _without_surplus([*self._others(all_, created), entry]))
        except OSError as error:
            raise StoreFailed(
                f"could not save the list of what was created in {self.org.host}",
                why=f"{self._file.path}: {error.strerror}",
                next_step="free disk space, or make the file writable",
            ) from error

    def forget(self, created: Created) -> None:
        """Remove the entry of a thing that is gone.

        If that cannot be written the entry stays, and the thing is found to be gone the next time.
        """
        with suppress(OSError):
            self._file.change(lambda known: self._others(known, created))

    def _others(self, known: list[_Entry] | None, created: Created) -> list[_Entry]:
        this = (self.org.url, created.kind, created.name)
        return [each for each in known or () if (each.org, each.kind, each.name) != this]


def _without_surplus(entries: list[_Entry]) -> list[_Entry]:
    of_sandboxes = [each for each in entries if each.org.startswith("http://")]
    surplus = of_sandboxes[: max(0, len(entries) - _MOST)]
    return [each for each in entries if each not in surplus]


@contextmanager
def run_announced(run_directory: RunDirectory, suffix: str) -> Iterator[None]:
    """Have a run file for as long as the block lasts, so that others know the run goes on.

    If it cannot be written, the block runs without it.
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
    """Return the things whose run has ended, in whatever way."""
    suffixes = {run.suffix for run in run_directory.running(TriggerRun)}
    return [each for each in created if suffix_of(each.name) not in suffixes]
