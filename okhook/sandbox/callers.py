"""Who calls the API: the owner of an API token, or a service app with an access token."""

from dataclasses import dataclass
from typing import final

from starlette.requests import Request

from okhook.sandbox.oauth import TOKEN_PATH, ArrivingCall, OAuthServer
from okhook.sandbox.tokens import Tokens

_OAUTH_SCHEMES = ("bearer ", "dpop ")


@dataclass(frozen=True, slots=True)
class Caller:
    """Whose call it is: one of both is set, or none for who has yet to ask for a token."""

    token_id: str | None = None
    client_id: str | None = None


@final
class Callers:
    """Lets calls in. ``token_id`` is the id of the org's API token."""

    def __init__(self, tokens: Tokens, token_id: str, oauth: OAuthServer) -> None:
        self._tokens = tokens
        self._token_id = token_id
        self._oauth = oauth

    def admit(self, request: Request) -> Caller:
        """Return who calls.

        Raises:
            ApiRefusal: nobody whom the org knows, or somebody who may not do this.

        """
        if request.url.path == TOKEN_PATH:
            return Caller()
        authorization = request.headers.get("authorization")
        if authorization is not None and authorization.lower().startswith(_OAUTH_SCHEMES):
            return Caller(client_id=self._oauth.client_of(authorization, arriving(request)))
        self._tokens.check(authorization, request.url.path)
        return Caller(token_id=self._token_id)


def arriving(request: Request) -> ArrivingCall:
    """Return the call as the checks of OAuth look at it.

    Two ``DPoP`` headers are no proof (RFC 9449, 4.3): together they are none that can be read.
    """
    return ArrivingCall(
        method=request.method,
        origin=f"{request.url.scheme}://{request.url.netloc}",
        path=request.scope["path"],
        proof=", ".join(request.headers.getlist("dpop")) or None,
    )
