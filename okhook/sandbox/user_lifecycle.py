"""How a user's status changes. Each step returns the user as it is then, or raises a refusal.

Okta suspends who is ACTIVE and unsuspends who is SUSPENDED; anybody else is a 400 E0000001, whose
causes are not known.
"""

from dataclasses import replace
from datetime import datetime

from okhook.sandbox.refusals import already_active, invalid
from okhook.sandbox.users import User, UserDraft, UserStatus


def activated_status(draft: UserDraft) -> UserStatus:
    """Return what activation makes of a user: one without a password has yet to set it."""
    return UserStatus.ACTIVE if draft.has_password else UserStatus.PROVISIONED


def activated(user: User, now: datetime) -> User:
    """Activate a user that is STAGED or DEPROVISIONED.

    Raises:
        ApiRefusal: the user is active already.

    """
    if user.status not in (UserStatus.STAGED, UserStatus.DEPROVISIONED):
        raise already_active()
    return replace(_with_status(user, activated_status(user.draft), now), activated=now)


def suspended(user: User, now: datetime) -> User:
    """Suspend a user.

    Raises:
        ApiRefusal: the user is not ACTIVE.

    """
    if user.status is not UserStatus.ACTIVE:
        raise invalid("user", "status: only an ACTIVE user can be suspended")
    return _with_status(user, UserStatus.SUSPENDED, now)


def unsuspended(user: User, now: datetime) -> User:
    """Make a user ACTIVE again.

    Raises:
        ApiRefusal: the user is not SUSPENDED.

    """
    if user.status is not UserStatus.SUSPENDED:
        raise invalid("user", "status: only a SUSPENDED user can be unsuspended")
    return _with_status(user, UserStatus.ACTIVE, now)


def deactivated(user: User, now: datetime) -> User:
    """Make a user DEPROVISIONED.

    Raises:
        ApiRefusal: the user is so already.

    """
    if user.status is UserStatus.DEPROVISIONED:
        raise invalid("user", "status: the user is deactivated already")
    return _with_status(user, UserStatus.DEPROVISIONED, now)


def _with_status(user: User, status: UserStatus, now: datetime) -> User:
    return replace(user, status=status, status_changed=now, last_updated=now)
