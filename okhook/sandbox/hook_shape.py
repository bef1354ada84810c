"""An event hook in the shape that the Event Hooks API gives it.

Seen in Okta's API reference: the secret is never returned, the header's name comes back in lower
case, ``filter`` and ``description`` as null, empty ``headers`` as an array, times in whole seconds.
"""

from typing import Any

from okhook.sandbox.hooks import AuthScheme, EventFilter, EventHook
from okhook.sandbox.times import whole_seconds


def hook_shape(hook: EventHook, org_url: str) -> dict[str, Any]:
    """Return the JSON object of ``hook``."""
    draft = hook.draft
    return {
        "id": hook.id,
        "status": "ACTIVE" if hook.active else "INACTIVE",
        "verificationStatus": "VERIFIED" if hook.verified else "UNVERIFIED",
        "name": draft.name,
        "description": draft.description,
        "created": whole_seconds(hook.created),
        "createdBy": hook.created_by,
        "lastUpdated": whole_seconds(hook.last_updated),
        "events": {
            "type": "EVENT_TYPE",
            "items": list(draft.events),
            "filter": _filter(draft.filters),
        },
        "channel": {
            "type": "HTTP",
            "version": "1.0.0",
            "config": {
                "uri": draft.channel.uri,
                "headers": [{"key": key, "value": value} for key, value in draft.channel.headers],
                "method": "POST",
                "authScheme": _auth_scheme(draft.channel.auth),
            },
        },
        "_links": _links(hook, hook_url(hook.id, org_url)),
    }


def hook_url(hook_id: str, org_url: str) -> str:
    """Return the address of a hook in the API, which is also the ``source`` of its deliveries."""
    return f"{org_url}/api/v1/eventHooks/{hook_id}"


def _filter(filters: tuple[EventFilter, ...]) -> dict[str, Any] | None:
    if not filters:
        return None
    return {
        "type": "EXPRESSION_LANGUAGE",
        "eventFilterMap": [
            {
                "event": entry.event,
                "condition": {"version": None, "expression": entry.expression},
            }
            for entry in filters
        ],
    }


def _auth_scheme(auth: AuthScheme | None) -> dict[str, Any] | None:
    return None if auth is None else {"type": "HEADER", "key": auth.key}


def _links(hook: EventHook, url: str) -> dict[str, Any]:
    if hook.active:
        return {
            "self": {"href": url},
            "verify": _action(f"{url}/lifecycle/verify", "POST"),
            "deactivate": _action(f"{url}/lifecycle/deactivate", "POST"),
        }
    return {
        "activate": _action(f"{url}/lifecycle/activate", "POST"),
        "self": {"href": url},
        "delete": _action(url, "DELETE"),
    }


def _action(href: str, method: str) -> dict[str, Any]:
    return {"href": href, "hints": {"allow": [method]}}
