"""Make one attempt: POST a stored delivery to an app, and return the outcome."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime

from okhook.config.settings import Settings
from okhook.forward.request import request_headers
from okhook.forward.retry import asked_wait_s
from okhook.http.client import HttpClient, HttpError
from okhook.records.attempt import ANSWER_LIMIT_BYTES, Attempt, Purpose
from okhook.records.record import Record
from okhook.secret import HookAuth

_TYPE_LIMIT = 200
"""How much of an answer's content type is kept, in characters."""


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
    """Send a stored delivery as attempt ``number`` (1 …). A failed attempt raises no error.

    ``now`` returns aware UTC.
    """
    began = clock()
    attempt = Attempt(record.seq, to.url, purpose, number, now(), duration_s=0.0, status=None)
    headers = request_headers(record, number, url=to.url, auth=to.auth, send_secret=to.send_secret)
    try:
        answer = await client.send(
            "POST",
            to.url,
            headers=headers,
            body=record.request.body,
            timeout_s=to.timeout_s,
            only_first_bytes=ANSWER_LIMIT_BYTES,
        )
    except HttpError as error:
        duration_s = clock() - began
        return Sent(replace(attempt, duration_s=duration_s, fault=error.fault, reason=error.reason))
    content_type = answer.header("content-type")
    answered = replace(
        attempt,
        duration_s=clock() - began,
        status=answer.status,
        answer=answer.body,
        answer_type=None if content_type is None else content_type[:_TYPE_LIMIT],
    )
    return Sent(answered, asked_wait_s(answer, now()))
