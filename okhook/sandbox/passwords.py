"""Passwords and answers to recovery questions: the policy, and what the org keeps of them.

The org keeps a hash, never the text.
"""

import hashlib
import hmac
import re
import secrets

_SHORTEST = 8
_LONGEST = 72
_SHORTEST_PART = 4
_NOT_MET = (
    "Password requirements were not met. Password requirements: at least 8 characters, a lowercase"
    " letter, an uppercase letter, a number, no parts of your username."
)


def fault_of(password: str, login: str) -> str | None:
    """Return why Okta's default policy refuses a password; None if it does not."""
    kinds = (str.islower, str.isupper, str.isdigit)
    has_kinds = all(any(map(is_kind, password)) for is_kind in kinds)
    parts = (
        part for part in re.split(r"[,.\-_#@]", login.casefold()) if len(part) >= _SHORTEST_PART
    )
    has_part = any(part in password.casefold() for part in parts)
    if has_kinds and not has_part and _SHORTEST <= len(password) <= _LONGEST:
        return None
    return _NOT_MET


def hashed(text: str) -> str:
    """Return what is kept of a password or an answer."""
    salt = secrets.token_hex(16)
    return f"{salt}${_hash(text, salt)}"


def is_right(text: str, kept: str | None) -> bool:
    """Tell whether a text is the one of which ``kept`` was made."""
    salt, _, expected = (kept or "$").partition("$")
    return bool(expected) and hmac.compare_digest(_hash(text, salt), expected)


def temporary() -> str:
    """Return a temporary password that the policy accepts."""
    return f"aA1{secrets.token_hex(6)}"


def _hash(text: str, salt: str) -> str:
    # Quick on purpose: the org is on one machine, and a test signs in often.
    sealed = hashlib.scrypt(text.encode("utf-8", "replace"), salt=salt.encode(), n=1024, r=8, p=1)
    return sealed.hex()
