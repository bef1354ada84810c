"""How the org refuses OAuth: at its token endpoint, and for an access token at its API.

The words are Okta's own where they are known from what people report; the others are synthetic. At
the API the reason stands in ``WWW-Authenticate``. Okta has been seen to send that without a body;
the sandbox sends its envelope too.
"""

from functools import partial
from typing import Any

from okhook.sandbox.oauth.jwts import ALGORITHMS
from okhook.sandbox.refusals import ApiRefusal, invalid_token, no_permission


class TokenRefusal(ApiRefusal):
    """No access token: OAuth's own error object instead of Okta's envelope."""

    def body(self, error_id: str) -> dict[str, Any]:
        """Return the JSON body (RFC 6749, 5.2)."""
        del error_id
        return {"error": self.code, "error_description": self.summary}


bad_request = partial(TokenRefusal, 400)
"""Refuse a token request: OAuth's error code, and a description."""

invalid_client = partial(TokenRefusal, 401, "invalid_client")
"""Refuse a client assertion, with a description."""


def token_not_accepted(scheme: str, org_url: str) -> ApiRefusal:
    """Refuse a token that is not ours, has ended, or is used in another way than it was issued."""
    challenge = _challenge(scheme, org_url, "invalid_token", "The access token is invalid.")
    return invalid_token(headers=challenge, synthetic=True)


def nonce_required(org_url: str, nonce: str) -> ApiRefusal:
    """Refuse a proof whose nonce is not ours or too old, and give another (RFC 9449, 9)."""
    description = "Resource server requires nonce in DPoP proof"
    challenge = _challenge("DPoP", org_url, "use_dpop_nonce", description)
    headers = {**challenge, "dpop-nonce": nonce}
    return invalid_token(headers=headers, synthetic=True)


def scope_missing(scheme: str, org_url: str, scope: str) -> ApiRefusal:
    """Refuse a token without the scope that the call needs."""
    description = "The access token provided does not contain the required scopes."
    headers = _challenge(scheme, org_url, "insufficient_scope", description, scope)
    return no_permission(headers=headers, synthetic=True)


def proof_not_accepted(org_url: str, reason: str) -> ApiRefusal:
    """Refuse a proof at the API."""
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
