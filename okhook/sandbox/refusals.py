"""The errors of the API, in Okta's envelope.

Only ``errorCode`` is for programs. If Okta's code or words are not known, the refusal is
``synthetic``, and a header of the answer tells.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from okhook.json_form import JsonObject as Json

SYNTHETIC_HEADER = "X-Okhook-Synthetic"

_NOT_WELL_FORMED = "The request body was not well-formed."


@dataclass(eq=False)
class ApiRefusal(Exception):
    """An error that the API answers with. Any function of the sandbox can raise it."""

    status: int
    code: str
    summary: str
    causes: Sequence[str] = ()
    synthetic: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)

    def body(self, error_id: str) -> dict[str, Any]:
        """Return the JSON body. ``error_id`` identifies the answer."""
        return {
            "errorCode": self.code,
            "errorSummary": self.summary,
            "errorLink": self.code,
            "errorId": error_id,
            "errorCauses": [{"errorSummary": cause} for cause in self.causes],
        }


invalid_token = partial(ApiRefusal, 401, "E0000011", "Invalid token provided")

not_authenticated = partial(ApiRefusal, 401, "E0000004", "Authentication failed", synthetic=True)
"""For a call without an API token. Okta's choice among its 401 codes is not known."""

no_permission = partial(
    ApiRefusal, 403, "E0000006", "You do not have permission to perform the requested action"
)

already_active = partial(
    ApiRefusal,
    403,
    "E0000016",
    "Activation failed because the user is already active",
    synthetic=True,
)

malformed_body = partial(ApiRefusal, 400, "E0000003", _NOT_WELL_FORMED)

length_required = partial(
    ApiRefusal,
    411,
    "E0000003",
    _NOT_WELL_FORMED,
    ["a POST to a lifecycle operation needs the header Content-Length: 0"],
    synthetic=True,
)

too_many_requests = partial(
    ApiRefusal, 429, "E0000047", "API call exceeded rate limit due to too many requests."
)


def invalid(subject: str, *causes: str) -> ApiRefusal:
    """Refuse invalid values of a ``subject``."""
    summary = f"Api validation failed: {subject}"
    return ApiRefusal(400, "E0000001", summary, causes, synthetic=True)


def hook_not_verified(hook_name: str) -> ApiRefusal:
    """Report a failed verification. Okta has the same words for every reason."""
    cause = f"Unable to verify event hook. Hook {hook_name} execution failed"
    return ApiRefusal(400, "E0000001", "Api validation failed: eventHook", [cause])


def not_found(name: str, kind: str, *, synthetic: bool = False) -> ApiRefusal:
    """Report a missing resource; ``kind`` is Okta's word for it: ``Webhook``, ``User``."""
    summary = f"Not found: Resource not found: {name} ({kind})"
    return ApiRefusal(404, "E0000007", summary, synthetic=synthetic)


def method_not_supported(allowed: str) -> ApiRefusal:
    """Refuse a method; the endpoint has the ``allowed`` ones."""
    summary = "The endpoint does not support the provided HTTP method"
    return ApiRefusal(405, "E0000022", summary, headers={"Allow": allowed})


def unreadable_body(status: int, cause: str) -> ApiRefusal:
    """Refuse a body, and close the connection, on which the rest of it can still arrive."""
    closing = {"Connection": "close"}
    return ApiRefusal(status, "E0000003", _NOT_WELL_FORMED, [cause], True, closing)


def internal_error(fault: str) -> ApiRefusal:
    """Report a bug of the sandbox by the name of its exception, never its message."""
    return ApiRefusal(500, "E0000009", "Internal Server Error", [fault], synthetic=True)


_MOST_ATTRIBUTES = 200
_LONGEST_SHOWN = 100


@dataclass
class Validation:
    """Collects the faults of a body that describes a ``subject``.

    ``path`` is the place of a member in the body; its last part is the member's name.
    """

    subject: str
    _causes: list[str] = field(default_factory=list)

    def add(self, path: str, cause: str) -> None:
        """Add a fault of the value at ``path``."""
        self._causes.append(f"{path}: {cause}")

    def refuse_if_any(self) -> None:
        """Raise ``ApiRefusal`` if there are faults."""
        if self._causes:
            raise invalid(self.subject, *self._causes)

    def text(self, source: Json, path: str, *, longest: int = 1024) -> str:
        """Return a text that is required; "" if it is invalid."""
        value = source.get(_name(path))
        if not isinstance(value, str) or not value.strip():
            self.add(path, "must be a text that is not empty")
            return ""
        return value if self._fits(value, path, longest) else ""

    def optional_text(self, source: Json, path: str, *, longest: int = 1024) -> str | None:
        """Return a text; None if it is absent or invalid."""
        value = source.get(_name(path))
        if value is None:
            return None
        if not isinstance(value, str):
            self.add(path, "must be a text")
            return None
        return value if self._fits(value, path, longest) else None

    def object(self, source: Json, path: str) -> Json | None:
        """Return an object that is required; None if it is invalid."""
        value = source.get(_name(path))
        if not isinstance(value, dict):
            self.add(path, "must be an object")
            return None
        return value

    def objects(self, source: Json, path: str) -> list[Json]:
        """Return an array of objects; an empty one if it is absent or invalid."""
        value = source.get(_name(path))
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
            self.add(path, "must be an array of objects")
            return []
        return value

    def attributes(self, profile: Json) -> None:
        """Check the number of attributes of a profile and the types of their values."""
        if len(profile) > _MOST_ATTRIBUTES:
            self.add("profile", f"must not have more than {_MOST_ATTRIBUTES} attributes")
        for name, value in profile.items():
            elements = value if isinstance(value, list) else [value]
            if any(isinstance(element, dict | list) for element in elements):
                shown = name.encode("utf-8", "replace").decode()[:_LONGEST_SHOWN]
                self.add(shown, "must be a text, a number, a boolean or an array of these")

    def choice(self, source: Json, path: str, of: Sequence[str]) -> str | None:
        """Return one of the texts ``of``; None if it is absent or invalid."""
        value = source.get(_name(path))
        if value is None or value in of:
            return value
        self.add(path, f"must be {' or '.join(of)}")
        return None

    def constant(self, source: Json, path: str, only: str) -> None:
        """Check a value that can only be ``only``."""
        if source.get(_name(path)) != only:
            self.add(path, f"must be {only}")

    def _fits(self, value: str, path: str, longest: int) -> bool:
        if len(value) > longest:
            self.add(path, f"must not be longer than {longest} characters")
            return False
        try:
            value.encode()
        except UnicodeEncodeError:
            self.add(path, "must not contain half of a surrogate pair")
            return False
        return True


def _name(path: str) -> str:
    return path.rpartition(".")[2]
