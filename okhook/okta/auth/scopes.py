"""Which OAuth scope a call needs. Okta names scopes after the resource: ``okta.logs.read``."""

import re
from urllib.parse import urlsplit

EVENT_HOOKS_MANAGE = "okta.eventHooks.manage"
EVENT_HOOKS_READ = "okta.eventHooks.read"
LOGS_READ = "okta.logs.read"

OURS = (
    EVENT_HOOKS_READ,
    EVENT_HOOKS_MANAGE,
    LOGS_READ,
    "okta.users.read",
    "okta.users.manage",
    "okta.groups.read",
    "okta.groups.manage",
)
"""All scopes that some command of okhook needs."""

_RESOURCE = re.compile(r"/api/v1/([A-Za-z]+)")
_READ, _MANAGE = ".read", ".manage"


def is_in_api(url: str) -> bool:
    """Tell whether a URL belongs to the Management API."""
    return _RESOURCE.match(urlsplit(url).path) is not None


def scope_for(method: str, url: str) -> str:
    """Return the least scope that a call needs; raise ValueError outside the Management API."""
    found = _RESOURCE.match(urlsplit(url).path)
    if found is None:
        raise ValueError("no scope exists for a URL outside the Management API")
    return f"okta.{found[1]}{_READ if method in ('GET', 'HEAD') else _MANAGE}"


def ways_to(scope: str) -> tuple[str, ...]:
    """Return the scopes that permit what ``scope`` does, the least first: manage includes read."""
    if scope.endswith(_READ):
        return scope, scope.removesuffix(_READ) + _MANAGE
    return (scope,)
