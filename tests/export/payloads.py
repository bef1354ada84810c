"""Deliveries as Okta sends them, with ids that look like an org's."""

import hashlib
import itertools
import uuid
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from okhook.records.record import Record
from okhook.runtime.ids import IdSource
from okhook.wire.delivery import body_of, envelope, hook_source
from okhook.wire.samples.sample import Person, sample_event
from tests.export.test_format import RECORD
from tests.support.records import NOON, post

JANE = Person("00u3gjksoiRGRAZHLSYV", "Jane", "Doe", "jane.doe@hookdeckexample.com")
HOOK_ID = "who8vt36qfNpCGz9H1e6"


def hashed_ids() -> IdSource:
    """Return ids of Okta's form that look random and are the same every time."""
    digests = (hashlib.md5(b"%d" % number, usedforsecurity=False) for number in itertools.count())
    return IdSource(
        okta=lambda prefix: prefix + next(digests).hexdigest()[:17],
        uuid=lambda: str(uuid.UUID(next(digests).hexdigest())),
    )


def payload(event_type: str) -> dict[str, Any]:
    """Return a delivery's payload with all the members that Okta sends."""
    ids = hashed_ids()
    event = sample_event(event_type, person=JANE, published=NOON, ids=ids, hook_ids=(HOOK_ID,))
    source = hook_source("https://dev-123.okta.com", HOOK_ID)
    return envelope([event], source=source, event_id=ids.uuid(), event_time=NOON)


def record_of(document: object, *headers: tuple[bytes, bytes]) -> Record:
    """Return the record of a delivery."""
    return replace(RECORD, request=post(body_of(document), *headers))


def leaves(value: Any, member: str = "") -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - any JSON value
    """Yield what is neither object nor array, each with the name of its member, in order."""
    match value:
        case dict():
            for name, entry in value.items():
                yield from leaves(entry, name)
        case list():
            for entry in value:
                yield from leaves(entry, member)
        case _:
            yield member, value
