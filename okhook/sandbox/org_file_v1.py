"""Reads org files of format 1, which earlier versions of okhook wrote."""

from datetime import datetime

from okhook.sandbox.hook_body import shown_channel, shown_events
from okhook.sandbox.state import Json, new_group, whole_seconds
from okhook.sandbox.users import new_user


def upgraded(saved: Json) -> Json:
    """Return the content of a file of format 1 in format 2; any error means that it is damaged."""
    type_id = saved["user_type_id"]
    groups = saved.get("groups", [])
    return {
        "admin_id": saved["admin"]["id"],
        "user_type_id": type_id,
        "users": [_user(user, type_id) for user in [saved["admin"], *saved["users"]]],
        "groups": [_group(group) for group in groups],
        "members": {group["id"]: group["members"] for group in groups},
        "hooks": [_hook(hook) for hook in saved["hooks"]],
        "log": saved["log"],
    }


def _user(saved: Json, type_id: str) -> Json:
    question = saved["recovery_question"]
    credentials = {
        **({"password": {}} if saved["has_password"] else {}),
        **({} if question is None else {"recovery_question": {"question": question}}),
    }
    status, created = saved["status"], _time(saved["created"])
    user = new_user(saved["profile"], credentials, user_type_id=type_id, status=status, now=created)
    return {
        **user,
        "id": saved["id"],
        "activated": saved["activated"] and _time(saved["activated"]),
        "statusChanged": saved["status_changed"] and _time(saved["status_changed"]),
        "lastUpdated": _time(saved["last_updated"]),
    }


def _group(saved: Json) -> Json:
    return {
        **new_group(saved["profile"], _time(saved["created"])),
        "id": saved["id"],
        "lastUpdated": _time(saved["last_updated"]),
        "lastMembershipUpdated": _time(saved["last_membership_updated"]),
    }


def _hook(saved: Json) -> Json:
    return {
        "id": saved["id"],
        "status": {True: "ACTIVE", False: "INACTIVE"}[saved["active"]],
        "verificationStatus": {True: "VERIFIED", False: "UNVERIFIED"}[saved["verified"]],
        "name": saved["name"],
        "description": saved["description"],
        "created": _time(saved["created"]),
        "createdBy": saved["created_by"],
        "lastUpdated": _time(saved["last_updated"]),
        "events": shown_events(saved["events"], saved["filters"]),
        "channel": shown_channel(saved["uri"], saved["headers"], saved["auth_key"]),
    }


def _time(text: str) -> str:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a time has no time zone")
    return whole_seconds(moment)
