"""What this machine remembers of the hooks it registered: ``hooks.json`` in the state directory.

For each org and name the hook's id, when the org last changed it at our wish, and the fingerprint
of its secret; never the secret. The file is for its owner alone. One that is damaged or missing
costs nothing but a look-up by name and one more write.
"""

import fcntl
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

from okhook.activity import Activity, Warned
from okhook.okta.event_hooks import EventHook
from okhook.okta.fingerprint import fingerprint, fingerprint_matches
from okhook.secret import Secret
from okhook.wire.org import Org

_FILE = "hooks.json"


@dataclass(frozen=True, slots=True)
class RememberedHook:
    """What is remembered of a hook. ``secret`` is the fingerprint; None where it has none."""

    hook_id: str
    last_updated: str | None
    secret: str | None

    def vouches_for(self, secret: Secret, hook: EventHook) -> bool:
        """Tell whether ``hook`` surely has ``secret``, which Okta never shows.

        It surely has where we wrote it and nobody has changed the hook since. Deactivating changes
        the hook too, and explains itself; a changed channel would have made it unverified.
        """
        if self.hook_id != hook.id or self.secret is None:
            return False
        only_deactivated = hook.is_verified and not hook.is_active
        if not only_deactivated and self.last_updated != hook.last_updated:
            return False
        return fingerprint_matches(self.secret, secret)


@contextmanager
def memory_may_fail(publish: Callable[[Activity], None]) -> Iterator[None]:
    """Let what was done in the org stand where it could not be written down."""
    try:
        yield
    except OSError as error:
        publish(Warned(f"the hook's id could not be written down: {error.strerror}"))


@final
class RememberedHooks:
    """The hooks that one state directory remembers. Writing raises OSError where it cannot be."""

    def __init__(self, state: Path, *, salt: Callable[[], bytes] = lambda: os.urandom(16)) -> None:
        self._state = state
        self._salt = salt

    def recall(self, org: Org, name: str) -> RememberedHook | None:
        """Return what is remembered of the hook ``name`` in ``org``."""
        return _read_entry(self._read().get(_key(org, name)))

    def of_hook(self, org: Org, hook_id: str) -> RememberedHook | None:
        """Return what is remembered of the hook with that id, under whatever name."""
        known = (_read_entry(value) for value in self._of(org, self._read()).values())
        return next((each for each in known if each and each.hook_id == hook_id), None)

    def vouch_for(self, org: Org, hook: EventHook, secret: Secret) -> bool:
        """Tell whether ``hook`` surely has ``secret``, under whatever name it is remembered."""
        known = (_read_entry(value) for value in self._of(org, self._read()).values())
        return any(each is not None and each.vouches_for(secret, hook) for each in known)

    def names_and_ids(self) -> list[tuple[str, str]]:
        """Return name and id of every hook that is remembered, of whichever org."""
        entries = ((key.partition(" ")[2], _read_entry(v)) for key, v in self._read().items())
        return [(name, entry.hook_id) for name, entry in entries if entry is not None]

    def remember(self, org: Org, name: str, hook: EventHook, secret: Secret | None) -> None:
        """Write down that ``hook`` is the one called ``name``, with ``secret`` as we wrote it.

        What it was called before is forgotten.
        """
        written = None if secret is None else fingerprint(secret, self._salt())
        entry = {"hook_id": hook.id, "last_updated": hook.last_updated, "secret": written}
        with self._locked():
            self._write({**self._without(org, hook.id), _key(org, name): entry})

    def forget(self, org: Org, hook_id: str) -> None:
        """Remember the hook no longer."""
        with self._locked():
            self._write(self._without(org, hook_id))

    def follow(self, org: Org, before: EventHook, after: EventHook) -> None:
        """Take note that a step of ours turned ``before`` into ``after``.

        Where ``before`` is not the state that is remembered, somebody else has changed the hook,
        and that must not be forgotten.
        """
        with self._locked():
            content = self._read()
            for key, value in content.items():
                known = _read_entry(value)
                if (
                    known is not None
                    and key.startswith(_key(org, ""))
                    and (known.hook_id, known.last_updated) == (before.id, before.last_updated)
                ):
                    content[key] = {**value, "last_updated": after.last_updated}
            self._write(content)

    def _without(self, org: Org, hook_id: str) -> dict[str, Any]:
        content = self._read()
        for key, value in self._of(org, content).items():
            known = _read_entry(value)
            if known is not None and known.hook_id == hook_id:
                del content[key]
        return content

    def _of(self, org: Org, content: dict[str, Any]) -> dict[str, Any]:
        return {k: value for k, value in content.items() if k.startswith(_key(org, ""))}

    def _read(self) -> dict[str, Any]:
        try:
            content = json.loads((self._state / _FILE).read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            return {}
        return content if isinstance(content, dict) else {}

    def _write(self, content: dict[str, Any]) -> None:
        fresh = self._state / f"{_FILE}.{os.getpid()}.tmp"
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(content, file, indent=2)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._state / _FILE)

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


def _key(org: Org, name: str) -> str:
    return f"{org.url} {name}"


def _read_entry(entry: object) -> RememberedHook | None:
    if not isinstance(entry, dict) or not isinstance(entry.get("hook_id"), str):
        return None
    return RememberedHook(entry["hook_id"], _text(entry, "last_updated"), _text(entry, "secret"))


def _text(entry: dict[str, Any], key: str) -> str | None:
    value = entry.get(key)
    return value if isinstance(value, str) else None
