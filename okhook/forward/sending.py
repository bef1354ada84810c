"""Make one attempt: POST a stored delivery to an app, and return the outcome."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlsplit

from okhook.config.settings import Settings
from okhook.forward.retry import asked_wait_s
from okhook.http.client import HttpClient, HttpError
from okhook.records.attempt import ANSWER_LIMIT_BYTES, Attempt, Purpose
from okhook.records.record import Record
from okhook.secret import HIDDEN, HookAuth
from okhook.wire.delivery import HeaderPairs
from okhook.wire.org import is_loopback

DELIVERY_HEADER = b"X-Okhook-Delivery"
ATTEMPT_HEADER = b"X-Okhook-Attempt"
DUPLICATE_HEADER = b"X-Okhook-Duplicate-Of"

_HOP_BY_HOP = (
    b"connection keep-alive proxy-authenticate proxy-authorization proxy-connection te trailer"
    b" transfer-encoding upgrade"
)
"""Headers of one connection: RFC 9110, 7.6.1."""

_SET_AGAIN = (
    b"accept-encoding content-length expect host"
    b" x-okhook-delivery x-okhook-attempt x-okhook-duplicate-of"
)

_OMITTED = frozenset([*_HOP_BY_HOP.split(), *_SET_AGAIN.split()])


def may_have_secret(url: str, *, send_secret: bool) -> bool:
    """Return whether ``url`` gets the hook's secret: on this machine, or with ``send_secret``."""
    return send_secret or is_loopback(urlsplit(url).hostname or "")


def request_headers(
    record: Record, number: int, *, url: str, auth: HookAuth | None, send_secret: bool
) -> HeaderPairs:
    """Return the headers of attempt ``number`` (1 …): the stored ones, ours, and ``auth``.

    Headers of one connection, and those with a secret, are removed. ``url`` may not have ``auth``
    unless it is on this machine, or with ``send_secret``.
    """
    omitted = _OMITTED | _named_by_connection(record.request.headers)
    if auth is not None:
        omitted |= {auth.field.lower().encode()}
    kept = [
        (name, value.strip(b" \t"))
        for name, value in record.request.headers
        if name.lower() not in omitted
        and value != HIDDEN
        and not (auth is not None and auth.secret.occurs_in(value))
    ]
    kept += [
        (DELIVERY_HEADER, str(record.seq).encode()),
        (ATTEMPT_HEADER, str(number).encode()),
    ]
    if record.duplicate_of is not None:
        kept.append((DUPLICATE_HEADER, str(record.duplicate_of).encode()))
    if auth is not None and may_have_secret(url, send_secret=send_secret):
        field, secret = auth.header()
        kept.append((field.encode(), secret.encode()))
    return tuple(kept)


def _named_by_connection(headers: HeaderPairs) -> frozenset[bytes]:
    values = [value for name, value in headers if name.lower() == b"connection"]
    return frozenset(word.strip().lower() for value in values for word in value.split(b","))


_TYPE_LIMIT = 200
"""How much of an answer's content type is kept, in characters."""


_SECRET_ROOM_BYTES = 4096
"""How much more is read, so that no secret is cut in two before it is hidden."""


@dataclass(frozen=True, slots=True)
class Sent:
    """An attempt that was made; ``asked_s`` is the wait that the app asked for."""

    attempt: Attempt
    asked_s: float | None = None


Send = Callable[[Record, int], Awaitable[Sent]]
"""Sends a stored delivery as attempt 1, 2, … to an app."""


@dataclass(frozen=True, slots=True)
class Destination:
    """An app, and the hook's secret ``auth``. Other machines get it only with ``send_secret``."""

    url: str
    auth: HookAuth | None = None
    send_secret: bool = False
    timeout_s: float = Settings.forward_timeout.default


async def send(
    record: Record,
    number: int,
    *,
    to: Destination,
    client: HttpClient,
    purpose: Purpose,
    now: Callable[[], datetime],
    clock: Callable[[], float] = time.monotonic,
) -> Sent:
    """Send a stored delivery as attempt ``number`` (1 …). A failed attempt raises no error."""
    began = clock()
    attempt = Attempt(record.seq, to.url, purpose, number, now(), duration_s=0.0, status=None)
    headers = request_headers(record, number, url=to.url, auth=to.auth, send_secret=to.send_secret)
    try:
        answer = await client.send(
            "POST",
            record.request.url_at(to.url),
            headers=headers,
            body=record.request.body,
            timeout_s=to.timeout_s,
            only_first_bytes=ANSWER_LIMIT_BYTES + _SECRET_ROOM_BYTES,
        )
    except HttpError as error:
        duration_s = clock() - began
        return Sent(replace(attempt, duration_s=duration_s, fault=error.fault, reason=error.reason))
    duration_s = clock() - began
    body, content_type = answer.body, answer.header("content-type")
    if to.auth is not None:  # an app may repeat its request
        body = to.auth.hidden_in(body)
        content_type = content_type and to.auth.secret.hidden_in(content_type, HIDDEN.decode())
    answered = replace(
        attempt,
        duration_s=duration_s,
        status=answer.status,
        answer=body[:ANSWER_LIMIT_BYTES],
        answer_type=None if content_type is None else content_type[:_TYPE_LIMIT],
    )
    return Sent(answered, asked_wait_s(answer, now()))
