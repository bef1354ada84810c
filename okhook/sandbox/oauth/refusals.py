"""How the org refuses OAuth: at its token endpoint, and for an access token at its API.

The words are Okta's own where they are known from what people report; the others are synthetic.
"""

from collections.abc import Mapping
from typing import Any

from okhook.sandbox.oauth.jwts import ALGORITHMS
from okhook.sandbox.refusals import ApiRefusal


class TokenRefusal(ApiRefusal):
    """No access token: OAuth's own error object instead of Okta's envelope."""

    def body(self, error_id: str) -> dict[str, Any]:
        """Return the JSON body (RFC 6749, 5.2)."""
        del error_id
        return {"error": self.code, "error_description": self.summary}


class ApiChallenge(ApiRefusal):
    """An access token is refused at the API: the reason stands in ``WWW-Authenticate``.

    Okta has been seen to send it without a body; the sandbox sends its envelope too.
    """


def bad_request(
    error: str,
    description: str,
    *,
    synthetic: bool = False,
    headers: Mapping[str, str] | None = None,
) -> TokenRefusal:
    """Refuse a token request with status 400."""
    return TokenRefusal(400, error, description, synthetic=synthetic, headers=headers)


def invalid_client(description: str, *, synthetic: bool = False) -> TokenRefusal:
    """Refuse a client assertion."""
    return TokenRefusal(401, "invalid_client", description, synthetic=synthetic)


def token_not_accepted(scheme: str, org_url: str) -> ApiChallenge:
    """Refuse a token that is not ours, has ended, or is used in another way than it was issued."""
    challenge = _challenge(scheme, org_url, "invalid_token", "The access token is invalid.")
    return _invalid_token(challenge)


def nonce_required(org_url: str, nonce: str) -> ApiChallenge:
    """Refuse a proof whose nonce is not ours or too old, and give another (RFC 9449, 9)."""
    description = "Resource server requires nonce in DPoP proof"
    challenge = _challenge("DPoP", org_url, "use_dpop_nonce", description)
    return _invalid_token({**challenge, "dpop-nonce": nonce})


def scope_missing(scheme: str, org_url: str, scope: str) -> ApiChallenge:
    """Refuse a token without the scope that the call needs."""
    description = "The access token provided does not contain the required scopes."
    return ApiChallenge(
        403,
        "E0000006",
        "You do not have permission to perform the requested action",
        headers=_challenge(scheme, org_url, "insufficient_scope", description, scope),
        synthetic=True,
    )


def proof_not_accepted(org_url: str, reason: str) -> ApiChallenge:
    """Refuse a proof at the API."""
    headers = _challenge("DPoP", org_url, "invalid_dpop_proof", reason)
    summary = "Api validation failed: DPoP"
    return ApiChallenge(400, "E0000001", summary, causes=[reason], headers=headers, synthetic=True)


def _invalid_token(headers: Mapping[str, str]) -> ApiChallenge:
    return ApiChallenge(401, "E0000011", "Invalid token provided", headers=headers, synthetic=True)


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
