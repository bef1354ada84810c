"""What the HTTP protocol tells an app about the body of a request."""

from collections.abc import Iterable

from starlette.types import Scope

WHOLE_BODY = "okhook.whole_body"
"""Is in the ``state`` of a request whose whole body is here: reading it never waits."""

REFUSAL = "okhook.refusal"
"""Is in the ``state`` of a request whose body could not be read: the answer, and why."""


def refusal_of(scope: Scope) -> tuple[int, str] | None:
    """Return the answer to a request whose body could not be read, and why; None if it could."""
    refusal: tuple[int, str] | None = scope.get("state", {}).get(REFUSAL)
    return refusal


def declared_bytes(headers: Iterable[tuple[bytes, bytes]]) -> int:
    """Return the length that a request declares for its body; 0 if it declares none."""
    for name, value in headers:
        if name == b"content-length":
            return int(value) if value.isdigit() else 0
    return 0
