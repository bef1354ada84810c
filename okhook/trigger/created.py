"""What ``okhook trigger`` created in orgs: ``triggered.json`` in the state directory.

A thing is written down before the org is asked to create it, so that it can be found however the
command ended: by its id if that is known, else by its unique name. The run file of a run that still
goes on protects what it created.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import anyio

from okhook.errors import ConfigurationError, OkhookError, StoreFailed
from okhook.okta.users_and_groups import GroupsApi, UsersApi
from okhook.runtime.run_files import AlreadyRunning, RunDirectory, TriggerRun
from okhook.runtime.state_file import StateFile
from okhook.trigger.activities import CleanedUp, Created, Kind, NotRemoved
from okhook.trigger.event_path import reason_of
from okhook.trigger.scenario import is_our_group, is_our_login, suffix_of
from okhook.wire.org import Org

_MOST = 1000
"""Beyond so many entries, those of sandbox orgs are dropped, but never those of a real org."""

_MOST_RUNS = 100
"""How many runs at one time have a run file. Names are reused: each leaves a lock file behind."""


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


CLEANUP_S = 20.0
"""How long cleaning up after a run may take, and so how long Ctrl-C may take."""


class _Left(OkhookError):
    """A thing stays in the org. The error says why."""


@dataclass(slots=True)
class Cleanup:
    """Removes what was created, users before groups, and only what carries okhook's mark.

    The org may or may not have created what is ``in_doubt``, and may still create it: if it is not
    found, it stays written down. ``removing`` is the command that removes what is left.
    """

    created: Sequence[Created]
    users: UsersApi
    groups: GroupsApi
    things: CreatedThings
    removing: str
    in_doubt: frozenset[Created] = frozenset()
    _fates: dict[Created, str | NotRemoved] = field(default_factory=dict, init=False)

    async def finish(self) -> None:
        """Remove one thing after another. If the org refuses one, go on with the next."""
        for created in self._in_order():
            self._fates[created] = await self._fate(created)

    def outcome(self, unreached: str) -> CleanedUp:
        """Return what became of each so far; ``unreached`` is the reason for those not tried."""
        fates = {
            each: self._fates.get(each, NotRemoved(each, unreached)) for each in self._in_order()
        }
        return CleanedUp(
            self.things.org.url,
            removed=tuple(each for each, fate in fates.items() if fate == "removed"),
            gone=tuple(each for each, fate in fates.items() if fate == "gone"),
            left=tuple(fate for fate in fates.values() if isinstance(fate, NotRemoved)),
            removing=self.removing,
        )

    def _in_order(self) -> list[Created]:
        return sorted(self.created, key=lambda thing: thing.kind == "group")

    async def _fate(self, created: Created) -> str | NotRemoved:
        try:
            was_there = await self._remove(created)
            if not was_there and created in self.in_doubt:
                raise _Left("the org does not have it yet, but may still create it")
        except OkhookError as error:
            return NotRemoved(created, reason_of(error))
        self.things.forget(created)
        return "removed" if was_there else "gone"

    async def _remove(self, created: Created) -> bool:
        """Remove a user or a group, and return whether it was there."""
        if created.kind == "user":
            user = await self.users.find(created.id or created.name)
            if user is not None and not is_our_login(user.login):
                raise _Left(f"okhook did not create it: its login is {user.login}")
            if user is not None:
                await self.users.remove(user.id)
            return user is not None
        find = self.groups.get(created.id) if created.id else self.groups.find(created.name)
        group = await find
        if group is not None and not is_our_group(group.name):
            raise _Left(f"okhook did not create it: its name is {group.name}")
        if group is not None:
            await self.groups.delete(group.id)
        return group is not None


async def clean_up_after_run(cleanup: Cleanup, *, within_s: float = CLEANUP_S) -> CleanedUp:
    """Clean up, even while everything else is cancelled, and return what became of each thing."""
    with anyio.CancelScope(shield=True), anyio.move_on_after(within_s):
        await cleanup.finish()
    return cleanup.outcome(f"not done within {within_s:g} s")
