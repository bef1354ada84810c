"""Users as the org keeps them. A password is never kept, only that there is one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from okhook.sandbox.json_fields import Faults, JsonObject

_LONGEST = 100
_LONGEST_NAME = 50


class UserStatus(StrEnum):
    """The statuses that the sandbox's lifecycle passes through."""

    STAGED = "STAGED"
    PROVISIONED = "PROVISIONED"
    ACTIVE = "ACTIVE"
    SUSPENDED = "SUSPENDED"
    DEPROVISIONED = "DEPROVISIONED"


@dataclass(frozen=True, slots=True)
class UserDraft:
    """A user as a client wants it: the profile with whatever attributes it came with."""

    profile: Mapping[str, Any]
    has_password: bool
    recovery_question: str | None


@dataclass(frozen=True, slots=True)
class User:
    """A user of the org. Times are aware UTC."""

    id: str
    draft: UserDraft
    status: UserStatus
    created: datetime
    activated: datetime | None
    status_changed: datetime | None
    last_updated: datetime

    @property
    def login(self) -> str:
        """What the user signs in with; unique in the org, in any case."""
        return str(self.draft.profile["login"])

    @property
    def display_name(self) -> str:
        """The name that Okta shows in events."""
        names = (self.draft.profile.get(key) for key in ("firstName", "lastName"))
        return " ".join(str(name) for name in names if name) or self.login

    @property
    def password_changed(self) -> datetime | None:
        """When the password was set: it can only be set when the user is created."""
        return self.created if self.draft.has_password else None


def user_draft(body: JsonObject) -> UserDraft:
    """Return the user that the body of a create describes.

    Raises:
        ApiRefusal: something in it cannot be meant; the causes name each of them.

    """
    faults = Faults("user")
    profile = faults.object(body, "profile", "profile")
    if profile:
        faults.text(profile, "login", "login", longest=_LONGEST)
        email = faults.text(profile, "email", "email", longest=_LONGEST)
        if email and "@" not in email:
            faults.add("email", "must be an email address")
        faults.text(profile, "firstName", "firstName", longest=_LONGEST_NAME)
        faults.text(profile, "lastName", "lastName", longest=_LONGEST_NAME)
        faults.attributes(profile, "profile")
    credentials = body.get("credentials") if body.get("credentials") is not None else {}
    if not isinstance(credentials, dict):
        faults.add("credentials", "must be an object")
        credentials = {}
    question = _recovery_question(credentials, faults)
    faults.refuse_if_any()
    return UserDraft(dict(profile), _has_password(credentials), question)


def _has_password(credentials: JsonObject) -> bool:
    password = credentials.get("password")
    return isinstance(password, dict) and any(password.get(key) for key in ("value", "hash"))


def _recovery_question(credentials: JsonObject, faults: Faults) -> str | None:
    if credentials.get("recovery_question") is None:
        return None
    question = faults.object(credentials, "recovery_question", "recovery_question")
    return faults.optional_text(question, "question", "recovery_question.question")
