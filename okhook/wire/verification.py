"""The verification challenge: Okta's one-time GET, and the answer that proves who owns the URL.

Okta's guide: the value of ``X-Okta-Verification-Challenge`` comes back as
``{"verification": value}`` with status 200, within 3 seconds.
"""

import json
from collections.abc import Sequence

CHALLENGE_HEADER = "x-okta-verification-challenge"


def challenge_of(headers: Sequence[tuple[bytes, bytes]]) -> str | None:
    """Return the challenge in ``headers``, or None where there is none or it is empty."""
    wanted = CHALLENGE_HEADER.encode()
    for name, value in headers:
        if name.lower() == wanted and value:
            return value.decode("latin-1")
    return None


def answer_body(challenge: str) -> bytes:
    """Return the JSON body that answers ``challenge``."""
    return json.dumps({"verification": challenge}).encode()


def echo_of(body: bytes) -> str | None:
    """Return the value that an answer echoes, or None where the body is not such an answer."""
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(answer, dict):
        return None
    echoed = answer.get("verification")
    return echoed if isinstance(echoed, str) else None
