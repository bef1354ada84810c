"""What a credential may do in its org, and the activities of login, logout and whoami."""

from dataclasses import dataclass

from okhook.activity import Activity
from okhook.config.shown import ShownSetting
from okhook.errors import OktaRefused
from okhook.okta.answers import json_array
from okhook.okta.auth.credential import ScopeNotInSettings
from okhook.okta.client import Call, OktaClient
from okhook.okta.event_hooks_api import EVENT_HOOKS_PATH
from okhook.okta.refusals import FeatureMissing, ScopeMissing
from okhook.okta.retry import RateLimitLeft, rate_limit_left
from okhook.okta.system_log import LOGS_PATH
from okhook.okta.users_and_groups import USERS_PATH

_PROBES = (
    ("event hooks", EVENT_HOOKS_PATH),
    ("System Log", f"{LOGS_PATH}?limit=1"),
    ("users", f"{USERS_PATH}?limit=1"),
)


@dataclass(frozen=True, slots=True)
class Permission:
    """Whether a resource can be read. ``rate_limit`` is None if the org does not state it.

    ``next_step`` is set if the reason is not the credential.
    """

    json_fields = "resource allowed reason rate_limit"

    resource: str
    allowed: bool
    reason: str | None = None
    rate_limit: RateLimitLeft | None = None
    next_step: str | None = None


async def permissions(client: OktaClient) -> tuple[Permission, ...]:
    """Return what the credential can read, with one call for each resource.

    Raises:
        UnexpectedAnswer: what answers is not Okta's API, such as a sign-in page.
    """
    return tuple([await _permission(client, resource, path) for resource, path in _PROBES])


async def _permission(client: OktaClient, resource: str, path: str) -> Permission:
    try:
        answer = await client.call(Call("GET", path))
        json_array(answer, f"the list {path}", client.redact)
    except ScopeMissing as missing:
        return Permission(resource, allowed=False, reason=missing.what)
    except FeatureMissing as missing:
        return Permission(resource, allowed=False, reason=missing.why, next_step=missing.next_step)
    except (OktaRefused, ScopeNotInSettings) as refused:
        return Permission(resource, allowed=False, reason=refused.why or refused.what)
    return Permission(resource, allowed=True, rate_limit=rate_limit_left(answer))


class LoggedIn(Activity):
    """The org accepted the token, and the keyring has it. It can read ``hooks`` hooks."""

    type = "logged_in"
    org: str
    keyring: str
    hooks: int


class LoggedOut(Activity):
    """The org's token was removed from the keyring."""

    type = "logged_out"
    org: str


@dataclass(frozen=True, slots=True)
class CredentialShown:
    """A credential without its secret parts. The fields from ``client_id`` on are a service app's.

    ``scopes`` are those that okhook can use and the app was granted.
    """

    kind: str
    origin: str
    client_id: str | None = None
    key_origin: str | None = None
    key_id: str | None = None
    scopes: tuple[str, ...] | None = None


class WhoAmI(Activity):
    """The org, its credential, what that can read, and every setting with its origin."""

    type = "whoami"
    org: str
    org_origin: str
    credential: CredentialShown
    permissions: tuple[Permission, ...]
    settings: tuple[ShownSetting, ...]
