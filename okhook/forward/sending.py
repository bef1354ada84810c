"""Make one attempt: POST a stored delivery to an app, and return the outcome."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from okhook.config.settings import Settings
from okhook.forward.retry import asked_wait_s
from okhook.http.client import HttpClient
from okhook.http.errors import HttpError
from okhook.records.attempt import ANSWER_LIMIT_BYTES, Attempt, Purpose
from okhook.records.record import Record
from okhook.secret import HIDDEN, HookAuth, StreamLogin
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


@dataclass(frozen=True, slots=True)
class Destination:
    """A target, and the hook's secret ``auth``. Other machines get it only with ``send_secret``.

    A stream may ask for a ``login``, and never gets the hook's secret. ``retried_for_s`` is how
    long a delivery may be tried again.
    """

    url: str
    auth: HookAuth | None = None
    send_secret: bool = False
    timeout_s: float = Settings.forward_timeout.default
    login: StreamLogin | None = None
    retried_for_s: float = 0.0


def may_have_secret(url: str, *, send_secret: bool) -> bool:
    """Return whether ``url`` gets the hook's secret: on this machine, or with ``send_secret``."""
    return send_secret or is_loopback(urlsplit(url).hostname or "")


def request_headers(record: Record, number: int, to: Destination) -> HeaderPairs:
    """Return the headers of attempt ``number`` (1 …): the stored ones, ours, and the secret.

    Headers of one connection, and those with a secret, are removed.
    """
    auth = to.auth
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
    return (*kept, *own_headers(record, number, to))


def own_headers(record: Record, number: int, to: Destination) -> HeaderPairs:
    """Return the headers that okhook adds to attempt ``number``, as :func:`request_headers`."""
    added = [
        (DELIVERY_HEADER, str(record.seq).encode()),
        (ATTEMPT_HEADER, str(number).encode()),
    ]
    if record.duplicate_of is not None:
        added.append((DUPLICATE_HEADER, str(record.duplicate_of).encode()))
    if to.auth is not None and may_have_secret(to.url, send_secret=to.send_secret):
        field, secret = to.auth.header()
        added.append((field.encode(), secret.encode()))
    return tuple(added)


def _named_by_connection(headers: HeaderPairs) -> frozenset[bytes]:
    values = [value for name, value in headers if name.lower() == b"connection"]
    return frozenset(word.strip().lower() for value in values for word in value.split(b","))


_TYPE_LIMIT = 200
"""How much of an answer's content type is kept, in characters."""


_SECRET_ROOM_BYTES = 4096
"""How much more is read, so that no secret is cut in two before it is hidden."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What became of a request or a message. A target that acknowledged it gave a ``status``.

    ``is_repetition`` says that a stream had the message already. ``asked_s`` is the wait that the
    target asked for. The rest is as in ``Attempt``.
    """

    status: int | None
    fault: str | None = None
    reason: str | None = None
    answer: bytes = b""
    answer_type: str | None = None
    asked_s: float | None = None
    is_repetition: bool = False

    @property
    def accepted(self) -> bool:
        """Whether the status is 2xx."""
        return self.status is not None and 200 <= self.status < 300


@dataclass(frozen=True, slots=True)
class Sent:
    """An attempt that was made; ``asked_s`` is the wait that the app asked for."""

    attempt: Attempt
    asked_s: float | None = None


Send = Callable[[Record, int], Awaitable[Sent]]
"""Sends a stored delivery as attempt 1, 2, … to an app."""


async def attempted(
    record: Record,
    number: int,
    ask: Callable[[Record, int], Awaitable[Reply]],
    *,
    to: Destination,
    purpose: Purpose,
    now: Callable[[], datetime],
    clock: Callable[[], float] = time.monotonic,
) -> Sent:
    """Make attempt ``number`` (1 …), for which ``ask`` returns the reply of the target.

    An answer is kept without the hook's secret.
    """
    began, began_at = clock(), now()
    reply = await ask(record, number)
    answer, answer_type = reply.answer, reply.answer_type
    if to.auth is not None:  # an app may repeat its request
        answer = to.auth.hidden_in(answer)
        answer_type = answer_type and to.auth.secret.hidden_in(answer_type, HIDDEN.decode())
    attempt = Attempt(
        record.seq,
        to.url,
        purpose,
        number,
        began_at,
        clock() - began,
        reply.status,
        reply.fault,
        reply.reason,
        answer[:ANSWER_LIMIT_BYTES],
        None if answer_type is None else answer_type[:_TYPE_LIMIT],
    )
    return Sent(attempt, reply.asked_s)


async def post_delivery(
    record: Record,
    number: int,
    *,
    to: Destination,
    client: HttpClient,
    now: Callable[[], datetime],
) -> Reply:
    """POST a stored delivery to an app. A failed attempt raises no error."""
    url, headers = record.request.url_at(to.url), request_headers(record, number, to)
    return await post(url, headers, record.request.body, to=to, client=client, now=now)


async def post(
    url: str,
    headers: HeaderPairs,
    body: bytes,
    *,
    to: Destination,
    client: HttpClient,
    now: Callable[[], datetime],
) -> Reply:
    """Make one request to ``url`` at ``to``. A failed one raises no error."""
    try:
        answer = await client.send(
            "POST",
            url,
            headers=headers,
            body=body,
            timeout_s=to.timeout_s,
            only_first_bytes=ANSWER_LIMIT_BYTES + _SECRET_ROOM_BYTES,
        )
    except HttpError as error:
        return Reply(None, error.fault, error.reason)
    return Reply(
        answer.status,
        answer=answer.body,
        answer_type=answer.header("content-type"),
        asked_s=asked_wait_s(answer, now()),
    )
