"""Call a hook's URL the way Okta does: its headers, its 3 seconds, its one retry.

Okta's event hook guide: a call times out after 3 seconds; a delivery is retried once, on a timeout
or a 5xx, and never on a 4xx; a verification once, after a timeout or any error response. Redirects
are not followed.
"""

from dataclasses import dataclass

from okhook.http.client import Answer, Headers, HttpClient, HttpError, TimedOut
from okhook.secret import HookAuth
from okhook.wire.verification import CHALLENGE_HEADER

TIMEOUT_S = 3.0
DELIVERY_USER_AGENT = "Okta Hook Service v1.0.0 - okhook"
VERIFICATION_USER_AGENT = "Okta-Integrations"


@dataclass(frozen=True, slots=True)
class CallAttempt:
    """One request: its answer, or the error instead of one."""

    answer: Answer | None
    error: HttpError | None

    @property
    def delivered(self) -> bool:
        """Whether the answer was 2xx."""
        return self.answer is not None and self.answer.is_success


@dataclass(frozen=True, slots=True)
class HookCall:
    """The one or two attempts of a call, in their order."""

    attempts: tuple[CallAttempt, ...]

    @property
    def last(self) -> CallAttempt:
        """The attempt that decided the call."""
        return self.attempts[-1]


def delivery_headers(
    request_id: str, auth: HookAuth | None = None, custom: Headers = ()
) -> list[tuple[str, str]]:
    """Return the headers of a delivery, as seen in a real one, in the order of that one."""
    own = [("Content-Type", "application/json"), ("User-Agent", DELIVERY_USER_AGENT)]
    sent = [("Accept", "application/json"), *own, ("X-Okta-Request-Id", request_id), *custom]
    return [*sent, auth.header()] if auth else sent


def verification_headers(
    challenge: str, request_id: str, auth: HookAuth | None = None, custom: Headers = ()
) -> list[tuple[str, str]]:
    """Return the headers of the one-time verification GET."""
    own = [("User-Agent", VERIFICATION_USER_AGENT), ("X-Okta-Request-Id", request_id)]
    sent = [("Accept", "application/json"), *own, (CHALLENGE_HEADER, challenge), *custom]
    return [*sent, auth.header()] if auth else sent


async def deliver(client: HttpClient, url: str, headers: Headers, body: bytes) -> HookCall:
    """POST a delivery; a timeout or a 5xx is tried once more."""
    first = await _attempt(client, "POST", url, headers, body)
    failed = first.answer.status >= 500 if first.answer else isinstance(first.error, TimedOut)
    if not failed:
        return HookCall((first,))
    return HookCall((first, await _attempt(client, "POST", url, headers, body)))


async def verify(client: HttpClient, url: str, headers: Headers) -> HookCall:
    """Send the verification GET; a timeout or any error response is tried once more."""
    first = await _attempt(client, "GET", url, headers, None)
    if first.delivered:
        return HookCall((first,))
    return HookCall((first, await _attempt(client, "GET", url, headers, None)))


async def _attempt(
    client: HttpClient, method: str, url: str, headers: Headers, body: bytes | None
) -> CallAttempt:
    try:
        answer = await client.send(method, url, headers=headers, body=body, timeout_s=TIMEOUT_S)
    except HttpError as error:
        return CallAttempt(None, error)
    return CallAttempt(answer, None)
