"""Requests and records that tests are made of."""

import json
from datetime import UTC, datetime
from typing import Any

from okhook.records.record import AuthOutcome, NewRecord, RecordKind
from okhook.wire.delivery import InboundRequest

NOON = datetime(2026, 11, 24, 12, 0, 0, 123456, tzinfo=UTC)
HOOK_PATH = "/okta-webhooks-endpoint"


def event(uuid: str = "uuid-1", event_type: str = "user.lifecycle.create") -> dict[str, Any]:
    """Return an event in the hook's shape, as small as it can be."""
    return {
        "uuid": uuid,
        "eventType": event_type,
        "published": "2026-11-24T12:00:00.000Z",
        "outcome": {"result": "SUCCESS"},
        "actor": {
            "id": "00uadmin",
            "type": "User",
            "alternateId": "admin@example.com",
            "displayName": "Ada Admin",
        },
        "target": [
            {
                "id": "00ujane",
                "type": "User",
                "alternateId": "jane.doe@hookdeckexample.com",
                "displayName": "Jane Doe",
            }
        ],
    }


EVENT_SHOWN: dict[str, Any] = {
    "uuid": "uuid-1",
    "event_type": "user.lifecycle.create",
    "published": "2026-11-24T12:00:00.000Z",
    "outcome": "SUCCESS",
    "actor": {
        "id": "00uadmin",
        "type": "User",
        "alternate_id": "admin@example.com",
        "display_name": "Ada Admin",
    },
    "target": [
        {
            "id": "00ujane",
            "type": "User",
            "alternate_id": "jane.doe@hookdeckexample.com",
            "display_name": "Jane Doe",
        }
    ],
}
"""That event in the JSON of okhook."""


def delivery_body(event_id: str | None = "event-1", *events: dict[str, Any]) -> bytes:
    """Return a delivery's body; one event where none is given."""
    envelope = {
        "eventType": "com.okta.event_hook",
        "source": "https://dev-1.okta.com/api/v1/eventHooks/who123",
        "eventId": event_id,
        "data": {"events": list(events) or [event()]},
    }
    return json.dumps(envelope).encode()


def post(
    body: bytes, *headers: tuple[bytes, bytes], received_at: datetime = NOON
) -> InboundRequest:
    """Return a POST to the hook."""
    return InboundRequest("POST", HOOK_PATH, headers, body, received_at)


def get(*headers: tuple[bytes, bytes]) -> InboundRequest:
    """Return a GET to the hook."""
    return InboundRequest("GET", HOOK_PATH, headers, b"", NOON)


def stored(
    event_id: str | None = "event-1", *uuids: str, request: InboundRequest | None = None
) -> NewRecord:
    """Return a delivery as the inbox hands it to a store; its events have the ``uuids``."""
    body = delivery_body(event_id, *(event(uuid) for uuid in uuids))
    return NewRecord(RecordKind.DELIVERY, request or post(body), 204, None, AuthOutcome.NOT_ASKED)
