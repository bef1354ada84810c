"""How the org refuses OAuth: at its token endpoint, and for an access token at its API.

The words are Okta's own where they are known from what people report; the others are marked.
"""

from typing import Any

from okhook.sandbox.jwts import ALGORITHMS
from okhook.sandbox.refusals import ApiRefusal


class TokenRefusal(ApiRefusal):
    """No access token: OAuth's own error object instead of Okta's envelope."""

    def body(self, error_id: str) -> dict[str, Any]:
        """Return the JSON body (RFC 6749, 5.2)."""
        del error_id
        return {"error": self.code, "error_description": self.summary}


def invalid_request(description: str) -> TokenRefusal:
    """Refuse a request that cannot be meant."""
    return TokenRefusal(400, "invalid_request", description, synthetic=True)


def unsupported_grant_type() -> TokenRefusal:
    """Refuse every grant but ``client_credentials``, which is all that a service app has."""
    return TokenRefusal(
        400,
        "unsupported_grant_type",
        "The sandbox knows the grant type client_credentials alone.",
        synthetic=True,
    )


def invalid_client(description: str) -> TokenRefusal:
    """Refuse an assertion; these words are the sandbox's."""
    return TokenRefusal(401, "invalid_client", description, synthetic=True)


def wrong_audience() -> TokenRefusal:
    """Refuse an assertion for somebody else."""
    return TokenRefusal(
        401,
        "invalid_client",
        "The audience claim for client_assertion must be the endpoint invoked for the request.",
    )


def assertion_lives_too_long() -> TokenRefusal:
    """Refuse an assertion that would be good for over an hour."""
    return TokenRefusal(
        401,
        "invalid_client",
        "The client_assertion token has an expiration too far into the future.",
    )


def assertion_used() -> TokenRefusal:
    """Refuse an assertion that came before, be it with a request that was refused."""
    return TokenRefusal(401, "invalid_client", "The client_assertion token has already been used.")


def nothing_granted() -> TokenRefusal:
    """Refuse an app that was granted none of the scopes it asks for."""
    return TokenRefusal(400, "consent_required", "You are not allowed any of the requested scopes.")


def proof_missing() -> TokenRefusal:
    """Refuse an app that has to send a proof and did not."""
    return TokenRefusal(400, "invalid_dpop_proof", "The DPoP proof JWT header is missing.")


def bad_proof(reason: str) -> TokenRefusal:
    """Refuse a proof at the token endpoint."""
    return TokenRefusal(400, "invalid_dpop_proof", reason, synthetic=True)


def nonce_wanted(nonce: str) -> TokenRefusal:
    """Refuse a proof without a nonce of ours, and give one."""
    return TokenRefusal(
        400,
        "use_dpop_nonce",
        "Authorization server requires nonce in DPoP proof.",
        headers={"dpop-nonce": nonce},
    )


class ApiChallenge(ApiRefusal):
    """An access token is refused at the API: the reason stands in ``WWW-Authenticate``.

    Okta has been seen to send it without a body; the sandbox sends its envelope too.
    """


def token_not_accepted(scheme: str, org_url: str) -> ApiChallenge:
    """Refuse a token that is not ours, has ended, or is used in another way than it was issued."""
    return ApiChallenge(
        401,
        "E0000011",
        "Invalid token provided",
        headers=_challenge(scheme, org_url, "invalid_token", "The access token is invalid."),
        synthetic=True,
    )


def scope_lacking(scheme: str, org_url: str, scope: str) -> ApiChallenge:
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
    return ApiChallenge(
        400,
        "E0000001",
        "Api validation failed: DPoP",
        causes=[reason],
        headers=_challenge("DPoP", org_url, "invalid_dpop_proof", reason),
        synthetic=True,
    )


def fresh_nonce_wanted(org_url: str, nonce: str) -> ApiChallenge:
    """Refuse a proof whose nonce is not ours or too old, and give another (RFC 9449, 9)."""
    description = "Resource server requires nonce in DPoP proof"
    challenge = _challenge("DPoP", org_url, "use_dpop_nonce", description)
    return ApiChallenge(
        401,
        "E0000011",
        "Invalid token provided",
        headers={**challenge, "dpop-nonce": nonce},
        synthetic=True,
    )


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
