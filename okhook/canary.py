"""The canary: a synthetic delivery that proves a path from its URL to the store."""

from datetime import datetime

from okhook.activity import timestamp
from okhook.payload import CANARY_EVENT_TYPE
from okhook.samples.envelope import body_of, envelope

CANARY_SOURCE = "urn:okhook:canary"


def canary_body(*, event_id: str, event_uuid: str, moment: datetime) -> bytes:
    """Return the body of a canary; ``event_id`` is what it is known by when it arrives."""
    event = {
        "uuid": event_uuid,
        "published": timestamp(moment),
        "eventType": CANARY_EVENT_TYPE,
        "version": "0",
        "displayMessage": "okhook proves the path of this hook",
        "severity": "DEBUG",
        "outcome": {"result": "SUCCESS", "reason": None},
        "actor": None,
        "target": None,
    }
    return body_of(envelope([event], source=CANARY_SOURCE, event_id=event_id, event_time=moment))
