"""The checks of an answer to the verification challenge, each with what its failure means.

Okta's guide: the answer is 200 with JSON ``{"verification": value}``, within 3 seconds, and
redirects are not followed.
"""

import json
from enum import Enum

from okhook.http.client import Answer
from okhook.okta.activities import ProbeStep
from okhook.okta.answers import Redact, page_title
from okhook.text import plain
from okhook.wire.delivery import echo_of
from okhook.wire.hook_call import GONE_BECAUSE, TIMEOUT_S

CONTENT_TYPE = "content type"
_EXCERPT = 200
_READ_BYTES = 64 * 1024

_PROXY = (
    "a proxy or a tunnel responds, but the application behind it does not",
    "start the application",
)
_MEANING = {
    404: ("there is nothing at that path", "check the path of the URL against the receiver's"),
    405: ("it does not accept GET", "make the endpoint also accept GET: Okta verifies with a GET"),
    410: (
        f"the URL is gone; {GONE_BECAUSE}",
        "start the tunnel again, and register the hook with its new URL",
    ),
    **dict.fromkeys((502, 503, 504), _PROXY),
}
"""What a status means, and what to do about it."""


class SecretSent(Enum):
    """Whether our own GET carried the hook's secret, with what a 401 means in that case."""

    YES = (
        "it does not accept the secret",
        "register the hook with the secret that the endpoint expects",
    )
    THERE_IS_NONE = (
        "it requires a secret, but the hook has none",
        "register the hook with the endpoint's secret: OKHOOK_AUTH_SECRET, --basic-auth",
    )
    NOT_KNOWN = (
        "it requires the hook's secret, which okhook does not know",
        "set OKHOOK_AUTH_SECRET, and pass the hook's URL with --url if it is yours",
    )


def check_redirect(answer: Answer, redact: Redact) -> ProbeStep:
    """Check that the endpoint answers itself, and sends the org nowhere else."""
    if not 300 <= answer.status < 400:
        return ProbeStep("redirect", True, "none")
    target = plain(redact(answer.header("location") or "nowhere"), limit=_EXCERPT)
    return ProbeStep(
        "redirect",
        False,
        f"HTTP {answer.status} to {target}",
        f"the endpoint redirects to {target}, but Okta does not follow redirects",
        "register the URL that it redirects to",
    )


def check_status(answer: Answer, secret: SecretSent, redact: Redact) -> ProbeStep:
    """Check that the status is 200, and say what another one means."""
    status = f"HTTP {answer.status}"
    if answer.status == 200:
        return ProbeStep("status", True, status)
    if answer.status == 403 or (answer.status == 401 and answer.is_page):
        cause, next_step = _meaning_of_refusal(answer, secret, redact)
    elif answer.status == 401:
        cause, next_step = secret.value
    elif answer.status in _MEANING:
        cause, next_step = _MEANING[answer.status]
    elif answer.status >= 500:
        cause, next_step = "it stumbled", "look in the endpoint's log"
    else:
        cause = "it must return 200"
        next_step = "return 200 and the challenge as JSON"
    said = _excerpt_of(answer, redact)
    detail = f"{status}: {said}" if said else status
    return ProbeStep("status", False, detail, f"the endpoint returns {status}: {cause}", next_step)


def _meaning_of_refusal(answer: Answer, secret: SecretSent, redact: Redact) -> tuple[str, str]:
    """Return what may have refused the request: a firewall answers 403 before the endpoint does."""
    lacks, remedy = secret.value
    who = "something in front of it" if answer.is_page else "it, or something in front of it,"
    title = page_title(answer, redact)
    server = plain(redact(answer.header("server") or ""), limit=60)
    signs = [f"the page is titled {title}"] if title else []
    signs += [f"the server is {server}"] if server else []
    shown = f" ({', '.join(signs)})" if signs else ""
    return (
        f"{who} refuses the request{shown}; or {lacks}",
        f"allow Okta's calls in the firewall or bot protection in front of it; or {remedy}",
    )


def check_content_type(answer: Answer, redact: Redact) -> ProbeStep:
    """Check that the answer calls itself JSON."""
    kind = answer.header("content-type") or ""
    media_type = kind.split(";")[0].strip().lower()
    if media_type == "application/json":
        return ProbeStep(CONTENT_TYPE, True, media_type)
    shown = plain(redact(kind), limit=80) or "none"
    return ProbeStep(
        CONTENT_TYPE,
        False,
        shown,
        f"the response's content type is {shown}, but Okta expects application/json",
        "send the header Content-Type: application/json in the response",
    )


def check_json(answer: Answer, redact: Redact) -> ProbeStep:
    """Check that the body is JSON."""
    try:
        json.loads(answer.body)
    except (ValueError, RecursionError):
        return ProbeStep(
            "JSON",
            False,
            _excerpt_of(answer, redact) or "empty",
            "the response is not JSON",
            'answer with {"verification": "<the challenge>"}',
        )
    return ProbeStep("JSON", True, "")


def check_echo(answer: Answer, challenge: str, redact: Redact) -> ProbeStep:
    """Check that it returns the challenge."""
    echoed = echo_of(answer.body)
    if echoed == challenge:
        return ProbeStep("echo", True, "it returns the challenge")
    detail = 'no string under "verification"'
    if echoed is not None:
        detail = f"another value: {plain(redact(echoed), limit=60)}"
    return ProbeStep(
        "echo",
        False,
        detail,
        f"the response does not return the challenge: {detail}",
        'answer with {"verification": "<the challenge>"}, the value of the header'
        " x-okta-verification-challenge unchanged",
    )


def check_time(answer: Answer, *, first_was_late: bool) -> ProbeStep:
    """Check that the answer came within Okta's 3 s, at the first request too."""
    took = f"{answer.elapsed_s:.2f} s"
    if first_was_late:
        took = f"more than {TIMEOUT_S:g} s at first, then {took}"
    elif answer.elapsed_s <= TIMEOUT_S:
        return ProbeStep("time", True, took)
    return ProbeStep(
        "time",
        False,
        f"{took}; Okta waits {TIMEOUT_S:g} s",
        f"the response took {took}, but Okta waits only {TIMEOUT_S:g} s",
        "respond first, and do the work afterwards; keep the service running if it starts slowly",
    )


def _excerpt_of(answer: Answer, redact: Redact) -> str:
    """Return the beginning of the body, on one line."""
    text = redact(answer.body[:_READ_BYTES].decode("utf-8", "replace"))
    return plain(text.strip(), limit=_EXCERPT)
