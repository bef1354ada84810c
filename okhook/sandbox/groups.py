"""Groups as the org keeps them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from okhook.sandbox.json_fields import Faults, JsonObject

_LONGEST_NAME = 255
_LONGEST_DESCRIPTION = 1024


@dataclass(frozen=True, slots=True)
class Group:
    """A group of type OKTA_GROUP: the profile with whatever attributes it came with.

    Times are aware UTC.
    """

    id: str
    profile: Mapping[str, Any]
    created: datetime
    last_updated: datetime
    last_membership_updated: datetime

    @property
    def name(self) -> str:
        """What the group is called; unique in the org, in any case."""
        return str(self.profile["name"])


def group_profile(body: JsonObject) -> Mapping[str, Any]:
    """Return the profile in the body of a create or a replace.

    Raises:
        ApiRefusal: something in it cannot be meant; the causes name each of them.

    """
    faults = Faults("group")
    profile = faults.object(body, "profile", "profile")
    description = None
    if profile:
        faults.text(profile, "name", "name", longest=_LONGEST_NAME)
        description = faults.optional_text(
            profile, "description", "description", longest=_LONGEST_DESCRIPTION
        )
        faults.attributes(profile, "profile")
    elif isinstance(body.get("profile"), dict):
        faults.add("name", "must be a text that is not empty")
    faults.refuse_if_any()
    return {**profile, "description": description}
