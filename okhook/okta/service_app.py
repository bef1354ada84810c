"""An OAuth service app: ``client_credentials`` with ``private_key_jwt``, bound by DPoP."""

from dataclasses import dataclass

from okhook.activity import Warned
from okhook.errors import ConfigurationError
from okhook.okta.clock import OrgClock
from okhook.okta.credential import CredentialKind, OrgLine
from okhook.okta.dpop import DpopProver
from okhook.okta.oauth import OAuthSession
from okhook.okta.private_key import PrivateKey, generated_key
from okhook.okta.scopes import OURS, ways_to
from okhook.okta.token_endpoint import AppIdentity, TokenEndpoint
from okhook.runtime.ids import new_uuid


@dataclass(frozen=True, slots=True)
class ScopeLimit:
    """The scopes that may be asked for, and the place that says so."""

    scopes: tuple[str, ...]
    origin: str


@dataclass(frozen=True, slots=True)
class ServiceAppCredential:
    """A service app. ``limit`` None asks for whatever a call needs.

    ``warnings`` are about how it is kept; they are told when it is first used.
    """

    client_id: str
    key: PrivateKey
    origin: str
    key_origin: str
    limit: ScopeLimit | None = None
    warnings: tuple[str, ...] = ()

    @property
    def kind(self) -> CredentialKind:
        """A service app."""
        return CredentialKind.SERVICE_APP

    @property
    def named(self) -> str:
        """The app, by its id and place."""
        return f"the app {self.client_id} from {self.origin}"

    @property
    def if_not_accepted(self) -> str:
        """Id and key have to be those of the app."""
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
        """A scope alone is not enough."""
        return (
            "the app needs an admin role beside its scopes (Admin Console, its tab Admin roles):"
            " super admin, or a custom role with the permission for it: okta.eventhooks.manage,"
            " okta.users.manage, okta.groups.manage"
        )

    def opened(self, line: OrgLine) -> OAuthSession:
        """Return the app at work for a client."""
        for warning in self.warnings:
            line.publish(Warned(warning))
        clock = OrgClock(line.now)
        prover = DpopProver(generated_key(), new_id=new_uuid, now=clock.now)
        endpoint = TokenEndpoint(
            AppIdentity(self.client_id, self.key),
            line,
            credential=self,
            prover=prover,
            clock=clock,
        )
        return OAuthSession(
            endpoint,
            prover,
            ways_to=self._ways_to,
            scopes=[scope for scope in OURS if self.limit is None or scope in self.limit.scopes],
            clock=clock,
            now=line.now,
        )

    def _ways_to(self, scope: str) -> tuple[str, ...]:
        ways = ways_to(scope)
        if self.limit is None:
            return ways
        allowed = tuple(way for way in ways if way in self.limit.scopes)
        if not allowed:
            raise ConfigurationError(
                f"{self.limit.origin} does not hold the scope {scope}, which this needs",
                next_step="add it there, or leave the setting out: then each scope is asked for"
                " when it is needed",
            )
        return allowed
