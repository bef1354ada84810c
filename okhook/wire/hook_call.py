"""Call a hook's URL as Okta does.

Okta's event hook guide: a call times out after 3 seconds. Okta retries a delivery once after a
timeout or a 5xx, and a verification once after a timeout or any error. It follows no redirects.
"""

from dataclasses import dataclass
from typing import Protocol

from okhook.http.client import Answer, Headers
from okhook.http.errors import HttpError, TimedOut
from okhook.secret import HookAuth
from okhook.wire.delivery import CHALLENGE_HEADER

TIMEOUT_S = 3.0
DELIVERY_USER_AGENT = "Okta Hook Service v1.0.0 - okhook"
VERIFICATION_USER_AGENT = "Okta-Integrations"

GONE_BECAUSE = "its Hookdeck source was deleted, or the guest account has expired"
"""Why a webhook URL answers 410."""


class Client(Protocol):
    """What sends a request: ``HttpClient``, or what calls an application object in this process."""

    async def send(
        self, method: str, url: str, *, headers: Headers, body: bytes | None, timeout_s: float
    ) -> Answer:
        """Send one request, and return the answer or raise ``HttpError``."""


@dataclass(frozen=True, slots=True)
class CallAttempt:
    """One request, with its answer or its error."""

    answer: Answer | None
    error: HttpError | None

    @property
    def delivered(self) -> bool:
        """Whether the answer was 2xx."""
        return self.answer is not None and self.answer.is_success


@dataclass(frozen=True, slots=True)
class HookCall:
    """The one or two attempts of a call."""

    attempts: tuple[CallAttempt, ...]

    @property
    def last(self) -> CallAttempt:
        """The last attempt, which decides the result."""
        return self.attempts[-1]


def delivery_headers(
    request_id: str, auth: HookAuth | None = None, custom: Headers = ()
) -> list[tuple[str, str]]:
    """Return the headers of a delivery, in the order of a real one."""
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


async def deliver(
    client: Client, url: str, headers: Headers, body: bytes, *, timeout_s: float | None = None
) -> HookCall:
    """POST a delivery; retry once after a timeout or a 5xx."""
    first = await _attempt(client, "POST", url, headers, body, timeout_s)
    failed = first.answer.status >= 500 if first.answer else isinstance(first.error, TimedOut)
    if not failed:
        return HookCall((first,))
    return HookCall((first, await _attempt(client, "POST", url, headers, body, timeout_s)))


async def verify(
    client: Client, url: str, headers: Headers, *, timeout_s: float | None = None
) -> HookCall:
    """Send the verification GET; retry once after a timeout or any error."""
    first = await _attempt(client, "GET", url, headers, None, timeout_s)
    if first.delivered:
        return HookCall((first,))
    return HookCall((first, await _attempt(client, "GET", url, headers, None, timeout_s)))


async def _attempt(
    client: Client,
    method: str,
    url: str,
    headers: Headers,
    body: bytes | None,
    timeout_s: float | None,
) -> CallAttempt:
    limit_s = TIMEOUT_S if timeout_s is None else timeout_s
    try:
        answer = await client.send(method, url, headers=headers, body=body, timeout_s=limit_s)
    except HttpError as error:
        return CallAttempt(None, error)
    return CallAttempt(answer, None)
