"""A sample delivery, generated or read from a file."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from okhook.json_path import Assignment, assigned, strict_json
from okhook.runtime.ids import IdSource
from okhook.wire.envelope import body_of, envelope, hook_source
from okhook.wire.event_types import DEFAULT_EVENT_TYPE
from okhook.wire.samples.event import Person, sample_event

_ORG_URL = "https://dev-123.okta.com"

_APART = timedelta(milliseconds=20)
"""The time between the events of a delivery."""


@dataclass(frozen=True, slots=True)
class Sample:
    """The bytes of a delivery, and its id if it has one."""

    event_id: str | None
    body: bytes


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
    source = hook_source(_ORG_URL, hook_id)
    whole = envelope(events, source=source, event_id=ids.uuid(), event_time=now)
    return _sample(whole, order.assignments)


def sample_from(payload: bytes, assignments: Sequence[Assignment]) -> Sample:
    """Return the delivery in a file, byte for byte unless there are assignments.

    Raises:
        ValueError: there are assignments, and the payload is not JSON.
        NotAPath: the path of an assignment does not exist.
    """
    if assignments:
        return _sample(_document(payload), assignments)
    try:
        return Sample(_event_id(_document(payload)), payload)
    except ValueError:
        return Sample(None, payload)


def _document(payload: bytes) -> Any:  # noqa: ANN401 - any JSON value
    try:
        return strict_json(payload)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def _sample(document: Any, assignments: Sequence[Assignment]) -> Sample:  # noqa: ANN401
    for assignment in assignments:
        document = assigned(document, assignment)
    return Sample(_event_id(document), body_of(document))


def _event_id(document: object) -> str | None:
    value = document.get("eventId") if isinstance(document, dict) else None
    return value if isinstance(value, str) else None
