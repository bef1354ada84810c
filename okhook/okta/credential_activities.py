"""What a person may see of credentials: kept, forgotten, and what they are good for."""

from dataclasses import dataclass
from typing import ClassVar

from okhook.activity import Activity, JsonObject, timestamp
from okhook.config.settings import ShownSetting
from okhook.okta.credential import CredentialKind
from okhook.okta.permissions import Permission
from okhook.okta.rate_limit import RateLimitLeft


@dataclass(frozen=True, slots=True)
class LoggedIn(Activity):
    """The org took the token, and the keyring has it now. ``hooks`` is how many it lets us see."""

    type: ClassVar[str] = "logged_in"
    org: str
    keyring: str
    hooks: int

    def _fields(self) -> JsonObject:
        return {"org": self.org, "keyring": self.keyring, "hooks": self.hooks}


@dataclass(frozen=True, slots=True)
class LoggedOut(Activity):
    """The keyring has no token for the org any more."""

    type: ClassVar[str] = "logged_out"
    org: str

    def _fields(self) -> JsonObject:
        return {"org": self.org}


@dataclass(frozen=True, slots=True)
class CredentialShown:
    """A credential without what is secret of it. The last four are of a service app.

    ``scopes`` are those that it was granted, of those that okhook asks for.
    """

    kind: CredentialKind
    origin: str
    client_id: str | None = None
    key_origin: str | None = None
    key_id: str | None = None
    scopes: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class WhoAmI(Activity):
    """Which org is meant, with what it is called, and what that may do; and where it all stands."""

    type: ClassVar[str] = "whoami"
    org: str
    org_origin: str
    credential: CredentialShown
    permissions: tuple[Permission, ...]
    settings: tuple[ShownSetting, ...]

    def _fields(self) -> JsonObject:
        return {
            "org": self.org,
            "org_origin": self.org_origin,
            "credential": _credential_json(self.credential),
            "permissions": [_permission_json(permission) for permission in self.permissions],
            "settings": [_setting_json(setting) for setting in self.settings],
        }


def _credential_json(credential: CredentialShown) -> JsonObject:
    return {
        "kind": str(credential.kind),
        "origin": credential.origin,
        "client_id": credential.client_id,
        "key_origin": credential.key_origin,
        "key_id": credential.key_id,
        "scopes": None if credential.scopes is None else list(credential.scopes),
    }


def _permission_json(permission: Permission) -> JsonObject:
    return {
        "resource": permission.resource,
        "allowed": permission.allowed,
        "reason": permission.reason,
        "rate_limit": None if permission.left is None else _left_json(permission.left),
    }


def _left_json(left: RateLimitLeft) -> JsonObject:
    return {
        "limit": left.limit,
        "remaining": left.remaining,
        "reset_at": None if left.reset_at is None else timestamp(left.reset_at),
    }


def _setting_json(setting: ShownSetting) -> JsonObject:
    return {"name": setting.name, "value": setting.value, "origin": setting.origin}
