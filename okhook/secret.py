"""Secrets that cannot be printed by accident, and the header that carries one."""

import base64
import hmac
import re
from dataclasses import dataclass

HIDDEN = b"[hidden]"
"""Replaces the value of a header that is or may be a secret."""

_MAY_CARRY_ONE = re.compile(
    r"auth(?!or(?:ity|$))|cookie|credential|jwt|key(?:$|[-_])|passw|secret|session|sig(?:$|[-_])"
    r"|signature|token"
)


class Secret:
    """A string that ``str``, ``repr``, format and pickle do not show, only :meth:`reveal`."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        if not value:
            raise ValueError("a secret cannot be empty")
        self._value = value

    def reveal(self) -> str:
        """Return the value, to send it."""
        return self._value

    def matches(self, candidate: bytes) -> bool:
        """Return in constant time whether ``candidate``, a header value, is the secret."""
        return hmac.compare_digest(self._value.encode(), candidate)

    def occurs_in(self, text: bytes) -> bool:
        """Return whether ``text`` contains the secret."""
        return self._value.encode() in text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(
            self._value.encode(), other._value.encode()
        )

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return "Secret(…)"

    def __reduce__(self) -> str:
        raise TypeError("a secret does not leave the process")


@dataclass(frozen=True, slots=True)
class HookAuth:
    """The header that Okta sends with every call of a hook. The secret is its whole value."""

    field: str
    secret: Secret

    @classmethod
    def basic(cls, user_and_password: Secret) -> "HookAuth":
        """Return HTTP Basic for ``USER:PASSWORD``, in the ``Authorization`` header."""
        pair = user_and_password.reveal()
        if ":" not in pair:
            raise ValueError("Basic authentication is USER:PASSWORD, with a colon between them")
        encoded = base64.b64encode(pair.encode()).decode()
        return cls("Authorization", Secret(f"Basic {encoded}"))

    def header(self) -> tuple[str, str]:
        """Return the name and the value of the header."""
        return self.field, self.secret.reveal()


def may_carry_credential(name: str) -> bool:
    """Return whether a header called ``name`` may carry a credential. When in doubt, yes."""
    return _MAY_CARRY_ONE.search(name.lower()) is not None
