"""Authenticates callers: the owner of an API token, or a service app with an access token."""

from dataclasses import dataclass, replace
from typing import final

from starlette.requests import Request

from okhook.sandbox.log_entries import Cause
from okhook.sandbox.oauth.proofs import ArrivingCall
from okhook.sandbox.oauth.server import TOKEN_PATH, OAuthServer
from okhook.sandbox.refusals import invalid_token, not_authenticated
from okhook.secret import Secret

_SSWS = "ssws"
_OAUTH_SCHEMES = ("bearer ", "dpop ")


@final
@dataclass(frozen=True, slots=True)
class Callers:
    """``token_id`` is the id of the API token ``token``."""

    token: Secret
    token_id: str
    oauth: OAuthServer

    def admit(self, request: Request, request_id: str) -> Cause:
        """Return the caller; raise ``ApiRefusal`` if it is unknown or has no permission."""
        cause = Cause(
            request_id=request_id,
            path=request.url.path,
            ip=request.client.host if request.client else None,
            user_agent=request.headers.get("user-agent"),
        )
        if cause.path == TOKEN_PATH:
            return cause
        authorization = request.headers.get("authorization")
        if authorization is not None and authorization.lower().startswith(_OAUTH_SCHEMES):
            client_id = self.oauth.client_of(authorization, ArrivingCall.of(request))
            return replace(cause, client_id=client_id)
        self._check_token(authorization)
        return replace(cause, token_id=self.token_id)

    def _check_token(self, authorization: str | None) -> None:
        """Refuse a call without a valid API token.

        ``SSWS<token>`` is valid without a space: okta-sdk-python 3.4.6 sends it with writes.
        """
        if authorization is None or not authorization.lower().startswith(_SSWS):
            raise not_authenticated()
        candidate = authorization[len(_SSWS) :].strip().encode("latin-1", "replace")
        if not self.token.matches(candidate):
            raise invalid_token()
