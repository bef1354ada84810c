"""What was made in orgs and is still there: ``triggered.json`` in the state directory.

A thing is written down before the org is asked for it, so that it is found again however the
command ended: by its id where that is known, else by its name, which is like no other.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, final

from okhook.errors import StoreFailed
from okhook.wire.org import Org

Kind = Literal["user", "group"]

_FILE = "triggered.json"
_MOST = 1000
"""Beyond so many, what sandbox orgs of the past had is forgotten; of a real org nothing is."""


@dataclass(frozen=True, slots=True)
class Made:
    """A user, named by its login, or a group. ``id`` is None where the org has not told it."""

    kind: Kind
    name: str
    id: str | None

    def to_json(self) -> dict[str, str | None]:
        """Return it as it stands in the file and in JSON lines."""
        return {"kind": self.kind, "name": self.name, "id": self.id}


@final
class MadeThings:
    """What one state directory knows to be made in one org."""

    def __init__(self, state: Path, org: Org) -> None:
        self._state = state
        self._org = org

    def all(self) -> list[Made]:
        """Return what is still there, as far as is known, in the order of its making."""
        return [made for entry in self._of_org(self._read()) if (made := _made(entry))]

    def note(self, made: Made) -> None:
        """Write a thing down, in place of what is known under its name.

        Raises:
            StoreFailed: it cannot be written.

        """
        try:
            with self._locked():
                self._write([*self._without(made), {"org": self._org.url, **made.to_json()}])
        except OSError as error:
            raise StoreFailed(
                f"what is made in {self._org.host} cannot be written down, so nothing more is made",
                why=f"{self._state / _FILE}: {error.strerror}",
                next_step="make room, or see that the file can be written",
            ) from error

    def forget(self, made: Made) -> None:
        """Cross out a thing that is not there any more.

        Where that cannot be written it stays, and is found to be gone the next time.
        """
        with suppress(OSError), self._locked():
            self._write(self._without(made))

    def _without(self, made: Made) -> list[Any]:
        return [
            entry
            for entry in self._read()
            if (entry.get("org"), entry.get("kind"), entry.get("name"))
            != (self._org.url, made.kind, made.name)
        ]

    def _of_org(self, entries: list[Any]) -> list[Any]:
        return [entry for entry in entries if entry.get("org") == self._org.url]

    def _read(self) -> list[Any]:
        try:
            content = json.loads((self._state / _FILE).read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            return []
        return [e for e in content if isinstance(e, dict)] if isinstance(content, list) else []

    def _write(self, entries: list[Any]) -> None:
        fresh = self._state / f"{_FILE}.{os.getpid()}.tmp"
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump(_without_surplus(entries), file, indent=2)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(self._state / _FILE)
        except OSError:
            fresh.unlink(missing_ok=True)
            raise

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Keep other processes from writing between our reading and our writing."""
        self._state.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = os.open(self._state / f"{_FILE}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)


def _without_surplus(entries: list[Any]) -> list[Any]:
    of_sandboxes = [each for each in entries if _is_of_sandbox(each)]
    surplus = of_sandboxes[: max(0, len(entries) - _MOST)]
    return [each for each in entries if each not in surplus]


def _is_of_sandbox(entry: dict[str, Any]) -> bool:
    """Tell it by the scheme: http is for this machine alone."""
    return str(entry.get("org")).startswith("http://")


def _made(entry: dict[str, Any]) -> Made | None:
    kind, name, made_id = entry.get("kind"), entry.get("name"), entry.get("id")
    if kind not in ("user", "group") or not isinstance(name, str):
        return None
    return Made(kind, name, made_id if isinstance(made_id, str) else None)
