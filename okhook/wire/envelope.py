"""The envelope around events, and the bytes that go onto the wire.

Okta's documentation has eight members in the envelope, in this order; the versions are constants.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from okhook.json_form import timestamp


def hook_source(org_url: str, hook_id: str) -> str:
    """Return the ``source`` of a hook's deliveries; ``org_url`` has no slash at its end."""
    return f"{org_url}/api/v1/eventHooks/{hook_id}"


def envelope(
    events: Sequence[dict[str, Any]], *, source: str, event_id: str, event_time: datetime
) -> dict[str, Any]:
    """Return a delivery of ``events``. ``event_id`` is the delivery's own uuid."""
    return {
        "eventType": "com.okta.event_hook",
        "eventTypeVersion": "1.0",
        "cloudEventsVersion": "0.1",
        "source": source,
        "eventId": event_id,
        "data": {"events": list(events)},
        "eventTime": timestamp(event_time),
        "contentType": "application/json",
    }


def body_of(document: object) -> bytes:
    """Return ``document`` as compact JSON in UTF-8.

    Half of a surrogate pair, which UTF-8 cannot carry, stays the JSON escape that it came as.
    """
    try:
        return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:
        return json.dumps(document, separators=(",", ":")).encode()
