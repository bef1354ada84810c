"""The canary: a synthetic delivery that tests the path from a URL to the store."""

from datetime import datetime
from typing import Final

from okhook.json_form import timestamp
from okhook.wire.envelope import body_of, envelope
from okhook.wire.payload import CANARY_EVENT_TYPE

CANARY_SOURCE = "urn:okhook:canary"

CANARY_HEADER: Final = "X-Okhook-Canary"
"""Marks the request as a canary, even if it is refused and stored without its body."""

CANARY_REMARK: Final = " (a canary of okhook's)"
"""The end of the reason why a canary was refused."""


def canary_body(*, event_id: str, event_uuid: str, moment: datetime) -> bytes:
    """Return the body of a canary."""
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
