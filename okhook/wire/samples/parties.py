"""Who acts in a sample, and to whom or what it happens. The table of things is ``targets.txt``."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from okhook.runtime.ids import IdSource
from okhook.wire.samples.families import Doer
from okhook.wire.samples.tables import table

UNKNOWN = "unknown"
"""What Okta writes as ``alternateId`` where a thing has no other name."""


@dataclass(frozen=True, slots=True)
class Person:
    """A user of the org. ``id`` is Okta's, beginning with ``00u``."""

    id: str
    first_name: str
    last_name: str
    login: str

    @property
    def display_name(self) -> str:
        """The name as Okta shows it: first name, then last name."""
        return f"{self.first_name} {self.last_name}".strip()


@cache
def target_types() -> dict[str, list[str]]:
    """Return every target type but those of persons: id prefix, display name, alternate id."""
    return table("targets")


def actor_of(doer: Doer, person: Person, ids: IdSource) -> dict[str, Any]:
    """Return the actor: ``person``, an administrator of their org, the system, or an app."""
    match doer:
        case Doer.PERSON:
            return party("User", person.id, person.login, person.display_name)
        case Doer.ADMIN:
            domain = person.login.rpartition("@")[2] or "example.com"
            return party("User", ids.okta("00u"), f"admin@{domain}", "Admin User")
        case Doer.SYSTEM:
            return party("SystemPrincipal", ids.okta("00u"), "system@okta.com", "Okta System")
        case Doer.CLIENT:
            client_id = ids.okta("0oa")
            return party("PublicClientApp", client_id, client_id, "Reporting service")


def target_of(target_type: str, person: Person, ids: IdSource) -> dict[str, Any]:
    """Return a target as it stands in an event. A user is ``person``; anything else is fresh.

    Raises:
        KeyError: there is no such target type.

    """
    if target_type == "User":
        return party("User", person.id, person.login, person.display_name)
    if target_type == "AppUser":
        return party("AppUser", ids.okta("0ua"), person.login, person.display_name)
    id_prefix, display_name, alternate_id = target_types()[target_type]
    return party(target_type, ids.okta(id_prefix), alternate_id, display_name)


def party(party_type: str, party_id: str, alternate_id: str, display_name: str) -> dict[str, Any]:
    """Return an actor or a target, with its members in Okta's order."""
    return {
        "id": party_id,
        "type": party_type,
        "alternateId": alternate_id,
        "displayName": display_name,
        "detailEntry": None,
    }
