"""A sample delivery, generated or read from a file."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

import orjson

from okhook.json_form import timestamp
from okhook.json_path import Addition, Assignment, addition, assigned, strict_json
from okhook.runtime.ids import IdSource
from okhook.wire.delivery import body_of, envelope, hook_source
from okhook.wire.event_types import DEFAULT_EVENT_TYPE
from okhook.wire.samples import catalogue
from okhook.wire.samples.catalogue import ActorKind

ORG_URL = "https://dev-123.okta.com"
"""The org of samples."""

_APART = timedelta(milliseconds=20)
"""The time between the events of a delivery."""


@dataclass(frozen=True, slots=True)
class Sample:
    """The bytes of a delivery, its id if it has one, and the fields that assignments added."""

    event_id: str | None
    body: bytes
    additions: tuple[Addition, ...] = ()


@dataclass(frozen=True, slots=True)
class SampleOrder:
    """The content of a sample. The default person is the one in Okta's guide."""

    event_type: str = DEFAULT_EVENT_TYPE
    first_name: str = "Jane"
    last_name: str = "Doe"
    login: str = "jane.doe@hookdeckexample.com"
    events: int = 1
    assignments: tuple[Assignment, ...] = ()


def sample_of(order: SampleOrder, *, ids: IdSource, now: datetime) -> Sample:
    """Return a sample delivery with new ids, or raise ``NotAPath`` for an assignment."""
    person = Person(ids.okta("00u"), order.first_name, order.last_name, order.login)
    hook_id = ids.okta("who")
    events = [
        sample_event(
            order.event_type,
            person=person,
            published=now - _APART * (order.events - number),
            ids=ids,
            hook_ids=(hook_id,),
        )
        for number in range(order.events)
    ]
    source = hook_source(ORG_URL, hook_id)
    whole = envelope(events, source=source, event_id=ids.uuid(), event_time=now)
    return _sample(whole, order.assignments)


def sample_from(payload: bytes, assignments: Sequence[Assignment]) -> Sample:
    """Return the delivery in a file, byte for byte if there are no ``assignments``.

    Assignments raise ``ValueError`` without JSON, and ``NotAPath`` if a path does not fit.
    """
    if assignments:
        return _sample(strict_json(payload), assignments)
    try:
        return Sample(_event_id(strict_json(payload)), payload)
    except ValueError:
        return Sample(None, payload)


def _sample(document: Any, assignments: Sequence[Assignment]) -> Sample:  # noqa: ANN401
    additions: list[Addition] = []
    for assignment in assignments:
        before, document = document, assigned(document, assignment)
        if (added := addition(before, assignment)) is not None:
            additions.append(added)
    if not assignments:  # its values are our own, and orjson can write them, much faster
        with suppress(TypeError):  # except for half a surrogate in a name
            return Sample(_event_id(document), orjson.dumps(document))
    return Sample(_event_id(document), body_of(document), tuple(additions))


def _event_id(document: object) -> str | None:
    value = document.get("eventId") if isinstance(document, dict) else None
    return value if isinstance(value, str) else None


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
    """Return a plausible event about ``person``; a generic one if its type is unknown."""
    family = catalogue.family_of(event_type) or catalogue.GENERIC
    by_system = family.actor_kind is ActorKind.SYSTEM
    contexts = orjson.loads(_contexts())
    context = contexts["system" if by_system else "request"]
    outcome, reason, severity = catalogue.result_of(event_type)
    return {
        "uuid": ids.uuid(),
        "published": timestamp(published),
        "eventType": event_type,
        "version": "0",
        "displayMessage": catalogue.message_of(event_type),
        "severity": severity,
        "client": context["client"],
        "device": None,
        "actor": _actor(family.actor_kind, person, ids),
        "outcome": {"result": outcome, "reason": reason},
        "target": [_target(target_type, person, ids) for target_type in family.targets],
        "transaction": {
            "type": "JOB" if by_system else "WEB",
            "id": ids.okta("trs") if by_system else ids.uuid().replace("-", ""),
            "detail": {},
        },
        "debugContext": {"debugData": _debug_data(event_type, family.actor_kind, ids, hook_ids)},
        "legacyEventType": catalogue.legacy_type_of(event_type),
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
    event_type: str, actor_kind: ActorKind, ids: IdSource, hook_ids: tuple[str, ...]
) -> dict[str, Any]:
    data: dict[str, Any] = {}
    if actor_kind is not ActorKind.SYSTEM:
        is_client = actor_kind is ActorKind.CLIENT
        path = "/oauth2/v1/token" if is_client else catalogue.request_path_of(event_type)
        data |= {"requestId": ids.uuid().replace("-", ""), "requestUri": path, "url": f"{path}?"}
    if hook_ids:
        data["targetEventHookIds"] = ",".join(hook_ids)
    if catalogue.family_of(event_type) is None:
        data["note"] = GENERIC_NOTE
    return data


def _actor(actor_kind: ActorKind, person: Person, ids: IdSource) -> dict[str, Any]:
    match actor_kind:
        case ActorKind.PERSON:
            return party("User", person.id, person.login, person.display_name)
        case ActorKind.ADMIN:
            domain = person.login.rpartition("@")[2] or "example.com"
            return party("User", ids.okta("00u"), f"admin@{domain}", "Admin User")
        case ActorKind.SYSTEM:
            return party("SystemPrincipal", ids.okta("00u"), "system@okta.com", "Okta System")
        case ActorKind.CLIENT:
            client_id = ids.okta("0oa")
            return party("PublicClientApp", client_id, client_id, "Reporting service")


def _target(target_type: str, person: Person, ids: IdSource) -> dict[str, Any]:
    if target_type == "User":
        return party("User", person.id, person.login, person.display_name)
    if target_type == "AppUser":
        return party("AppUser", ids.okta("0ua"), person.login, person.display_name)
    id_prefix, display_name, alternate_id = catalogue.table("targets")[target_type]
    return party(target_type, ids.okta(id_prefix), alternate_id, display_name)


def party(kind: str, party_id: str, alternate_id: str, display_name: str) -> dict[str, Any]:
    """Return an actor or a target as Okta writes it."""
    return {
        "id": party_id,
        "type": kind,
        "alternateId": alternate_id,
        "displayName": display_name,
        "detailEntry": None,
    }
