"""Groups: what a new one looks like, and the group of all users."""

from typing import Final

from okhook.runtime.ids import new_okta_id
from okhook.sandbox.state import BUILT_IN, Json, OrgState

OKTA_GROUP: Final = "OKTA_GROUP"


def new_group(profile: Json, now: str, *, kind: str = OKTA_GROUP) -> Json:
    """Return a group without members."""
    return {
        "id": new_okta_id("00g"),
        "created": now,
        "lastUpdated": now,
        "lastMembershipUpdated": now,
        "objectClass": ["okta:user_group"],
        "type": kind,
        "profile": profile,
    }


def add_everyone(state: OrgState, now: str) -> None:
    """Add the group of all users."""
    profile = {"name": "Everyone", "description": "All users in your organization"}
    group = new_group(profile, now, kind=BUILT_IN)
    state.groups = {group["id"]: group, **state.groups}
    state.members[group["id"]] = list(state.users)
