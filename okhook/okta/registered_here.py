"""The hooks that this machine registered: ``hooks.json`` in the state directory.

Okta never returns a hook's secret, so we keep a fingerprint to find out whether it changed: salted,
and slow to compute (scrypt), because people choose short secrets. The secret itself is not kept.
"""

import base64
import hashlib
import hmac
import os
from dataclasses import dataclass, replace
from pathlib import Path

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
class _Registered:
    """A hook; ``secret`` is the fingerprint of its secret, None if it has none."""

    hook_id: str
    last_updated: str | None = None
    secret: str | None = None


_Known = dict[str, _Registered]
"""The hooks by the URL of their org and their name, with a space between the two."""


class RegisteredHere:
    """The hooks in one state directory. Writing may raise OSError."""

    def __init__(self, state: Path) -> None:
        self._file = StateFile(state / "hooks.json", _Known, synced=True)

    def id_of(self, org: Org, name: str) -> str | None:
        """Return the id of the hook ``name`` of ``org``."""
        known = self._known().get(f"{org.url} {name}")
        return None if known is None else known.hook_id

    def wrote(self, org: Org, hook: EventHook, secret: Secret) -> bool | None:
        """Return whether this machine wrote ``secret`` into ``hook`` (True) or another one (False).

        None if it wrote no secret, or if somebody has changed the hook since.
        """
        known = next(
            (each for key, each in self._known().items() if _is(hook.id, org, key, each)), None
        )
        if known is None or known.secret is None:
            return None
        is_unchanged = known.last_updated == hook.last_updated
        # Deactivating also changes the date; a changed channel makes the hook unverified.
        only_deactivated = hook.is_verified and not hook.is_active
        if not is_unchanged and not only_deactivated:
            return None
        matches = fingerprint_matches(known.secret, secret)
        return matches if matches or is_unchanged else None

    def names_and_ids(self) -> list[tuple[str, str]]:
        """Return name and id of every hook."""
        return [(key.partition(" ")[2], each.hook_id) for key, each in self._known().items()]

    def orgs(self) -> list[str]:
        """Return the URLs of the orgs."""
        return sorted({key.partition(" ")[0] for key in self._known()})

    def note(self, org: Org, name: str, hook: EventHook, secret: Secret | None) -> None:
        """Keep ``hook`` under ``name`` alone, with the ``secret`` that we sent to the org."""
        written = None if secret is None else fingerprint(secret, os.urandom(16))
        registered = _Registered(hook.id, hook.last_updated, written)
        self._file.change(
            lambda known: {**_without(known, org, hook.id), f"{org.url} {name}": registered}
        )

    def forget(self, org: Org, hook_id: str) -> None:
        """Forget the hook."""
        self._file.change(lambda known: _without(known, org, hook_id))

    def follow(self, org: Org, before: EventHook, after: EventHook) -> None:
        """Keep the date of our change, unless somebody else changed the hook before."""

        def followed(known: _Known | None) -> _Known:
            changed = dict(known or {})
            for key, each in changed.items():
                if _is(before.id, org, key, each) and each.last_updated == before.last_updated:
                    changed[key] = replace(each, last_updated=after.last_updated)
            return changed

        self._file.change(followed)

    def _known(self) -> _Known:
        return self._file.read() or {}


def _without(known: _Known | None, org: Org, hook_id: str) -> _Known:
    others = (known or {}).items()
    return {key: each for key, each in others if not _is(hook_id, org, key, each)}


def _is(hook_id: str, org: Org, key: str, each: _Registered) -> bool:
    """Return whether an entry is that of the hook ``hook_id`` of ``org``."""
    return each.hook_id == hook_id and key.startswith(f"{org.url} ")
