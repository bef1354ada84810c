"""What proves to an org who is calling."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from okhook.activity import Activity
from okhook.http.client import Answer, Headers
from okhook.secret import Secret
from okhook.wire.org import Org


class CredentialKind(StrEnum):
    """The two kinds that an org knows."""

    API_TOKEN = "api_token"  # noqa: S105 - a word
    SERVICE_APP = "service_app"


@dataclass(frozen=True, slots=True)
class Form:
    """A form for the org, with its headers. It may hold what authenticates, and is not shown."""

    headers: Headers = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class OrgLine:
    """What a credential may use of the client that it serves.

    ``post`` sends to a path what its second argument makes, fresh for each try, and returns the
    answer, refusals included; it is as patient as with any call that may be made twice.
    """

    org: Org
    post: Callable[[str, Callable[[], Form]], Awaitable[Answer]]
    publish: Callable[[Activity], None]
    now: Callable[[], datetime]


class Presented(Protocol):
    """What one call presents to be let in. Calls are made side by side, so each has its own."""

    @property
    def headers(self) -> Headers:
        """The headers that authenticate the call."""
        ...

    def wants_another(self, answer: Answer) -> bool:
        """Learn from the answer to it; tell whether the call, refused, should be made anew."""
        ...


class Authentication(Protocol):
    """A credential at work for one client."""

    @property
    def secrets(self) -> Sequence[Secret]:
        """What must never be shown, should an answer repeat it; more of it as time goes on."""
        ...

    async def presented(self, method: str, url: str) -> Presented:
        """Return what authenticates one call of ``url``, on the org's own host.

        Raises:
            CredentialsError, OktaRefused, Unavailable: the org gives nothing to authenticate with.

        """
        ...

    async def granted(self) -> tuple[str, ...] | None:
        """Return the scopes that an app was granted; None for what has no scopes.

        Raises:
            CredentialsError, OktaRefused, Unavailable: the org does not say it.

        """
        ...


class Credential(Protocol):
    """What a person set up for an org."""

    @property
    def kind(self) -> CredentialKind:
        """Which kind it is."""
        ...

    @property
    def origin(self) -> str:
        """Where the credential came from, as a person would look for it."""
        ...

    @property
    def named(self) -> str:
        """What it is called in an error."""
        ...

    @property
    def if_not_accepted(self) -> str:
        """What to do where the org does not accept it."""
        ...

    @property
    def if_not_permitted(self) -> str:
        """What to do where the org knows it and does not let it."""
        ...

    def opened(self, line: OrgLine) -> Authentication:
        """Return the credential at work for a client."""
        ...


@dataclass(frozen=True, slots=True)
class SswsCredential:
    """An API token, in Okta's own scheme ``SSWS``. ``how_to_replace`` says more than its place."""

    token: Secret
    origin: str
    how_to_replace: str | None = None

    @property
    def kind(self) -> CredentialKind:
        """An API token."""
        return CredentialKind.API_TOKEN

    @property
    def named(self) -> str:
        """The token, by its place."""
        return f"the token from {self.origin}"

    @property
    def if_not_accepted(self) -> str:
        """Make another."""
        return self.how_to_replace or (
            "make a new one in the Admin Console under Security → API → Tokens"
            f" of that org, and set it there ({self.origin})"
        )

    @property
    def if_not_permitted(self) -> str:
        """The owner's role decides."""
        return (
            "its owner must be a super admin, or have a custom role with the permission for it:"
            " okta.eventhooks.manage, okta.users.manage, okta.groups.manage"
        )

    @property
    def secrets(self) -> Sequence[Secret]:
        """The token."""
        return (self.token,)

    def opened(self, line: OrgLine) -> Authentication:
        """Return itself: it says the same with every call."""
        del line
        return self

    async def presented(self, method: str, url: str) -> Presented:
        """Return itself, for every call."""
        del method, url
        return self

    @property
    def headers(self) -> Headers:
        """The ``Authorization`` header."""
        return (("Authorization", f"SSWS {self.token.reveal()}"),)

    async def granted(self) -> tuple[str, ...] | None:
        """Return None: what its owner may do, it may do."""
        return None

    def wants_another(self, answer: Answer) -> bool:
        """Return False: there is nothing to learn."""
        del answer
        return False
