"""What was made in orgs and is still there: ``triggered.json`` in the state directory.

A thing is written down before the org is asked for it, so that it is found again however the
command ended: by its id where that is known, else by its name, which is like no other.
"""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, final

from okhook.errors import StoreFailed
from okhook.runtime.state_file import StateFile
from okhook.wire.org import Org

Kind = Literal["user", "group"]

_MOST = 1000
"""Beyond so many, what sandbox orgs of the past had is forgotten; of a real org nothing is."""


@dataclass(frozen=True, slots=True)
class Made:
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
class MadeThings:
    """What one state directory knows to be made in one org."""

    def __init__(self, state: Path, org: Org) -> None:
        self._file = StateFile(state / "triggered.json", list[_Entry], synced=True)
        self._org = org

    def all(self) -> list[Made]:
        """Return what is still there, as far as is known, in the order of its making."""
        return [
            Made(each.kind, each.name, each.id)
            for each in self._file.read() or ()
            if each.org == self._org.url
        ]

    def note(self, made: Made) -> None:
        """Write a thing down, in place of what is known under its name.

        Raises:
            StoreFailed: it cannot be written.

        """
        entry = _Entry(self._org.url, made.kind, made.name, made.id)
        try:
            self._file.change(lambda known: _without_surplus([*self._others(known, made), entry]))
        except OSError as error:
            raise StoreFailed(
                f"what is made in {self._org.host} cannot be written down, so nothing more is made",
                why=f"{self._file.path}: {error.strerror}",
                next_step="make room, or see that the file can be written",
            ) from error

    def forget(self, made: Made) -> None:
        """Cross out a thing that is not there any more.

        If that cannot be written the entry stays, and the thing is found to be gone the next time.
        """
        with suppress(OSError):
            self._file.change(lambda known: self._others(known, made))

    def _others(self, known: list[_Entry] | None, made: Made) -> list[_Entry]:
        this = (self._org.url, made.kind, made.name)
        return [each for each in known or () if (each.org, each.kind, each.name) != this]


def _without_surplus(entries: list[_Entry]) -> list[_Entry]:
    of_sandboxes = [each for each in entries if each.is_of_sandbox]
    surplus = of_sandboxes[: max(0, len(entries) - _MOST)]
    return [each for each in entries if each not in surplus]
