"""A group in the shape that the Groups API gives it."""

from typing import Any

from okhook.sandbox.groups import Group
from okhook.sandbox.times import whole_seconds


def group_shape(group: Group, org_url: str) -> dict[str, Any]:
    """Return the JSON object of ``group``. There is no logo, which Okta's answer links to."""
    url = f"{org_url}/api/v1/groups/{group.id}"
    return {
        "id": group.id,
        "created": whole_seconds(group.created),
        "lastUpdated": whole_seconds(group.last_updated),
        "lastMembershipUpdated": whole_seconds(group.last_membership_updated),
        "objectClass": ["okta:user_group"],
        "type": "OKTA_GROUP",
        "profile": dict(group.profile),
        "_links": {"users": {"href": f"{url}/users"}, "apps": {"href": f"{url}/apps"}},
    }
