"""The hooks that this machine registered: ``hooks.json`` in the state directory.

Okta never returns a hook's secret, so we keep a fingerprint to find out whether it changed: salted,
and slow to compute (scrypt), because people choose short secrets. The secret itself is not kept.
"""

import base64
import hashlib
import hmac
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from okhook.activity import Activity, Warned
from okhook.okta.event_hooks import EventHook
from okhook.runtime.state_file import StateFile
from okhook.secret import Secret
from okhook.wire.org import Org

_SCHEME = "scrypt-14"
_COST = 2**14


def fingerprint(secret: Secret, salt: bytes) -> str:
    """Return the text to keep; ``salt`` is 16 random bytes."""
    digest = hashlib.scrypt(secret.reveal().encode(), salt=salt, n=_COST, r=8, p=1)
    return "$".join((_SCHEME, *(base64.b64encode(part).decode() for part in (salt, digest))))


def fingerprint_matches(written: str, secret: Secret) -> bool:
    """Return whether ``written`` is the fingerprint of ``secret``."""
    try:
        _, salt, _ = written.split("$")
        again = fingerprint(secret, base64.b64decode(salt, validate=True))
    except ValueError:
        return False
    return hmac.compare_digest(again.encode(), written.encode())


@dataclass(frozen=True, slots=True)
class RememberedHook:
    """A hook; ``secret`` is the fingerprint of its secret, None if it has none."""

    hook_id: str
    last_updated: str | None = None
    secret: str | None = None

    def vouches_for(self, secret: Secret, hook: EventHook) -> bool:
        """Return whether ``hook`` has ``secret``: we wrote it, and nobody has changed it since."""
        if self.hook_id != hook.id or self.secret is None:
            return False
        # Deactivating also changes the date; a changed channel makes the hook unverified.
        only_deactivated = hook.is_verified and not hook.is_active
        if not only_deactivated and self.last_updated != hook.last_updated:
            return False
        return fingerprint_matches(self.secret, secret)


@contextmanager
def memory_may_fail(publish: Callable[[Activity], None]) -> Iterator[None]:
    """Warn if the block cannot write the file: the org has the change all the same."""
    try:
        yield
    except OSError as error:
        publish(Warned(f"could not save the hook's id: {error.strerror}"))


class RememberedHooks:
    """The hooks in one state directory. Writing may raise OSError."""

    def __init__(self, state: Path) -> None:
        self._file = StateFile(state / "hooks.json", dict[str, RememberedHook], synced=True)

    def recall(self, org: Org, name: str) -> RememberedHook | None:
        """Return the hook ``name`` of ``org``."""
        return self._known().get(_key(org, name))

    def of_hook(self, org: Org, hook_id: str) -> RememberedHook | None:
        """Return the hook with that id."""
        return next((each for each in self._of(org) if each.hook_id == hook_id), None)

    def vouch_for(self, org: Org, hook: EventHook, secret: Secret) -> bool:
        """Return whether ``hook`` has ``secret``, as far as we know."""
        return any(each.vouches_for(secret, hook) for each in self._of(org))

    def names_and_ids(self) -> list[tuple[str, str]]:
        """Return name and id of every hook."""
        return [(key.partition(" ")[2], each.hook_id) for key, each in self._known().items()]

    def orgs(self) -> list[str]:
        """Return the URLs of the orgs."""
        return sorted({key.partition(" ")[0] for key in self._known()})

    def remember(self, org: Org, name: str, hook: EventHook, secret: Secret | None) -> None:
        """Keep ``hook`` under ``name`` alone, with the ``secret`` that we sent to the org."""
        written = None if secret is None else fingerprint(secret, os.urandom(16))
        remembered = RememberedHook(hook.id, hook.last_updated, written)
        self._file.change(
            lambda known: {**_without(known or {}, org, hook.id), _key(org, name): remembered}
        )

    def forget(self, org: Org, hook_id: str) -> None:
        """Forget the hook."""
        self._file.change(lambda known: _without(known or {}, org, hook_id))

    def follow(self, org: Org, before: EventHook, after: EventHook) -> None:
        """Keep the date of our change, unless somebody else changed the hook before."""

        def moved_on(key: str, each: RememberedHook) -> RememberedHook:
            is_it = (each.hook_id, each.last_updated) == (before.id, before.last_updated)
            is_it = is_it and key.startswith(_key(org, ""))
            return replace(each, last_updated=after.last_updated) if is_it else each

        self._file.change(
            lambda known: {key: moved_on(key, each) for key, each in (known or {}).items()}
        )

    def _known(self) -> dict[str, RememberedHook]:
        return self._file.read() or {}

    def _of(self, org: Org) -> list[RememberedHook]:
        return [each for key, each in self._known().items() if key.startswith(_key(org, ""))]


def _without(known: dict[str, RememberedHook], org: Org, hook_id: str) -> dict[str, RememberedHook]:
    return {
        key: each
        for key, each in known.items()
        if not (key.startswith(_key(org, "")) and each.hook_id == hook_id)
    }


def _key(org: Org, name: str) -> str:
    return f"{org.url} {name}"
