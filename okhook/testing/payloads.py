"""Events and deliveries as Okta sends them: JSON objects that a test can change."""

import copy
from collections.abc import Mapping
from datetime import datetime
from difflib import get_close_matches
from typing import Any, Protocol

from okhook.json_form import JsonObject
from okhook.json_path import Assignment, Step, assigned
from okhook.runtime.ids import RANDOM_IDS, new_okta_id, new_uuid, utc_now
from okhook.testing.arguments import event_type_fault
from okhook.wire.delivery import envelope, hook_source
from okhook.wire.event_types import DEFAULT_EVENT_TYPE
from okhook.wire.samples.sample import ORG_URL, Person, SampleOrder, sample_event


def event(
    event_type: str = DEFAULT_EVENT_TYPE,
    /,
    *,
    user: str | Mapping[str, Any] | None = None,
    published: datetime | None = None,
    unknown: bool = False,
    **members: object,
) -> JsonObject:
    """Return an event (an entry of the System Log) as Okta puts it in a delivery.

    ``user`` is the person whom it is about: a login, or a user as Okta's API returns it, for
    example from ``SandboxOrg.create_user``. ``members`` replace the event's own; two underscores
    lead to a member of a member, and a number to an entry of an array::

        event("user.session.start", outcome__result="FAILURE", target=None)
        event("user.account.update_profile", target__0__alternateId="x@example.com")

    ``unknown=True`` permits an event type that okhook does not know: Okta adds some every month.
    Raises ``ValueError`` for an unknown event type or member, or an invalid value.
    """
    if not isinstance(event_type, str):
        raise TypeError(f"the event type must be a string, not {type(event_type).__name__}")
    if not unknown and (fault := event_type_fault(event_type)):
        raise ValueError(f"{fault}; pass unknown=True to send it anyway")
    made: JsonObject = sample_event(
        event_type,
        person=_person(user),
        published=published or utc_now(),
        ids=RANDOM_IDS,
        hook_ids=(new_okta_id("who"),),
    )
    for name, value in members.items():
        made = assigned(made, Assignment(name, _steps(name, made), value))
    return made


def delivery(
    *events: str | Mapping[str, Any],
    event_id: str | None = None,
    event_time: datetime | None = None,
) -> JsonObject:
    """Return the body of a delivery of ``events``: event types, or events of :func:`event`.

    Without ``events`` it has one, of the type ``user.lifecycle.create``. ``event_id`` identifies
    the delivery (a new uuid), and ``event_time`` is when Okta made it (now).
    """
    inside = [_event(each) for each in events or (DEFAULT_EVENT_TYPE,)]
    return envelope(
        inside,
        source=hook_source(ORG_URL, _hook_id(inside[0])),
        event_id=event_id or new_uuid(),
        event_time=event_time or utc_now(),
    )


class MakeEvent(Protocol):
    """The type of the fixture ``okta_event``: see :func:`event`."""

    def __call__(  # noqa: D102 - the class says it
        self,
        event_type: str = ...,
        /,
        *,
        user: str | Mapping[str, Any] | None = ...,
        published: datetime | None = ...,
        unknown: bool = ...,
        **members: object,
    ) -> JsonObject: ...


class MakeDelivery(Protocol):
    """The type of the fixture ``okta_delivery``: see :func:`delivery`."""

    def __call__(  # noqa: D102 - the class says it
        self,
        *events: str | Mapping[str, Any],
        event_id: str | None = ...,
        event_time: datetime | None = ...,
    ) -> JsonObject: ...


def _person(user: object) -> Person:
    guide = SampleOrder()
    if user is None:
        user = guide.login
    if isinstance(user, str):
        return Person(new_okta_id("00u"), guide.first_name, guide.last_name, user)
    if not isinstance(user, Mapping) or not isinstance(user.get("profile"), Mapping):
        raise TypeError(
            "user must be a login, or a user as Okta's API returns it, with a profile;"
            f" not {type(user).__name__}"
        )
    profile = user["profile"]
    names = (str(profile.get(name) or "") for name in ("firstName", "lastName", "login"))
    return Person(str(user.get("id") or new_okta_id("00u")), *names)


def _event(given: object) -> JsonObject:
    if isinstance(given, str):
        return event(given)
    if not isinstance(given, Mapping):
        raise TypeError(
            "a delivery consists of event types and events of okta_event, not"
            f" {type(given).__name__}"
        )
    if "data" in given and "eventId" in given:
        raise TypeError("this is a delivery already: pass it to okta_deliver")
    return copy.deepcopy(dict(given))


def _hook_id(first: Mapping[str, Any]) -> str:
    """Return the hook that an event is for, as its ``debugData`` names it."""
    named: Any = first
    for name in ("debugContext", "debugData", "targetEventHookIds"):
        named = named.get(name) if isinstance(named, Mapping) else None
    return named.split(",")[0] if isinstance(named, str) and named else new_okta_id("who")


def _steps(name: str, made: JsonObject) -> tuple[Step, ...]:
    steps = tuple(int(each) if each.isdigit() else each for each in name.split("__"))
    if steps[0] not in made:
        near = get_close_matches(str(steps[0]), made, n=1)
        raise ValueError(
            f"an event has no member {steps[0]!r}"
            + (f": did you mean {near[0]}?" if near else "")
            + "; to add one on purpose, set it in the event that this returns"
        )
    return steps
