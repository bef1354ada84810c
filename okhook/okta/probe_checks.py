"""The checks of an answer to the verification challenge, each with what its failure means.

Okta's guide: the answer is 200 with JSON ``{"verification": value}``, within 3 seconds, and
redirects are not followed.
"""

import json
from dataclasses import dataclass
from enum import Enum, auto

from okhook.http.client import Answer
from okhook.okta.redaction import Hush
from okhook.text import plain
from okhook.wire.hook_call import TIMEOUT_S
from okhook.wire.verification import echo_of

CONTENT_TYPE = "content type"
_EXCERPT = 200
_READ_BYTES = 64 * 1024


class SecretSent(Enum):
    """What is known of the secret that the org sends, and whether our own GET carried it."""

    YES = auto()
    THERE_IS_NONE = auto()
    NOT_KNOWN = auto()


@dataclass(frozen=True, slots=True)
class Finding:
    """One step; where it failed, what that means and what mends it."""

    name: str
    ok: bool | None
    detail: str
    cause: str = ""
    next_step: str = ""


def redirect_check(answer: Answer, hush: Hush) -> Finding:
    """Check that the endpoint answers itself, and sends the org nowhere else."""
    if not 300 <= answer.status < 400:
        return Finding("redirect", True, "none")
    target = plain(hush(answer.header("location") or "nowhere"), limit=_EXCERPT)
    return Finding(
        "redirect",
        False,
        f"HTTP {answer.status} to {target}",
        f"the endpoint redirects to {target}, and Okta follows no redirects",
        "register the address that it redirects to, if that is the endpoint",
    )


def status_check(answer: Answer, secret: SecretSent, hush: Hush) -> Finding:
    """Check that the status is 200, and say what another one means."""
    said = _excerpt_of(answer, hush)
    if answer.status == 200:
        return Finding("status", True, "HTTP 200")
    detail = f"HTTP {answer.status}" + (f": {said}" if said else "")
    cause, next_step = _meaning_of(answer.status, secret)
    return Finding(
        "status", False, detail, f"the endpoint answers HTTP {answer.status}: {cause}", next_step
    )


def _meaning_of(status: int, secret: SecretSent) -> tuple[str, str]:
    match status:
        case 401 | 403:
            return _meaning_of_no_entry(secret)
        case 404:
            return (
                "there is nothing at that path",
                "check the path of the URL against the receiver's",
            )
        case 405:
            return (
                "it does not take GET",
                "let the endpoint answer GET as well: Okta verifies with one",
            )
        case 502 | 503 | 504:
            return (
                "a proxy or a tunnel is there, and the application behind it is not",
                "start the application",
            )
        case _ if status >= 500:
            return "it stumbled", "look into the endpoint's own log"
        case _:
            return (
                "it must answer 200",
                "let it answer the challenge with 200 and the JSON echo",
            )


def _meaning_of_no_entry(secret: SecretSent) -> tuple[str, str]:
    match secret:
        case SecretSent.YES:
            return (
                "it does not accept the secret",
                "register the hook with the secret that the endpoint expects",
            )
        case SecretSent.THERE_IS_NONE:
            return (
                "it wants a secret, and the hook has none",
                "register the hook with the endpoint's secret: OKHOOK_AUTH_SECRET, --basic-auth",
            )
        case SecretSent.NOT_KNOWN:
            return (
                "it wants the hook's secret, which is not known here and was not sent",
                "set the hook's secret (OKHOOK_AUTH_SECRET), and its URL (--url) if that is yours",
            )


def content_type_check(answer: Answer, hush: Hush) -> Finding:
    """Check that the answer calls itself JSON."""
    kind = answer.header("content-type") or ""
    media_type = kind.split(";")[0].strip().lower()
    if media_type == "application/json":
        return Finding(CONTENT_TYPE, True, media_type)
    shown = plain(hush(kind), limit=80) or "none"
    return Finding(
        CONTENT_TYPE,
        False,
        shown,
        f"the answer's content type is {shown}, and Okta asks for application/json",
        "send Content-Type: application/json with the answer",
    )


def json_check(answer: Answer, hush: Hush) -> Finding:
    """Check that the body is JSON."""
    try:
        json.loads(answer.body)
    except (ValueError, RecursionError):
        said = _excerpt_of(answer, hush)
        return Finding(
            "JSON",
            False,
            said or "empty",
            "the answer is not JSON",
            'answer with {"verification": "<the challenge>"}',
        )
    return Finding("JSON", True, "")


def echo_check(answer: Answer, challenge: str, hush: Hush) -> Finding:
    """Check that the challenge came back."""
    echoed = echo_of(answer.body)
    if echoed == challenge:
        return Finding("echo", True, "the challenge came back")
    if echoed is None:
        detail = 'no text under "verification"'
    else:
        detail = f"another value: {plain(hush(echoed), limit=60)}"
    return Finding(
        "echo",
        False,
        detail,
        f"the answer does not give the challenge back: {detail}",
        'answer with {"verification": "<the challenge>"}, the value of the header'
        " x-okta-verification-challenge unchanged",
    )


def time_check(answer: Answer, *, first_was_late: bool) -> Finding:
    """Check that the answer came within Okta's 3 s, at the first request too."""
    took = f"{answer.elapsed_s:.2f} s"
    if first_was_late:
        took = f"more than {TIMEOUT_S:g} s at first, then {took}"
    elif answer.elapsed_s <= TIMEOUT_S:
        return Finding("time", True, took)
    return Finding(
        "time",
        False,
        f"{took}; Okta waits {TIMEOUT_S:g} s",
        f"the answer took {took}, and Okta waits {TIMEOUT_S:g} s",
        "answer first and work afterwards; a cold start may need a warm-up",
    )


def _excerpt_of(answer: Answer, hush: Hush) -> str:
    """Return the beginning of the body, on one line."""
    text = hush(answer.body[:_READ_BYTES].decode("utf-8", "replace"))
    return plain(text.strip(), limit=_EXCERPT)
