"""A user in the shape that the Users API gives it."""

from datetime import datetime
from typing import Any

from okhook.sandbox.times import whole_seconds
from okhook.sandbox.users import User, UserStatus


def user_shape(user: User, org_url: str, user_type_id: str) -> dict[str, Any]:
    """Return the JSON object of a single ``user``, with links to what can be done with it."""
    url = user_url(user.id, org_url)
    return {
        "id": user.id,
        "status": user.status.value,
        "created": whole_seconds(user.created),
        "activated": _time(user.activated),
        "statusChanged": _time(user.status_changed),
        "lastLogin": None,
        "lastUpdated": whole_seconds(user.last_updated),
        "passwordChanged": _time(user.password_changed),
        "type": {"id": user_type_id},
        "profile": dict(user.draft.profile),
        "credentials": _credentials(user),
        "_links": {"self": {"href": url}, **_actions(user, url)},
    }


def listed_user_shape(user: User, org_url: str, user_type_id: str) -> dict[str, Any]:
    """Return the JSON object of ``user`` in a list, where ``self`` is the only link."""
    shape = user_shape(user, org_url, user_type_id)
    return {**shape, "_links": {"self": shape["_links"]["self"]}}


def user_url(user_id: str, org_url: str) -> str:
    """Return the address of a user in the API."""
    return f"{org_url}/api/v1/users/{user_id}"


def _credentials(user: User) -> dict[str, Any]:
    credentials: dict[str, Any] = {"password": {}} if user.draft.has_password else {}
    if user.draft.recovery_question is not None:
        credentials["recovery_question"] = {"question": user.draft.recovery_question}
    credentials["provider"] = {"type": "OKTA", "name": "OKTA"}
    return credentials


def _actions(user: User, url: str) -> dict[str, Any]:
    match user.status:
        case UserStatus.STAGED:
            names: tuple[str, ...] = ("activate", "deactivate")
        case UserStatus.DEPROVISIONED:
            names = ("activate",)
        case UserStatus.ACTIVE:
            names = ("suspend", "deactivate")
        case UserStatus.SUSPENDED:
            names = ("unsuspend", "deactivate")
        case UserStatus.PROVISIONED:
            names = ("deactivate",)
    return {name: {"href": f"{url}/lifecycle/{name}"} for name in names}


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else whole_seconds(moment)
