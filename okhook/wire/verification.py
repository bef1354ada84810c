"""The verification challenge: Okta's one-time GET, and the answer that proves the ownership."""

import json
from collections.abc import Sequence

CHALLENGE_HEADER = "x-okta-verification-challenge"


def challenge_of(headers: Sequence[tuple[bytes, bytes]]) -> str | None:
    """Return the challenge in ``headers``, or None if it is missing or empty."""
    wanted = CHALLENGE_HEADER.encode()
    for name, value in headers:
        if name.lower() == wanted and value:
            return value.decode("latin-1")
    return None


def answer_body(challenge: str) -> bytes:
    """Return the JSON body that answers ``challenge``."""
    return json.dumps({"verification": challenge}).encode()


def echo_of(body: bytes) -> str | None:
    """Return the challenge in the body of an answer, or None."""
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(answer, dict):
        return None
    echoed = answer.get("verification")
    return echoed if isinstance(echoed, str) else None
