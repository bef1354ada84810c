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


_synthetic = partial(ApiRefusal, synthetic=True)

invalid_token = partial(ApiRefusal, 401, "E0000011", "Invalid token provided")

not_authenticated = partial(_synthetic, 401, "E0000004", "Authentication failed")
"""For a call without an API token. Okta's choice among its 401 codes is not known."""

authentication_failed = partial(ApiRefusal, 401, "E0000004", "Authentication failed")

no_permission = partial(
    ApiRefusal, 403, "E0000006", "You do not have permission to perform the requested action"
)

already_active = partial(
    _synthetic, 403, "E0000016", "Activation failed because the user is already active"
)

not_in_this_status = partial(
    _synthetic, 403, "E0000038", "This operation is not allowed in the user's current status."
)

unlock_not_allowed = partial(_synthetic, 403, "E0000032", "Unlock is not allowed for this user.")

forgot_password_not_allowed = partial(
    _synthetic, 403, "E0000034", "Forgot password not allowed on specified user."
)

_NO_FEATURE = "You do not have permission to access the feature you are requesting"
feature_missing = partial(_synthetic, 403, "E0000015", _NO_FEATURE)
"""For a path that Okta has and the sandbox has not."""

unsupported = partial(_synthetic, 501, "E0000060", "Unsupported operation.")
"""For a change of a group that Okta manages."""

precondition_failed = partial(
    ApiRefusal,
    412,
    "E0000001",
    "Api validation failed: If-Match",
    ["If-Match: the user was changed in the meantime"],
    synthetic=True,
)

_TOO_MANY = ["The number of group targets is too large"]
too_many_groups = partial(ApiRefusal, 400, "E0000093", "Target count limit exceeded", _TOO_MANY)

_EXPIRE = "Could not create user. To create a user and expire their password immediately,"
_WITHOUT_ACTIVATION = f"{_EXPIRE} `activate` must be true."
_WITHOUT_PASSWORD = f"{_EXPIRE} a password must be specified."

expired_without_activation = partial(
    ApiRefusal, 400, "E0000125", _WITHOUT_ACTIVATION, [_WITHOUT_ACTIVATION]
)
expired_without_password = partial(
    ApiRefusal, 400, "E0000124", _WITHOUT_PASSWORD, [_WITHOUT_PASSWORD]
)

malformed_body = partial(ApiRefusal, 400, "E0000003", _NOT_WELL_FORMED)

_NO_LENGTH = ["a POST to a lifecycle operation needs the header Content-Length: 0"]
length_required = partial(_synthetic, 411, "E0000003", _NOT_WELL_FORMED, _NO_LENGTH)

too_many_requests = partial(
    ApiRefusal, 429, "E0000047", "API call exceeded rate limit due to too many requests."
)


def invalid(subject: str, *causes: str) -> ApiRefusal:
    """Refuse invalid values of a ``subject``."""
    summary = f"Api validation failed: {subject}"
    return _synthetic(400, "E0000001", summary, causes)


def invalid_search(cause: str) -> ApiRefusal:
    """Refuse a ``search`` or a ``filter``."""
    return _synthetic(400, "E0000031", "Invalid search criteria.", [cause])


def credentials_not_updated(cause: str) -> ApiRefusal:
    """Refuse a change of a password or of a recovery question."""
    return _synthetic(403, "E0000014", "Update of credentials failed", [cause])


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
    return _synthetic(500, "E0000009", "Internal Server Error", [fault])


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

    def attribute(self, name: str, cause: str) -> None:
        """Add a fault in Okta's words; the first attribute at fault is the refusal's subject."""
        if not self._causes:
            self.subject = name
        self._causes.append(cause)

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

    def unknown(self, name: str, where: str) -> None:
        """Add the fault of an attribute that ``where`` does not have."""
        shown = name.encode("utf-8", "replace").decode()[:_LONGEST_SHOWN]
        self.add(shown, f"is not an attribute of {where}")

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
            self.add(path, "must not contain an unpaired surrogate")
            return False
        return True


def _name(path: str) -> str:
    return path.rpartition(".")[2]
