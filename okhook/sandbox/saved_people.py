"""Users and groups in the org's file."""

from collections.abc import Iterable
from datetime import datetime

from okhook.sandbox.groups import Group
from okhook.sandbox.saved_values import (
    SavedObject,
    as_list,
    as_object,
    as_text,
    as_time,
    as_truth,
    optional,
)
from okhook.sandbox.users import User, UserDraft, UserStatus


def saved_user(user: User) -> SavedObject:
    """Return what the file holds of a user."""
    return {
        "id": user.id,
        "status": user.status.value,
        "profile": dict(user.draft.profile),
        "has_password": user.draft.has_password,
        "recovery_question": user.draft.recovery_question,
        "created": user.created.isoformat(),
        "activated": optional(user.activated, datetime.isoformat),
        "status_changed": optional(user.status_changed, datetime.isoformat),
        "last_updated": user.last_updated.isoformat(),
    }


def read_user(saved: SavedObject) -> User:
    """Return a user of the file."""
    profile = as_object(saved["profile"])
    as_text(profile["login"])
    draft = UserDraft(
        profile, as_truth(saved["has_password"]), optional(saved["recovery_question"], as_text)
    )
    return User(
        id=as_text(saved["id"]),
        draft=draft,
        status=UserStatus(saved["status"]),
        created=as_time(saved["created"]),
        activated=optional(saved["activated"], as_time),
        status_changed=optional(saved["status_changed"], as_time),
        last_updated=as_time(saved["last_updated"]),
    )


def saved_group(group: Group, members: Iterable[str]) -> SavedObject:
    """Return what the file holds of a group; ``members`` are the ids of its users."""
    return {
        "id": group.id,
        "profile": dict(group.profile),
        "created": group.created.isoformat(),
        "last_updated": group.last_updated.isoformat(),
        "last_membership_updated": group.last_membership_updated.isoformat(),
        "members": list(members),
    }


def read_group(saved: SavedObject) -> tuple[Group, tuple[str, ...]]:
    """Return a group of the file, and the ids of its users."""
    profile = as_object(saved["profile"])
    as_text(profile["name"])
    group = Group(
        id=as_text(saved["id"]),
        profile=profile,
        created=as_time(saved["created"]),
        last_updated=as_time(saved["last_updated"]),
        last_membership_updated=as_time(saved["last_membership_updated"]),
    )
    return group, tuple(as_text(member) for member in as_list(saved["members"]))
