"""Okta's error envelope, its codes, and the refusals that the sandbox answers with.

Only ``errorCode`` is for programs; the words are for people. Where Okta's own words, or the code
itself, are not known, the refusal is ``synthetic`` and its answer says so in a header.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

SYNTHETIC_HEADER = "X-Okhook-Synthetic"

_NOT_WELL_FORMED = "The request body was not well-formed."


@dataclass(eq=False)
class ApiRefusal(Exception):
    """An API call is answered with an error."""

    status: int
    code: str
    summary: str
    causes: Sequence[str] = ()
    synthetic: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)

    def body(self, error_id: str) -> dict[str, Any]:
        """Return the JSON body: Okta's envelope. ``error_id`` names this one answer."""
        return {
            "errorCode": self.code,
            "errorSummary": self.summary,
            "errorLink": self.code,
            "errorId": error_id,
            "errorCauses": [{"errorSummary": cause} for cause in self.causes],
        }


invalid_token = partial(ApiRefusal, 401, "E0000011", "Invalid token provided")
"""Refuse an API token that is not one of this org."""

not_authenticated = partial(ApiRefusal, 401, "E0000004", "Authentication failed", synthetic=True)
"""Refuse a call without an API token. Which of its 401 codes Okta picks is not known."""

no_permission = partial(
    ApiRefusal, 403, "E0000006", "You do not have permission to perform the requested action"
)
"""Refuse what the token's owner may not do."""

already_active = partial(
    ApiRefusal,
    403,
    "E0000016",
    "Activation failed because the user is already active",
    synthetic=True,
)
"""Refuse to activate a user that is active."""

malformed_body = partial(ApiRefusal, 400, "E0000003", _NOT_WELL_FORMED)
"""Refuse a body that is no JSON object."""

length_required = partial(
    ApiRefusal,
    411,
    "E0000003",
    _NOT_WELL_FORMED,
    ["a POST to a lifecycle operation needs the header Content-Length: 0"],
    synthetic=True,
)
"""Refuse a lifecycle POST without ``Content-Length``; Okta's words for it are not known."""

too_many_requests = partial(
    ApiRefusal, 429, "E0000047", "API call exceeded rate limit due to too many requests."
)
"""Refuse a call beyond the endpoint's rate limit."""


def invalid(subject: str, *causes: str) -> ApiRefusal:
    """Refuse a value that is not valid; Okta's words for these causes are not known."""
    summary = f"Api validation failed: {subject}"
    return ApiRefusal(400, "E0000001", summary, causes, synthetic=True)


def hook_not_verified(hook_name: str) -> ApiRefusal:
    """Tell that a hook's verification failed. Okta has the same words for every cause."""
    cause = f"Unable to verify event hook. Hook {hook_name} execution failed"
    return ApiRefusal(400, "E0000001", "Api validation failed: eventHook", [cause])


def not_found(name: str, kind: str, *, synthetic: bool = False) -> ApiRefusal:
    """Refuse what is not there; ``kind`` is Okta's word for a resource: ``Webhook``, ``User``."""
    summary = f"Not found: Resource not found: {name} ({kind})"
    return ApiRefusal(404, "E0000007", summary, synthetic=synthetic)


def method_not_supported(allowed: str) -> ApiRefusal:
    """Refuse a method that the endpoint does not have; ``allowed`` are those that it has."""
    summary = "The endpoint does not support the provided HTTP method"
    return ApiRefusal(405, "E0000022", summary, headers={"Allow": allowed})


def unreadable_body(status: int, cause: str) -> ApiRefusal:
    """Refuse a body that is too large or did not arrive; Okta's words for it are not known.

    The rest of it may still be on its way, so the connection is of no more use.
    """
    closing = {"Connection": "close"}
    return ApiRefusal(status, "E0000003", _NOT_WELL_FORMED, [cause], True, closing)


def internal_error(fault: str) -> ApiRefusal:
    """Tell that the sandbox itself stumbled; ``fault`` is the kind of error, never its words."""
    return ApiRefusal(500, "E0000009", "Internal Server Error", [fault], synthetic=True)
