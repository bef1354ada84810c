"""A sample event: a System Log entry in the shape that an event hook gives it.

That shape is not quite the System Log's: ``client`` holds the ``ipChain``, ``client.zone`` is the
*text* "null", ``device`` and ``insertionTimestamp`` are there and null, and there is no ``request``
(seen in Okta's guide "Event hooks with Hookdeck").
"""

from datetime import datetime
from typing import Any

from okhook.json_form import timestamp
from okhook.runtime.ids import IdSource
from okhook.wire.samples.families import GENERIC, Doer, family_of
from okhook.wire.samples.parties import UNKNOWN, Person, actor_of, target_of
from okhook.wire.samples.results import result_of
from okhook.wire.samples.wording import legacy_type_of, message_of

GENERIC_NOTE = "generic sample: this event type is not in okhook's catalogue"

_IP = "203.0.113.17"
"""An address for documentation (RFC 5737), which belongs to nobody."""

_USER_AGENT = (
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/127.0.0.0 Safari/537.36"
)


def sample_event(
    event_type: str,
    *,
    person: Person,
    published: datetime,
    ids: IdSource,
    hook_ids: tuple[str, ...] = (),
) -> dict[str, Any]:
    """Return a plausible event of ``event_type`` about ``person``.

    ``published`` is aware; ``hook_ids`` are the hooks that the org has for this event. A type that
    the catalogue does not know gives a generic event, with a note in its debug data.
    """
    family = family_of(event_type)
    shape = family or GENERIC
    by_system = shape.doer is Doer.SYSTEM
    result = result_of(event_type)
    return {
        "uuid": ids.uuid(),
        "published": timestamp(published),
        "eventType": event_type,
        "version": "0",
        "displayMessage": message_of(event_type),
        "severity": result.severity,
        "client": _no_client() if by_system else _browser(),
        "device": None,
        "actor": actor_of(shape.doer, person, ids),
        "outcome": {"result": result.outcome, "reason": result.reason},
        "target": [target_of(target_type, person, ids) for target_type in shape.targets],
        "transaction": {
            "type": "JOB" if by_system else "WEB",
            "id": ids.okta("trs") if by_system else ids.uuid().replace("-", ""),
            "detail": {},
        },
        "debugContext": {"debugData": _debug_data(event_type, shape.doer, ids, hook_ids)},
        "legacyEventType": legacy_type_of(event_type),
        "authenticationContext": _authentication(ids.okta("trs" if by_system else "idx")),
        "securityContext": _security(by_system=by_system),
        "insertionTimestamp": None,
    }


def _browser() -> dict[str, Any]:
    return {
        "userAgent": {"rawUserAgent": _USER_AGENT, "os": "Mac OS X", "browser": "CHROME"},
        "zone": "null",
        "device": "Computer",
        "id": None,
        "ipAddress": _IP,
        "geographicalContext": _place(),
        "ipChain": [
            {"ip": _IP, "geographicalContext": _place(), "version": "V4", "source": None},
        ],
    }


def _no_client() -> dict[str, Any]:
    """Return the client of an event that no HTTP request caused."""
    return {
        "userAgent": None,
        "zone": "null",
        "device": UNKNOWN,
        "id": None,
        "ipAddress": None,
        "geographicalContext": None,
        "ipChain": [],
    }


def _place() -> dict[str, Any]:
    return {
        "city": "San Francisco",
        "state": "California",
        "country": "United States",
        "postalCode": "94107",
        "geolocation": {"lat": 37.7697, "lon": -122.3933},
    }


def _debug_data(
    event_type: str, doer: Doer, ids: IdSource, hook_ids: tuple[str, ...]
) -> dict[str, Any]:
    data: dict[str, Any] = {}
    if doer is not Doer.SYSTEM:
        path = _request_path(event_type, doer)
        data |= {"requestId": ids.uuid().replace("-", ""), "requestUri": path, "url": f"{path}?"}
    if hook_ids:
        data["targetEventHookIds"] = ",".join(hook_ids)
    if family_of(event_type) is None:
        data["note"] = GENERIC_NOTE
    return data


def _request_path(event_type: str, doer: Doer) -> str:
    if doer is Doer.CLIENT:
        return "/oauth2/v1/token"
    if event_type.startswith(("user.session.", "user.authentication.", "user.mfa.")):
        return "/idp/idx/identify"
    paths = {
        "app": "/api/v1/apps",
        "application": "/api/v1/apps",
        "device": "/api/v1/devices",
        "group": "/api/v1/groups",
        "iam": "/api/v1/iam",
        "policy": "/api/v1/policies",
        "user": "/api/v1/users",
    }
    return paths.get(event_type.partition(".")[0], "/api/internal/v1")


def _authentication(session_id: str) -> dict[str, Any]:
    return {
        "authenticationProvider": None,
        "credentialProvider": None,
        "credentialType": None,
        "issuer": None,
        "interface": None,
        "authenticationStep": 0,
        "externalSessionId": session_id,
    }


def _security(*, by_system: bool) -> dict[str, Any]:
    if by_system:
        return {"asNumber": None, "asOrg": None, "isp": None, "domain": None, "isProxy": None}
    return {
        "asNumber": 64496,
        "asOrg": "example network",
        "isp": "example network",
        "domain": "example.net",
        "isProxy": False,
    }
