"""Who calls the API: the owner of an API token, or a service app with an access token."""

from dataclasses import dataclass
from typing import final

from starlette.requests import Request

from okhook.sandbox.oauth.proofs import ArrivingCall
from okhook.sandbox.oauth.server import TOKEN_PATH, OAuthServer
from okhook.sandbox.refusals import invalid_token, no_permission, not_authenticated
from okhook.secret import Secret

_SSWS = "ssws"
_OAUTH_SCHEMES = ("bearer ", "dpop ")
_FOR_SUPER_ADMINS = "/api/v1/eventHooks"


@dataclass(frozen=True, slots=True)
class Caller:
    """Whose call it is. One of the two is set; neither is for a call of the token endpoint."""

    token_id: str | None = None
    client_id: str | None = None


@final
class Callers:
    """Lets calls in.

    ``token`` is the org's API token, ``token_id`` its id. ``restricted_token`` is one whose owner
    may not see event hooks.
    """

    def __init__(
        self, token: Secret, token_id: str, restricted_token: Secret | None, oauth: OAuthServer
    ) -> None:
        self._token = token
        self._token_id = token_id
        self._restricted_token = restricted_token
        self._oauth = oauth

    def admit(self, request: Request) -> Caller:
        """Return who calls.

        Raises:
            ApiRefusal: the org does not know the caller, or the caller may not do this.

        """
        if request.url.path == TOKEN_PATH:
            return Caller()
        authorization = request.headers.get("authorization")
        if authorization is not None and authorization.lower().startswith(_OAUTH_SCHEMES):
            return Caller(client_id=self._oauth.client_of(authorization, arriving(request)))
        self._check_token(authorization, request.url.path)
        return Caller(token_id=self._token_id)

    def _check_token(self, authorization: str | None, path: str) -> None:
        """Refuse a call of ``path`` without a good API token.

        ``SSWS<token>`` passes as ``SSWS <token>`` does: okta-sdk-python 3.4.6 sends it on writes.
        """
        if authorization is None or not authorization.lower().startswith(_SSWS):
            raise not_authenticated()
        candidate = authorization[len(_SSWS) :].strip().encode("latin-1", "replace")
        if self._token.matches(candidate):
            return
        if self._restricted_token is None or not self._restricted_token.matches(candidate):
            raise invalid_token()
        if path.startswith(_FOR_SUPER_ADMINS):
            raise no_permission()


def arriving(request: Request) -> ArrivingCall:
    """Return the call as the checks of OAuth look at it.

    Two ``DPoP`` headers are no proof (RFC 9449, 4.3): joined, they cannot be read as one.
    """
    return ArrivingCall(
        method=request.method,
        origin=f"{request.url.scheme}://{request.url.netloc}",
        path=request.scope["path"],
        proof=", ".join(request.headers.getlist("dpop")) or None,
    )
