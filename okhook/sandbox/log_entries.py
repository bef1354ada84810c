"""System Log entries, and the shape of the same entry in a delivery.

The System Log has ``request.ipChain``; a delivery has ``client.ipChain`` instead, with ``device``
and ``insertionTimestamp`` as null and ``client.zone`` as the *text* "null" (source: Okta's guide
"Event hooks with Hookdeck"). Event types and outcomes of ``event_hook.*`` are from Okta's
documentation; what Okta puts into their ``debugData`` is not known.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from okhook.json_form import timestamp
from okhook.sandbox.state import Json
from okhook.wire.event_types import is_eligible
from okhook.wire.samples.catalogue import legacy_type_of, message_of
from okhook.wire.samples.sample import party

_UNKNOWN_OF_AUTHENTICATION = (
    "authenticationProvider",
    "credentialProvider",
    "credentialType",
    "issuer",
    "interface",
)
_UNKNOWN_OF_SECURITY = ("asNumber", "asOrg", "isp", "domain", "isProxy")


@dataclass(frozen=True, slots=True)
class Cause:
    """The API call that caused an event. It has the id of an API token or of a service app."""

    request_id: str
    path: str
    ip: str | None
    user_agent: str | None
    token_id: str | None = None
    client_id: str | None = None


@dataclass(frozen=True, slots=True)
class LogEvent:
    """What the org logs. ``cause`` is None for what the org does by itself.

    ``actor`` is a party; None for whoever the cause names.
    """

    event_type: str
    targets: tuple[Mapping[str, Any], ...]
    cause: Cause | None
    failure: str | None = None
    details: tuple[tuple[str, str], ...] = ()
    actor: Mapping[str, Any] | None = None


def user_party(user: Json) -> Json:
    """Return a user as an actor or a target."""
    login = user["profile"]["login"]
    names = (user["profile"].get(key) for key in ("firstName", "lastName"))
    return party("User", user["id"], login, " ".join(str(name) for name in names if name) or login)


def group_party(group: Json) -> Json:
    """Return a group as a target."""
    return party("UserGroup", group["id"], "unknown", group["profile"]["name"])


def hook_party(hook: Json) -> Json:
    """Return an event hook as a target."""
    return party("eventHook", hook["id"], hook["channel"]["config"]["uri"], hook["name"])


def log_entry(event: LogEvent, *, uuid: str, published: datetime, actor: Mapping[str, Any]) -> Json:
    """Return the System Log entry for ``event``."""
    cause, failure, event_type = event.cause, event.failure, event.event_type
    return {
        "uuid": uuid,
        "published": timestamp(published),
        "eventType": event_type,
        "version": "0",
        "displayMessage": _message(event_type),
        "severity": "INFO" if failure is None else "WARN",
        "client": _client(cause),
        "actor": dict(actor),
        "outcome": {"result": "SUCCESS" if failure is None else "FAILURE", "reason": failure},
        "target": [dict(target) for target in event.targets],
        "transaction": _transaction(cause, uuid),
        "debugContext": {"debugData": _debug_data(event)},
        "legacyEventType": legacy_type_of(event_type) if is_eligible(event_type) else None,
        "authenticationContext": {
            **dict.fromkeys(_UNKNOWN_OF_AUTHENTICATION),
            "authenticationStep": 0,
            "externalSessionId": None if cause is None else f"trs{cause.request_id}",
        },
        "securityContext": dict.fromkeys(_UNKNOWN_OF_SECURITY),
        "request": {"ipChain": _ip_chain(cause)},
    }


def with_hook_ids(entry: Json, hook_ids: Sequence[str]) -> Json:
    """Return the entry with the ids of the hooks that receive the event."""
    if not hook_ids:
        return entry
    data = entry["debugContext"]["debugData"] | {"targetEventHookIds": ",".join(hook_ids)}
    return {**entry, "debugContext": {"debugData": data}}


def hook_event(entry: Json) -> Json:
    """Return a System Log entry in the shape of a delivery."""
    kept = {name: value for name, value in entry.items() if name != "request"}
    client = {**entry["client"], "zone": "null", "ipChain": entry["request"]["ipChain"]}
    return {**kept, "client": client, "device": None, "insertionTimestamp": None}


def _message(event_type: str) -> str:
    if event_type.startswith("event_hook."):
        return f"Event hook {event_type.removeprefix('event_hook.')}"
    if event_type == "user.lifecycle.delete.completed":
        return "Delete Okta user completed"
    return message_of(event_type)


def _client(cause: Cause | None) -> Json:
    agent = None if cause is None else cause.user_agent
    shown = {"rawUserAgent": agent, "os": "Unknown", "browser": "UNKNOWN"}
    return {
        "userAgent": None if agent is None else shown,
        "zone": None,
        "device": "Unknown",
        "id": None,
        "ipAddress": None if cause is None else cause.ip,
        "geographicalContext": None,
    }


def _ip_chain(cause: Cause | None) -> list[Json]:
    if cause is None or cause.ip is None:
        return []
    version = "V6" if ":" in cause.ip else "V4"
    return [{"ip": cause.ip, "geographicalContext": None, "version": version, "source": None}]


def _transaction(cause: Cause | None, uuid: str) -> Json:
    if cause is None:
        return {"type": "JOB", "id": uuid.replace("-", ""), "detail": {}}
    detail = {} if cause.token_id is None else {"requestApiTokenId": cause.token_id}
    return {"type": "WEB", "id": cause.request_id, "detail": detail}


def _debug_data(event: LogEvent) -> dict[str, str]:
    data = dict(event.details)
    if event.cause is not None:
        path = event.cause.path
        data |= {"requestId": event.cause.request_id, "requestUri": path, "url": f"{path}?"}
    return data
