"""The org in a file: its users, hooks and newest log entries, so that a restart finds them again.

Secrets are never written. A hook that has one comes back UNVERIFIED: it has to be registered with
its secret and verified again before anything is delivered to it.
"""

import json
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from okhook.errors import ConfigurationError
from okhook.sandbox.hooks import AuthScheme, Channel, EventFilter, EventHook, HookDraft
from okhook.sandbox.state import OrgState
from okhook.sandbox.system_log import Logged, SystemLog
from okhook.sandbox.users import User, UserDraft, UserStatus

FORMAT = 1
KEPT_ENTRIES = 1_000
"""How many of the newest log entries are written."""

T = TypeVar("T")
SavedObject = dict[str, Any]


@dataclass(frozen=True, slots=True)
class SavedOrg:
    """What a file holds."""

    admin: User
    user_type_id: str
    users: tuple[User, ...]
    hooks: tuple[EventHook, ...]
    entries: tuple[Logged, ...]


def read_org(path: Path) -> SavedOrg | None:
    """Return the org in the file, or None where there is no file yet.

    Raises:
        ConfigurationError: it cannot be read, or is not what this sandbox writes. It is left as it
            is, never replaced.

    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise _unreadable(path, str(error)) from error
    try:
        saved = json.loads(text)
        if not isinstance(saved, dict) or saved.get("format") != FORMAT:
            raise _unreadable(path, f'it has no "format": {FORMAT}')
        return _org(saved)
    except KeyError as error:
        raise _unreadable(path, f"{error} is missing") from error
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise _unreadable(path, str(error)) from error


def write_org(path: Path, content: str) -> None:
    """Replace the file in one step; it is readable by its owner alone.

    Raises:
        OSError: it cannot be written; what was there before still is.

    """
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except OSError:
        fresh.unlink(missing_ok=True)
        raise


def org_text(state: OrgState, log: SystemLog) -> str:
    """Return what the file will hold."""
    others = [user for user in state.users() if user.id != state.admin.id]
    return json.dumps(
        {
            "format": FORMAT,
            "admin": _saved_user(state.admin),
            "user_type_id": state.user_type_id,
            "users": [_saved_user(user) for user in others],
            "hooks": [_saved_hook(hook) for hook in state.hooks()],
            "log": [_saved_entry(logged) for logged in log.newest(KEPT_ENTRIES)],
        }
    )


def _org(saved: SavedObject) -> SavedOrg:
    return SavedOrg(
        admin=_user(saved["admin"]),
        user_type_id=_text(saved["user_type_id"]),
        users=tuple(_user(user) for user in _list(saved["users"])),
        hooks=tuple(_hook(hook) for hook in _list(saved["hooks"])),
        entries=tuple(
            Logged(_number(entry["seq"]), _time(entry["published"]), _object(entry["entry"]))
            for entry in _list(saved["log"])
        ),
    )


def _saved_entry(logged: Logged) -> SavedObject:
    return {
        "seq": logged.seq,
        "published": logged.published.isoformat(),
        "entry": logged.entry,
    }


def _saved_user(user: User) -> SavedObject:
    return {
        "id": user.id,
        "status": user.status.value,
        "profile": dict(user.draft.profile),
        "has_password": user.draft.has_password,
        "recovery_question": user.draft.recovery_question,
        "created": user.created.isoformat(),
        "activated": _optional(user.activated, datetime.isoformat),
        "status_changed": _optional(user.status_changed, datetime.isoformat),
        "last_updated": user.last_updated.isoformat(),
    }


def _user(saved: SavedObject) -> User:
    profile = _object(saved["profile"])
    _text(profile["login"])
    draft = UserDraft(
        profile, _truth(saved["has_password"]), _optional(saved["recovery_question"], _text)
    )
    return User(
        id=_text(saved["id"]),
        draft=draft,
        status=UserStatus(saved["status"]),
        created=_time(saved["created"]),
        activated=_optional(saved["activated"], _time),
        status_changed=_optional(saved["status_changed"], _time),
        last_updated=_time(saved["last_updated"]),
    )


def _saved_hook(hook: EventHook) -> SavedObject:
    draft = hook.draft
    auth = draft.channel.auth
    return {
        "id": hook.id,
        "name": draft.name,
        "description": draft.description,
        "events": list(draft.events),
        "filters": [[entry.event, entry.expression] for entry in draft.filters],
        "uri": draft.channel.uri,
        "headers": [[key, value] for key, value in draft.channel.headers],
        "auth_key": None if auth is None else auth.key,
        "active": hook.active,
        "verified": hook.verified,
        "created": hook.created.isoformat(),
        "created_by": hook.created_by,
        "last_updated": hook.last_updated.isoformat(),
    }


def _hook(saved: SavedObject) -> EventHook:
    auth_key = _optional(saved["auth_key"], _text)
    channel = Channel(
        uri=_text(saved["uri"]),
        headers=tuple((_text(key), _text(value)) for key, value in _list(saved["headers"])),
        auth=None if auth_key is None else AuthScheme(auth_key, None),
    )
    draft = HookDraft(
        name=_text(saved["name"]),
        description=_optional(saved["description"], _text),
        events=tuple(_text(event) for event in _list(saved["events"])),
        filters=tuple(
            EventFilter(_text(event), _text(expression))
            for event, expression in _list(saved["filters"])
        ),
        channel=channel,
    )
    return EventHook(
        id=_text(saved["id"]),
        draft=draft,
        active=_truth(saved["active"]),
        verified=_truth(saved["verified"]) and auth_key is None,
        created=_time(saved["created"]),
        created_by=_text(saved["created_by"]),
        last_updated=_time(saved["last_updated"]),
    )


def _optional(value: Any, read: Callable[[Any], T]) -> T | None:  # noqa: ANN401 - JSON
    return None if value is None else read(value)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"expected a text, not {type(value).__name__}")
    return value


def _number(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"expected a whole number, not {type(value).__name__}")
    return value


def _truth(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"expected true or false, not {type(value).__name__}")
    return value


def _list(value: object) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError(f"expected an array, not {type(value).__name__}")
    return value


def _object(value: object) -> SavedObject:
    if not isinstance(value, dict):
        raise TypeError(f"expected an object, not {type(value).__name__}")
    return value


def _time(value: object) -> datetime:
    moment = datetime.fromisoformat(_text(value))
    if moment.tzinfo is None:
        raise ValueError("a time has no time zone")
    return moment


def _unreadable(path: Path, why: str) -> ConfigurationError:
    return ConfigurationError(
        f"{path} does not hold a sandbox org",
        why=why,
        next_step="name another file with --data, or move this one away; it was not changed",
    )
