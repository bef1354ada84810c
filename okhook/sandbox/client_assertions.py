"""Client assertions (``private_key_jwt``): which app asks for a token, and whether it is that app.

An assertion counts once, also where the request that it came with is refused for another reason.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import final

from okhook.sandbox.jwts import BadJwt, Jwt, signed_with_one_of, unverified_issuer
from okhook.sandbox.oauth_refusals import (
    assertion_lives_too_long,
    assertion_used,
    invalid_client,
    wrong_audience,
)
from okhook.sandbox.service_apps import ServiceApp
from okhook.sandbox.used_once import UsedOnce

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

_LONGEST_S = 3_600
_CLOCKS_MAY_DIFFER_S = 60
"""How far ahead an assertion's ``iat`` may be; what Okta allows is not known."""


@final
class ClientAssertions:
    """Knows the apps of the org by what they sign."""

    def __init__(self, apps: Sequence[ServiceApp]) -> None:
        self._apps: Mapping[str, ServiceApp] = {app.client_id: app for app in apps}
        self._used = UsedOnce(timedelta(seconds=_LONGEST_S))

    def app_of(self, assertion: str, endpoint: str, now: datetime) -> ServiceApp:
        """Return the app that signed ``assertion`` for ``endpoint``.

        Raises:
            TokenRefusal: none did, it is for another endpoint or another time, or it came before.

        """
        app = self._named(assertion)
        try:
            jwt = signed_with_one_of(assertion, app.keys)
        except BadJwt as fault:
            raise invalid_client(f"The client_assertion signature is invalid: {fault}.") from None
        _check(jwt, app, endpoint, now.timestamp())
        jti = jwt.text("jti")
        if jti is not None and not self._used.is_new(f"{app.client_id} {jti}", now):
            raise assertion_used()
        return app

    def _named(self, assertion: str) -> ServiceApp:
        try:
            issuer = unverified_issuer(assertion)
        except BadJwt:
            raise invalid_client("The client_assertion token cannot be parsed.") from None
        app = self._apps.get(issuer)
        if app is None:
            raise invalid_client("Invalid value for 'client_id' parameter.")
        return app


def _check(jwt: Jwt, app: ServiceApp, endpoint: str, now_s: float) -> None:
    if jwt.text("iss") != app.client_id or jwt.text("sub") != app.client_id:
        raise invalid_client("The iss and sub claims of client_assertion must be the client_id.")
    audience = jwt.claims.get("aud")
    if endpoint not in (audience if isinstance(audience, list) else [audience]):
        raise wrong_audience()
    expires = jwt.time("exp")
    if expires is None:
        raise invalid_client("The client_assertion token must have an expiration.")
    if expires <= now_s:
        raise invalid_client("The client_assertion token is expired.")
    if expires - now_s > _LONGEST_S:
        raise assertion_lives_too_long()
    issued = jwt.time("iat")
    if issued is not None and issued > now_s + _CLOCKS_MAY_DIFFER_S:
        raise invalid_client("The client_assertion token was issued in the future.")
