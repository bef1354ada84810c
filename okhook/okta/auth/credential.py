"""What a person set up for an org: an API token, or an OAuth service app. It does no I/O."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from okhook.errors import ConfigurationError
from okhook.okta.auth.private_key import PrivateKey
from okhook.okta.auth.scopes import OURS, ways_to
from okhook.secret import Secret

_PERMISSIONS = "okta.eventhooks.manage, okta.users.manage, okta.groups.manage"

TOKEN_PATH = "/oauth2/v1/token"  # noqa: S105 - a path
"""Where an org gives a service app its access tokens."""


class CredentialKind(StrEnum):
    """The two kinds that an org knows."""

    API_TOKEN = "api_token"  # noqa: S105 - a word
    SERVICE_APP = "service_app"


@dataclass(frozen=True, slots=True)
class SswsCredential:
    """An API token, in Okta's own scheme ``SSWS``. ``how_to_replace`` says more than its place."""

    kind: ClassVar = CredentialKind.API_TOKEN
    warnings: ClassVar[tuple[str, ...]] = ()

    token: Secret
    origin: str
    how_to_replace: str | None = None

    @property
    def named(self) -> str:
        """What it is called in an error."""
        return f"the token from {self.origin}"

    @property
    def if_not_accepted(self) -> str:
        """What to do where the org does not accept it."""
        return self.how_to_replace or (
            "make a new one in the Admin Console under Security → API → Tokens"
            f" of that org, and set it there ({self.origin})"
        )

    @property
    def if_not_permitted(self) -> str:
        """What to do where the org knows it and does not let it."""
        return (
            "its owner must be a super admin, or have a custom role with the permission for it:"
            f" {_PERMISSIONS}"
        )


@dataclass(frozen=True, slots=True)
class ScopeLimit:
    """The scopes that okhook may ask for, and the setting that says so."""

    scopes: tuple[str, ...]
    origin: str


@dataclass(frozen=True, slots=True)
class ServiceAppCredential:
    """A service app. Without a ``limit``, okhook asks for whatever scope a call needs.

    ``warnings`` are about how the key is stored; the client publishes them once.
    """

    kind: ClassVar = CredentialKind.SERVICE_APP

    client_id: str
    key: PrivateKey
    origin: str
    key_origin: str
    limit: ScopeLimit | None = None
    warnings: tuple[str, ...] = ()

    @property
    def named(self) -> str:
        """What it is called in an error."""
        return f"the app {self.client_id} from {self.origin}"

    @property
    def if_not_accepted(self) -> str:
        """What to do where the org does not accept it."""
        key_id = (
            f" with the key id {self.key.key_id}"
            if self.key.key_id
            else ";\nwhere the app has several keys, say which one this is: OKHOOK_KEY_ID, or kid"
            " in the JWK"
        )
        return (
            f"check in the Admin Console, under Applications, that {self.client_id} is the client"
            f" id of an active service app, and that the public half of the key from"
            f" {self.key_origin} is registered with it{key_id}"
        )

    @property
    def if_not_permitted(self) -> str:
        """What to do where the org knows it and does not let it: a scope alone is not enough."""
        return (
            "the app needs an admin role beside its scopes (Admin Console, its tab Admin roles):"
            f" super admin, or a custom role with the permission for it: {_PERMISSIONS}"
        )

    @property
    def scopes(self) -> tuple[str, ...]:
        """All scopes that okhook may ask for and has a use for."""
        return tuple(each for each in OURS if self.limit is None or each in self.limit.scopes)

    def ways_to(self, scope: str) -> tuple[str, ...]:
        """Return the scopes that allow what ``scope`` does, the least first.

        Raises:
            ConfigurationError: the settings let okhook ask for none of them.
        """
        ways = ways_to(scope)
        allowed = tuple(way for way in ways if self.limit is None or way in self.limit.scopes)
        if self.limit is not None and not allowed:
            raise ConfigurationError(
                f"{self.limit.origin} does not hold the scope {scope}, which this needs",
                next_step="add it there, or leave the setting out: then each scope is asked for"
                " when it is needed",
            )
        return allowed


Credential = SswsCredential | ServiceAppCredential
