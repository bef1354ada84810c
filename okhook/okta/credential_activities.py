"""What a person may see of credentials: kept, forgotten, and what they are good for."""

from dataclasses import dataclass

from okhook.activity import Activity
from okhook.config.settings import ShownSetting
from okhook.okta.auth.credential import CredentialKind
from okhook.okta.permissions import Permission


@dataclass(frozen=True, slots=True)
class LoggedIn(Activity):
    """The org took the token, and the keyring has it now. ``hooks`` is how many it lets us see."""

    type = "logged_in"
    org: str
    keyring: str
    hooks: int


@dataclass(frozen=True, slots=True)
class LoggedOut(Activity):
    """The keyring has no token for the org any more."""

    type = "logged_out"
    org: str


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

    type = "whoami"
    org: str
    org_origin: str
    credential: CredentialShown
    permissions: tuple[Permission, ...]
    settings: tuple[ShownSetting, ...]
