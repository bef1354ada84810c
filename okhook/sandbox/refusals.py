"""Okta's error envelope, its codes, and the refusals that the sandbox answers with.

Only ``errorCode`` is for programs; the words are for people. Where Okta's own words, or the code
itself, are not known, the refusal is ``synthetic`` and its answer says so in a header.
"""

from collections.abc import Mapping, Sequence
from typing import Any

SYNTHETIC_HEADER = "X-Okhook-Synthetic"

_NOT_WELL_FORMED = "The request body was not well-formed."


class ApiRefusal(Exception):
    """An API call is answered with an error."""

    def __init__(
        self,
        status: int,
        code: str,
        summary: str,
        *,
        causes: Sequence[str] = (),
        synthetic: bool = False,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(summary)
        self.status = status
        self.code = code
        self.summary = summary
        self.causes = tuple(causes)
        self.synthetic = synthetic
        self.headers = dict(headers or {})

    def body(self, error_id: str) -> dict[str, Any]:
        """Return the JSON body: Okta's envelope. ``error_id`` names this one answer."""
        return {
            "errorCode": self.code,
            "errorSummary": self.summary,
            "errorLink": self.code,
            "errorId": error_id,
            "errorCauses": [{"errorSummary": cause} for cause in self.causes],
        }


def invalid(subject: str, *causes: str) -> ApiRefusal:
    """Refuse a value that is not valid; Okta's words for these causes are not known."""
    summary = f"Api validation failed: {subject}"
    return ApiRefusal(400, "E0000001", summary, causes=causes, synthetic=True)


def name_taken(attribute: str) -> ApiRefusal:
    """Refuse a second user or group of the same name."""
    cause = "An object with this field already exists in the current organization"
    return invalid(attribute, f"{attribute}: {cause}")


def hook_not_verified(hook_name: str) -> ApiRefusal:
    """Tell that a hook's verification failed. Okta has the same words for every cause."""
    cause = f"Unable to verify event hook. Hook {hook_name} execution failed"
    return ApiRefusal(400, "E0000001", "Api validation failed: eventHook", causes=[cause])


def invalid_token() -> ApiRefusal:
    """Refuse an API token that is not one of this org."""
    return ApiRefusal(401, "E0000011", "Invalid token provided")


def not_authenticated() -> ApiRefusal:
    """Refuse a call without an API token. Which of its 401 codes Okta picks is not known."""
    return ApiRefusal(401, "E0000004", "Authentication failed", synthetic=True)


def no_permission() -> ApiRefusal:
    """Refuse what the token's owner may not do."""
    return ApiRefusal(403, "E0000006", "You do not have permission to perform the requested action")


def already_active() -> ApiRefusal:
    """Refuse to activate a user that is active."""
    summary = "Activation failed because the user is already active"
    return ApiRefusal(403, "E0000016", summary, synthetic=True)


def resource_not_found(resource_id: str, kind: str) -> ApiRefusal:
    """Refuse a resource that is not there; ``kind`` is Okta's name: ``Webhook``, ``User``."""
    return ApiRefusal(404, "E0000007", f"Not found: Resource not found: {resource_id} ({kind})")


def path_not_found(path: str) -> ApiRefusal:
    """Refuse a path that no endpoint has."""
    summary = f"Not found: Resource not found: {path} (Endpoint)"
    return ApiRefusal(404, "E0000007", summary, synthetic=True)


def method_not_supported(allowed: str) -> ApiRefusal:
    """Refuse a method that the endpoint does not have; ``allowed`` are those that it has."""
    summary = "The endpoint does not support the provided HTTP method"
    return ApiRefusal(405, "E0000022", summary, headers={"Allow": allowed})


def malformed_body() -> ApiRefusal:
    """Refuse a body that is no JSON object."""
    return ApiRefusal(400, "E0000003", _NOT_WELL_FORMED)


def unreadable_body(status: int, cause: str) -> ApiRefusal:
    """Refuse a body that is too large or did not arrive; Okta's words for it are not known.

    The rest of it may still be on its way, so the connection is of no more use.
    """
    headers = {"Connection": "close"}
    return ApiRefusal(
        status, "E0000003", _NOT_WELL_FORMED, causes=[cause], synthetic=True, headers=headers
    )


def length_required() -> ApiRefusal:
    """Refuse a lifecycle POST without ``Content-Length``; Okta's words for it are not known."""
    cause = "a POST to a lifecycle operation needs the header Content-Length: 0"
    return ApiRefusal(411, "E0000003", _NOT_WELL_FORMED, causes=[cause], synthetic=True)


def too_many_requests() -> ApiRefusal:
    """Refuse a call beyond the endpoint's rate limit."""
    return ApiRefusal(429, "E0000047", "API call exceeded rate limit due to too many requests.")


def internal_error(fault: str) -> ApiRefusal:
    """Tell that the sandbox itself stumbled; ``fault`` is the kind of error, never its words."""
    return ApiRefusal(500, "E0000009", "Internal Server Error", causes=[fault], synthetic=True)
