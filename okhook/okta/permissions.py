"""What a credential may do in its org, found out by reading a little of each thing."""

from dataclasses import dataclass

from okhook.errors import ConfigurationError, OktaRefused
from okhook.okta.client import Call, OktaClient
from okhook.okta.refusals import ScopeMissing
from okhook.okta.retry import RateLimitLeft, rate_limit_left

_PROBES = (
    ("event hooks", "/api/v1/eventHooks"),
    ("System Log", "/api/v1/logs?limit=1"),
    ("users", "/api/v1/users?limit=1"),
)


@dataclass(frozen=True, slots=True)
class Permission:
    """Whether a resource can be read. ``rate_limit`` is None where the org does not say it."""

    resource: str
    allowed: bool
    reason: str | None
    rate_limit: RateLimitLeft | None


async def permissions(client: OktaClient) -> tuple[Permission, ...]:
    """Return what can be read of what okhook needs; it takes one call for each.

    Raises:
        CredentialsError, Unavailable: the org does not know the credential, or is not there.
    """
    return tuple([await _permission(client, resource, path) for resource, path in _PROBES])


async def _permission(client: OktaClient, resource: str, path: str) -> Permission:
    try:
        answer = await client.call(Call("GET", path))
    except ScopeMissing as missing:
        return Permission(resource, False, missing.what, None)
    except (OktaRefused, ConfigurationError) as refused:
        return Permission(resource, False, refused.why or refused.what, None)
    return Permission(resource, True, None, rate_limit_left(answer))
