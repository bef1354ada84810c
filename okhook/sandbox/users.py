"""Users: what a new one looks like, and what each lifecycle operation makes of one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

from okhook.runtime.ids import new_okta_id
from okhook.sandbox import refusals
from okhook.sandbox.state import Json

STATUSES: Final = (
    *("STAGED", "PROVISIONED", "ACTIVE", "PASSWORD_EXPIRED", "LOCKED_OUT", "RECOVERY"),
    *("SUSPENDED", "DEPROVISIONED"),
)

WITHOUT_PASSWORD: Final = ("FEDERATION", "SOCIAL")
"""The types of a provider that knows the password of its users."""


def activated_status(user: Json) -> str:
    """Return the status of a user after its activation."""
    credentials = user["credentials"]
    can_sign_in = "password" in credentials or credentials["provider"]["type"] in WITHOUT_PASSWORD
    return "ACTIVE" if can_sign_in else "PROVISIONED"


@dataclass(frozen=True, slots=True)
class Operation:
    """``POST /users/{id}/lifecycle/…``: the statuses ``before`` it, the one after it, its event.

    Without ``after``, the user's status stays, except that an activated user has an
    :func:`activated_status`. ``link`` is its name among a user's links. Without a ``refusal``, a
    user in another status gets one that names the status.
    """

    before: tuple[str, ...]
    after: str | None
    event_type: str
    link: str
    refusal: Callable[[], refusals.ApiRefusal] | None = None
    second_event_type: str | None = None

    def is_for(self, user: Json) -> bool:
        """Tell whether the user's status allows it."""
        return user["status"] in self.before

    def check(self, name: str, user: Json) -> None:
        """Raise ``ApiRefusal`` if the user's status does not allow it."""
        if self.is_for(user):
            return
        if self.refusal is None:
            raise refusals.invalid("user", f"status: cannot {name} a user that is {user['status']}")
        raise self.refusal()


_WITH_PASSWORD = ("ACTIVE", "PASSWORD_EXPIRED", "RECOVERY")
_THERE = (*_WITH_PASSWORD, "PROVISIONED", "LOCKED_OUT")
_expired = partial(
    Operation,
    *(_WITH_PASSWORD, "PASSWORD_EXPIRED", "user.account.expire_password"),
    refusal=refusals.not_in_this_status,
)

OPERATIONS: Final[Mapping[str, Operation]] = {
    "activate": Operation(
        *(("STAGED", "DEPROVISIONED"), None, "user.lifecycle.activate", "activate"),
        refusals.already_active,
    ),
    "reactivate": Operation(
        *(("PROVISIONED", "RECOVERY"), "PROVISIONED", "user.lifecycle.reactivate", "reactivate"),
        refusals.not_in_this_status,
    ),
    "suspend": Operation(("ACTIVE",), "SUSPENDED", "user.lifecycle.suspend", "suspend"),
    "unsuspend": Operation(("SUSPENDED",), "ACTIVE", "user.lifecycle.unsuspend", "unsuspend"),
    "deactivate": Operation(
        STATUSES[:-1], "DEPROVISIONED", "user.lifecycle.deactivate", "deactivate"
    ),
    # Okta's Workflows tell the two apart: an account is unlocked, and an admin did it.
    "unlock": Operation(
        *(("LOCKED_OUT",), "ACTIVE", "user.account.unlock", "unlock"),
        refusals.unlock_not_allowed,
        "user.account.unlock_by_admin",
    ),
    "expire_password": _expired(link="expirePassword"),
    "expire_password_with_temp_password": _expired(link=""),
    "reset_password": Operation(
        *(_THERE, "RECOVERY", "user.account.reset_password", "resetPassword"),
        refusals.not_in_this_status,
    ),
    "reset_factors": Operation(
        *((*_THERE, "SUSPENDED"), None, "user.mfa.factor.reset_all", "resetFactors"),
        refusals.not_in_this_status,
    ),
}


def new_user(profile: Json, credentials: Json, *, user_type_id: str, status: str, now: str) -> Json:
    """Return a user, activated unless ``status`` is STAGED."""
    activated = None if status == "STAGED" else now
    return {
        "id": new_okta_id("00u"),
        "status": status,
        "created": now,
        "activated": activated,
        "statusChanged": activated,
        "lastLogin": None,
        "lastUpdated": now,
        "passwordChanged": now if "password" in credentials else None,
        "type": {"id": user_type_id},
        "profile": profile,
        "credentials": {"provider": {"type": "OKTA", "name": "OKTA"}, **credentials},
    }


def with_new_password(user: Json, now: str) -> Json:
    """Return a user whose password is changed at ``now``; an activated user is ACTIVE then."""
    if user["status"] not in ("STAGED", "PROVISIONED", *_WITH_PASSWORD):
        raise refusals.not_in_this_status()
    status = "STAGED" if user["status"] == "STAGED" else "ACTIVE"
    return {**with_status(user, status, now), "passwordChanged": now}


def with_status(user: Json, status: str, now: str) -> Json:
    """Return a user whose status is changed at ``now``."""
    changed = {} if status == user["status"] else {"status": status, "statusChanged": now}
    return {**user, **changed, "lastUpdated": now}
