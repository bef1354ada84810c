"""The envelope around the events of a delivery, as in Okta's documentation, and its bytes."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from okhook.json_form import timestamp


def hook_source(org_url: str, hook_id: str) -> str:
    """Return the ``source`` of a hook's deliveries."""
    return f"{org_url}/api/v1/eventHooks/{hook_id}"


def envelope(
    events: Sequence[dict[str, Any]], *, source: str, event_id: str, event_time: datetime
) -> dict[str, Any]:
    """Return the payload of a delivery. ``event_id`` is its uuid."""
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
    """Return ``document`` as compact JSON in UTF-8; escape it if UTF-8 cannot encode it."""
    try:
        return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:
        return json.dumps(document, separators=(",", ":")).encode()
