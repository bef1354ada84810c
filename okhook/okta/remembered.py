"""What this machine remembers of the hooks it registered: ``hooks.json`` in the state directory.

For each org and name the hook's id, when the org last changed it at our wish, and the fingerprint
of its secret; never the secret. The file is for its owner alone. One that is damaged or missing
costs nothing but a look-up by name and one more write.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import final

from okhook.activity import Activity, Warned
from okhook.okta.event_hooks import EventHook
from okhook.okta.fingerprint import fingerprint, fingerprint_matches
from okhook.runtime.state_file import StateFile
from okhook.secret import Secret
from okhook.wire.org import Org


@dataclass(frozen=True, slots=True)
class RememberedHook:
    """What is remembered of a hook. ``secret`` is its fingerprint; None if it has no secret."""

    hook_id: str
    last_updated: str | None = None
    secret: str | None = None

    def vouches_for(self, secret: Secret, hook: EventHook) -> bool:
        """Return whether ``hook`` surely has ``secret``, which Okta never shows.

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
    """Warn if the block cannot write to the file; the change in the org stands."""
    try:
        yield
    except OSError as error:
        publish(Warned(f"the hook's id could not be written down: {error.strerror}"))


@final
class RememberedHooks:
    """The hooks that one state directory remembers. Writing may raise OSError."""

    def __init__(self, state: Path, *, salt: Callable[[], bytes] = lambda: os.urandom(16)) -> None:
        self._file = StateFile(state / "hooks.json", dict[str, RememberedHook], synced=True)
        self._salt = salt

    def recall(self, org: Org, name: str) -> RememberedHook | None:
        """Return what is remembered of the hook ``name`` in ``org``."""
        return self._known().get(_key(org, name))

    def of_hook(self, org: Org, hook_id: str) -> RememberedHook | None:
        """Return what is remembered of the hook with that id, under any name."""
        return next((each for each in self._of(org) if each.hook_id == hook_id), None)

    def vouch_for(self, org: Org, hook: EventHook, secret: Secret) -> bool:
        """Return whether ``hook`` surely has ``secret``, under any name."""
        return any(each.vouches_for(secret, hook) for each in self._of(org))

    def names_and_ids(self) -> list[tuple[str, str]]:
        """Return name and id of every remembered hook of any org."""
        return [(key.partition(" ")[2], each.hook_id) for key, each in self._known().items()]

    def orgs(self) -> list[str]:
        """Return the URLs of the orgs that have a remembered hook."""
        return sorted({key.partition(" ")[0] for key in self._known()})

    def remember(self, org: Org, name: str, hook: EventHook, secret: Secret | None) -> None:
        """Remember ``hook`` under ``name``, with the ``secret`` that we wrote to the org.

        An earlier name of it is forgotten.
        """
        written = None if secret is None else fingerprint(secret, self._salt())
        remembered = RememberedHook(hook.id, hook.last_updated, written)
        self._file.change(
            lambda known: {**_without(known or {}, org, hook.id), _key(org, name): remembered}
        )

    def forget(self, org: Org, hook_id: str) -> None:
        """Forget the hook."""
        self._file.change(lambda known: _without(known or {}, org, hook_id))

    def follow(self, org: Org, before: EventHook, after: EventHook) -> None:
        """Remember that we turned ``before`` into ``after``.

        If ``before`` is not the state that is remembered, somebody else has changed the hook, and
        that must not be forgotten.
        """

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
