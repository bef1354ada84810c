"""Which family an event type belongs to. Every eligible one has a family; others have none."""

from typing import Final

from okhook.wire.samples.families_of_apps import APPS, GOVERNANCE, MACHINES
from okhook.wire.samples.families_of_users import DIRECTORY, SECURITY, SYSTEM
from okhook.wire.samples.family import Doer, Family

FAMILIES: Final = (*GOVERNANCE, *APPS, *MACHINES, *DIRECTORY, *SECURITY, *SYSTEM)

GENERIC: Final = Family("", "", ("User",), Doer.ADMIN)
"""For event types that the catalogue does not know: an administrator does it to a user."""


def family_of(event_type: str) -> Family | None:
    """Return the family of ``event_type``: of those that fit the longest name, or None."""
    fitting = [family for family in FAMILIES if f"{event_type}.".startswith(f"{family.name}.")]
    return max(fitting, key=lambda family: len(family.name), default=None)
