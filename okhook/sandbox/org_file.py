"""The org in a file, for a restart: its state and its newest log entries.

Secrets are never written. After a restart a hook with a secret is UNVERIFIED: it receives nothing
until it is registered with its secret and verified again.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import anyio
import anyio.to_thread

from okhook.config.plain_file import plain_text
from okhook.errors import ConfigurationError
from okhook.runtime.atomic_write import atomic_write
from okhook.runtime.ids import new_okta_id
from okhook.sandbox.hook_body import STATUSES as HOOK_STATUSES
from okhook.sandbox.org_file_v1 import upgraded
from okhook.sandbox.state import BUILT_IN, Json, OrgState, whole_seconds
from okhook.sandbox.system_log import SystemLog, epoch_ms, logged
from okhook.sandbox.user_schema import ATTRIBUTE_TYPES
from okhook.sandbox.users import STATUSES, new_user

KEPT_ENTRIES = 1_000
"""How many of the newest log entries are written."""

_FORMAT = 2
_LARGEST_BYTES = 256 << 20
_PAUSE_S = 0.1
"""How long the file waits for more changes before it is written."""

_FORM: Final[Json] = {
    "admin_id": str,
    "user_type_id": str,
    "users": [
        {
            "id": str,
            "status": STATUSES,
            "profile": {"login": str},
            "credentials": {"provider": {"type": str}},
        }
    ],
    "groups": [{"id": str, "type": str, "profile": {"name": str}}],
    "hooks": [
        {
            "id": str,
            "status": HOOK_STATUSES,
            "verificationStatus": ("VERIFIED", "UNVERIFIED"),
            "name": str,
            "lastUpdated": datetime,
            "events": {
                "items": [str],
                "filter?": {"eventFilterMap": [{"event": str, "condition": {"expression": str}}]},
            },
            "channel": {
                "config": {
                    "uri": str,
                    "headers": [{"key": str, "value": str}],
                    "authScheme?": {"key": str},
                }
            },
        }
    ],
    "log": [{"seq": int, "published": datetime, "entry": {}}],
}
"""What a file must contain. The value of a name with ``?`` can be null."""


def load_org(path: Path | None, now: datetime) -> tuple[OrgState, SystemLog]:
    """Return the org in the file, or a new org if there is no file or nothing in it."""
    if path is None:
        return _new_org(now)
    try:
        if path.is_char_device():
            return _new_org(now)
        text = plain_text(path, limit_bytes=_LARGEST_BYTES)
        if not text:  # made by what mounts it, or by mktemp
            return _new_org(now)
        saved = json.loads(text)
        if not isinstance(saved, dict) or saved.get("format") not in (1, _FORMAT):
            raise TypeError(f'it has no "format": {_FORMAT}')
        return _restored(upgraded(saved) if saved["format"] == 1 else saved, now)
    except FileNotFoundError:
        return _new_org(now)
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ConfigurationError(
            f"{path} is not the file of a sandbox org",
            why=_why(error),
            next_step="name another file with --data, or move this one away; it was not changed",
        ) from error


def _why(error: Exception) -> str:
    if isinstance(error, KeyError):
        return f"{error} is missing"
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def org_text(state: OrgState, log: SystemLog, *, entries: int = KEPT_ENTRIES) -> str:
    """Return the content of the file, with the newest ``entries`` of the log."""
    head = json.dumps(
        {
            "format": _FORMAT,
            "admin_id": state.admin_id,
            "user_type_id": state.user_type_id,
            "users": list(state.users.values()),
            "groups": list(state.groups.values()),
            "members": state.members,
            "kept": state.kept,
            "custom": state.custom,
            "hooks": list(state.hooks.values()),
        }
    )
    newest = ", ".join(
        f'{{"seq": {each.seq}, "published": "{each.published.isoformat()}",'
        f' "entry": {each.body.decode()}}}'
        for each in log.newest(entries)
    )
    return f'{head.removesuffix("}")}, "log": [{newest}]}}'


def write_org(path: Path, content: str) -> None:
    """Replace the content of the file. Only the owner can read a new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_write(path) as file:
        file.write(content)


@dataclass
class OrgFile:
    """Keeps the file of a running org up to date; without a ``path`` it does nothing."""

    path: Path | None
    state: OrgState
    log: SystemLog

    def __post_init__(self) -> None:
        self._changed = anyio.Event()

    def changed(self) -> None:
        """Let :meth:`run` write the file soon."""
        self._changed.set()

    async def run(self) -> None:
        """Write after each change until cancelled, and then once more if there is a change."""
        try:
            while True:
                await self._changed.wait()
                await anyio.sleep(_PAUSE_S)
                await self.write()
        finally:
            if self._changed.is_set():
                with anyio.CancelScope(shield=True):
                    await self.write()

    async def write(self) -> None:
        """Write the org as it is now, or raise ``ConfigurationError``."""
        self._changed = anyio.Event()
        if self.path is None:
            return
        content = org_text(self.state, self.log)
        try:
            # A cancelled write would lose this change: the next one does not know of it.
            with anyio.CancelScope(shield=True):
                await anyio.to_thread.run_sync(write_org, self.path, content)
        except OSError as error:
            raise ConfigurationError(
                f"could not write {self.path}", why=error.strerror or str(error)
            ) from error


def _new_org(now: datetime) -> tuple[OrgState, SystemLog]:
    """Return a new org, whose only user is the owner of the API token."""
    profile = {
        "login": "admin@sandbox.example",
        "email": "admin@sandbox.example",
        "firstName": "Sandbox",
        "lastName": "Admin",
    }
    type_id, created = new_okta_id("oty"), whole_seconds(now)
    admin = new_user(profile, {"password": {}}, user_type_id=type_id, status="ACTIVE", now=created)
    state = OrgState(admin["id"], type_id, {admin["id"]: admin})
    state.add_everyone(created)
    return state, SystemLog(epoch_ms(now))


def _restored(saved: Json, now: datetime) -> tuple[OrgState, SystemLog]:
    _check(saved, _FORM, "the file")
    _check(list(saved["members"].values()), [[str]], "members")
    # Files of earlier versions have neither of the two, and no group Everyone.
    kept, custom = saved.get("kept", {}), saved.get("custom", {})
    _check([list(each.values()) for each in kept.values()], [[str]], "kept")
    _check(list(custom.values()), [{"type": ATTRIBUTE_TYPES}], "custom")
    users, groups = _by_id(saved["users"]), _by_id(saved["groups"])
    state = OrgState(
        users[saved["admin_id"]]["id"],
        saved["user_type_id"],
        users,
        groups,
        {
            group_id: [user_id for user_id in saved["members"][group_id] if user_id in users]
            for group_id in groups
        },
        _by_id([_without_secret(hook, now) for hook in saved["hooks"]]),
        kept={user_id: each for user_id, each in kept.items() if user_id in users},
        custom=custom,
    )
    if not any(group["type"] == BUILT_IN for group in groups.values()):
        state.add_everyone(state.admin["created"])
    entries = (
        logged(each["seq"], datetime.fromisoformat(each["published"]), each["entry"])
        for each in saved["log"]
    )
    return state, SystemLog(epoch_ms(now), entries)


def _without_secret(hook: Json, now: datetime) -> Json:
    """Return a hook after a restart: losing its secret is an update.

    ``lastUpdated`` grows by a whole second at least, so that a client which wrote the secret sees
    the update.
    """
    if hook["channel"]["config"]["authScheme"] is None:
        return hook
    updated = datetime.fromisoformat(hook["lastUpdated"]) + timedelta(seconds=1)
    changes = {"verificationStatus": "UNVERIFIED", "lastUpdated": whole_seconds(max(now, updated))}
    return {**hook, **changes}


def _by_id(objects: list[Json]) -> dict[str, Json]:
    return {each["id"]: each for each in objects}


def _check(value: Any, form: Any, place: str) -> None:  # noqa: ANN401 - JSON
    """Raise TypeError, ValueError or KeyError if a JSON value does not match ``form``."""
    if isinstance(form, dict):
        _expect(isinstance(value, dict), place, "an object")
        for name, inner in form.items():
            member = value[name.removesuffix("?")]
            if member is not None or not name.endswith("?"):
                _check(member, inner, f"{place}.{name.removesuffix('?')}")
    elif isinstance(form, list):
        _expect(isinstance(value, list), place, "an array")
        for element in value:
            _check(element, form[0], place)
    elif isinstance(form, tuple):
        _expect(value in form, place, f"one of {', '.join(form)}")
    elif form is datetime:
        _expect(datetime.fromisoformat(value).tzinfo is not None, place, "a time with a time zone")
    else:
        _expect(type(value) is form, place, f"of type {form.__name__}")


def _expect(is_valid: bool, place: str, what: str) -> None:
    if not is_valid:
        raise TypeError(f"{place} must be {what}")
