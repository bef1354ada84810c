"""A sample event: a System Log entry as an event hook sends it.

It differs from the System Log: ``client`` contains the ``ipChain``, ``client.zone`` is the string
"null", and there is no ``request`` (seen in Okta's guide "Event hooks with Hookdeck").
"""

import json
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any

from okhook.json_form import timestamp
from okhook.runtime.ids import IdSource
from okhook.wire.samples.catalogue import (
    GENERIC,
    Doer,
    family_of,
    legacy_type_of,
    message_of,
    request_path_of,
    result_of,
    table,
)

GENERIC_NOTE = "generic sample: this event type is not in okhook's catalogue"


@dataclass(frozen=True, slots=True)
class Person:
    """A user of the org. ``id`` starts with ``00u``."""

    id: str
    first_name: str
    last_name: str
    login: str

    @property
    def display_name(self) -> str:
        """The first name and the last name, as Okta shows them."""
        return f"{self.first_name} {self.last_name}".strip()


def sample_event(
    event_type: str,
    *,
    person: Person,
    published: datetime,
    ids: IdSource,
    hook_ids: tuple[str, ...] = (),
) -> dict[str, Any]:
    """Return a plausible event about ``person``, for the hooks ``hook_ids``.

    An event type that is not in the catalogue gives a generic event, with a note in its debug data.
    """
    family = family_of(event_type) or GENERIC
    by_system = family.doer is Doer.SYSTEM
    contexts = json.loads(_contexts())
    context = contexts["system" if by_system else "request"]
    result = result_of(event_type)
    return {
        "uuid": ids.uuid(),
        "published": timestamp(published),
        "eventType": event_type,
        "version": "0",
        "displayMessage": message_of(event_type),
        "severity": result.severity,
        "client": context["client"],
        "device": None,
        "actor": _actor(family.doer, person, ids),
        "outcome": {"result": result.outcome, "reason": result.reason},
        "target": [_target(target_type, person, ids) for target_type in family.targets],
        "transaction": {
            "type": "JOB" if by_system else "WEB",
            "id": ids.okta("trs") if by_system else ids.uuid().replace("-", ""),
            "detail": {},
        },
        "debugContext": {"debugData": _debug_data(event_type, family.doer, ids, hook_ids)},
        "legacyEventType": legacy_type_of(event_type),
        "authenticationContext": {
            **contexts["authentication"],
            "externalSessionId": ids.okta("trs" if by_system else "idx"),
        },
        "securityContext": context["security"],
        "insertionTimestamp": None,
    }


@cache
def _contexts() -> str:
    return files("okhook.wire.samples").joinpath("contexts.json").read_text(encoding="ascii")


def _debug_data(
    event_type: str, doer: Doer, ids: IdSource, hook_ids: tuple[str, ...]
) -> dict[str, Any]:
    data: dict[str, Any] = {}
    if doer is not Doer.SYSTEM:
        path = "/oauth2/v1/token" if doer is Doer.CLIENT else request_path_of(event_type)
        data |= {"requestId": ids.uuid().replace("-", ""), "requestUri": path, "url": f"{path}?"}
    if hook_ids:
        data["targetEventHookIds"] = ",".join(hook_ids)
    if family_of(event_type) is None:
        data["note"] = GENERIC_NOTE
    return data


def _actor(doer: Doer, person: Person, ids: IdSource) -> dict[str, Any]:
    """Return the actor: ``person``, an administrator, the system, or an app."""
    match doer:
        case Doer.PERSON:
            return _party("User", person.id, person.login, person.display_name)
        case Doer.ADMIN:
            domain = person.login.rpartition("@")[2] or "example.com"
            return _party("User", ids.okta("00u"), f"admin@{domain}", "Admin User")
        case Doer.SYSTEM:
            return _party("SystemPrincipal", ids.okta("00u"), "system@okta.com", "Okta System")
        case Doer.CLIENT:
            client_id = ids.okta("0oa")
            return _party("PublicClientApp", client_id, client_id, "Reporting service")


def _target(target_type: str, person: Person, ids: IdSource) -> dict[str, Any]:
    """Return a target. A user is ``person``; other targets get new ids."""
    if target_type == "User":
        return _party("User", person.id, person.login, person.display_name)
    if target_type == "AppUser":
        return _party("AppUser", ids.okta("0ua"), person.login, person.display_name)
    id_prefix, display_name, alternate_id = table("targets")[target_type]
    return _party(target_type, ids.okta(id_prefix), alternate_id, display_name)


def _party(party_type: str, party_id: str, alternate_id: str, display_name: str) -> dict[str, Any]:
    """Return an actor or a target, with its members in Okta's order."""
    return {
        "id": party_id,
        "type": party_type,
        "alternateId": alternate_id,
        "displayName": display_name,
        "detailEntry": None,
    }
