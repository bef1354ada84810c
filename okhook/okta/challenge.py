"""``WWW-Authenticate``: how Okta refuses an OAuth token, often with nothing in the body."""

import re
from dataclasses import dataclass

from okhook.http.client import Answer
from okhook.okta.redaction import Hush
from okhook.text import plain

_PARAMETER = re.compile(r'([a-z_]{1,40})="([^"]{0,1000})"')
_SCHEME = re.compile(r"\s*(Bearer|DPoP)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Challenge:
    """What an org wants of a token. ``error`` is for programs (RFC 6750, RFC 9449)."""

    error: str
    description: str | None
    scope: str | None

    def told(self) -> str:
        """Return it as the reason in an error of ours."""
        return f"{self.error}: {self.description}" if self.description else self.error


def challenge_of(answer: Answer, hush: Hush) -> Challenge | None:
    """Return the first challenge that names an error, or None where there is none."""
    for value in answer.header_values("www-authenticate"):
        if not _SCHEME.match(value):
            continue
        found = dict(_PARAMETER.findall(value))
        if error := found.get("error"):
            return Challenge(
                plain(hush(error), limit=60),
                _shown(found.get("error_description"), hush),
                _shown(found.get("scope"), hush),
            )
    return None


def _shown(text: str | None, hush: Hush) -> str | None:
    return plain(hush(text), limit=300) if text else None
