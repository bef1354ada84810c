"""OAuth refusals: at the token endpoint, and for an access token at the API.

The words are Okta's own if they are known from reports; the others are synthetic. At the API the
reason is in ``WWW-Authenticate``. Okta sends that without a body; the sandbox adds its envelope.
"""

from functools import partial
from typing import Any

from okhook.sandbox.oauth.jwts import ALGORITHMS
from okhook.sandbox.refusals import ApiRefusal, invalid_token, no_permission


class TokenRefusal(ApiRefusal):
    """A refusal with OAuth's error object instead of Okta's envelope."""

    def body(self, error_id: str) -> dict[str, Any]:
        """Return the JSON body (RFC 6749, 5.2)."""
        del error_id
        return {"error": self.code, "error_description": self.summary}


bad_request = partial(TokenRefusal, 400)
invalid_client = partial(TokenRefusal, 401, "invalid_client")


_API_REFUSALS = {
    "invalid_token": (invalid_token, "The access token is invalid."),
    "use_dpop_nonce": (invalid_token, "Resource server requires nonce in DPoP proof"),
    "insufficient_scope": (
        no_permission,
        "The access token provided does not contain the required scopes.",
    ),
}


def token_refused(
    error: str, scheme: str, org_url: str, *, scope: str | None = None, nonce: str | None = None
) -> ApiRefusal:
    """Refuse an access token at the API with an OAuth ``error``.

    The client needs ``scope``, or a proof with a new ``nonce`` (RFC 9449, 9).
    """
    refuse, description = _API_REFUSALS[error]
    headers = _challenge(scheme, org_url, error, description, scope)
    if nonce is not None:
        headers["dpop-nonce"] = nonce
    return refuse(headers=headers, synthetic=True)


def proof_refused(org_url: str, reason: str) -> ApiRefusal:
    """Refuse a DPoP proof at the API."""
    headers = _challenge("DPoP", org_url, "invalid_dpop_proof", reason)
    summary = "Api validation failed: DPoP"
    return ApiRefusal(400, "E0000001", summary, [reason], synthetic=True, headers=headers)


def _challenge(
    scheme: str, org_url: str, error: str, description: str, scope: str | None = None
) -> dict[str, str]:
    parameters = {
        **({"algs": " ".join(ALGORITHMS)} if scheme == "DPoP" else {}),
        "authorization_uri": f"{org_url}/oauth2/v1/authorize",
        "realm": org_url,
        **({} if scope is None else {"scope": scope}),
        "error": error,
        "error_description": description,
    }
    shown = ", ".join(f'{name}="{value}"' for name, value in parameters.items())
    return {"WWW-Authenticate": f"{scheme} {shown}"}
