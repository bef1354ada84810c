"""The activities of ``login``, ``logout`` and ``whoami``."""

from dataclasses import dataclass

from okhook.activity import Activity
from okhook.config.settings import ShownSetting
from okhook.okta.auth.credential import CredentialKind
from okhook.okta.permissions import Permission


class LoggedIn(Activity):
    """The org accepted the token, and it is in the keyring now. It can read ``hooks`` hooks."""

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

    ``scopes`` are those that it was granted, of those that okhook asks for.
    """

    kind: CredentialKind
    origin: str
    client_id: str | None = None
    key_origin: str | None = None
    key_id: str | None = None
    scopes: tuple[str, ...] | None = None


class WhoAmI(Activity):
    """The org, the credential for it, what that may read, and every setting with its origin."""

    type = "whoami"
    org: str
    org_origin: str
    credential: CredentialShown
    permissions: tuple[Permission, ...]
    settings: tuple[ShownSetting, ...]
