"""The org in a file: users, groups, hooks and newest log entries, so that a restart finds them.

Secrets are never written. A hook that has one comes back UNVERIFIED: it has to be registered with
its secret and verified again before anything is delivered to it.
"""

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from okhook.errors import ConfigurationError
from okhook.sandbox.groups import Group
from okhook.sandbox.hooks import EventHook
from okhook.sandbox.saved_hook import read_hook, saved_hook
from okhook.sandbox.saved_people import read_group, read_user, saved_group, saved_user
from okhook.sandbox.saved_values import (
    SavedObject,
    as_list,
    as_number,
    as_object,
    as_text,
    as_time,
)
from okhook.sandbox.state import OrgState
from okhook.sandbox.system_log import Logged, SystemLog, logged
from okhook.sandbox.users import User

FORMAT = 1
KEPT_ENTRIES = 1_000
"""How many of the newest log entries are written."""


@dataclass(frozen=True, slots=True)
class SavedOrg:
    """What a file holds. ``members`` are user ids by group id."""

    admin: User
    user_type_id: str
    users: tuple[User, ...]
    groups: tuple[Group, ...]
    members: Mapping[str, tuple[str, ...]]
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


def org_text(state: OrgState, log: SystemLog, *, entries: int = KEPT_ENTRIES) -> str:
    """Return what the file will hold: of the log, the newest ``entries``."""
    others = [user for user in state.users() if user.id != state.admin.id]
    members = state.groups.members
    head = json.dumps(
        {
            "format": FORMAT,
            "admin": saved_user(state.admin),
            "user_type_id": state.user_type_id,
            "users": [saved_user(user) for user in others],
            "groups": [saved_group(group, members(group.id)) for group in state.groups.all()],
            "hooks": [saved_hook(hook) for hook in state.hooks()],
        }
    )
    newest = ", ".join(_saved_entry(each) for each in log.newest(entries))
    return f'{head.removesuffix("}")}, "log": [{newest}]}}'


def _org(saved: SavedObject) -> SavedOrg:
    users = tuple(read_user(user) for user in as_list(saved["users"]))
    admin = read_user(saved["admin"])
    known = {admin.id, *(user.id for user in users)}
    groups = tuple(read_group(group) for group in as_list(saved.get("groups", [])))
    return SavedOrg(
        admin=admin,
        user_type_id=as_text(saved["user_type_id"]),
        users=users,
        groups=tuple(group for group, _ in groups),
        members={
            group.id: tuple(member for member in members if member in known)
            for group, members in groups
        },
        hooks=tuple(read_hook(hook) for hook in as_list(saved["hooks"])),
        entries=tuple(
            logged(as_number(entry["seq"]), as_time(entry["published"]), as_object(entry["entry"]))
            for entry in as_list(saved["log"])
        ),
    )


def _saved_entry(entry: Logged) -> str:
    """Return the JSON of an entry, which is not read for it."""
    published = entry.published.isoformat()
    return f'{{"seq": {entry.seq}, "published": "{published}", "entry": {entry.body.decode()}}}'


def _unreadable(path: Path, why: str) -> ConfigurationError:
    return ConfigurationError(
        f"{path} does not hold a sandbox org",
        why=why,
        next_step="name another file with --data, or move this one away; it was not changed",
    )
