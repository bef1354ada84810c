"""Rebuild a delivery that never came, from the System Log's entry, and post it to a receiver.

The receiver stores, shows and forwards it like any other.
"""

import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from okhook.errors import AnswerIsNo, CredentialsError, OkhookError, Unavailable
from okhook.http.client import HttpClient
from okhook.okta.event_hooks import EventHook
from okhook.okta.log_entry import LogEntry, hook_event
from okhook.records.record import RECONSTRUCTED_HEADER
from okhook.runtime.ids import new_uuid
from okhook.secret import HookAuth
from okhook.wire.envelope import body_of, envelope, hook_source
from okhook.wire.hook_call import CallAttempt, deliver, delivery_headers
from okhook.wire.org import Org
from okhook.wire.payload import NotADelivery, checked_events, payload_of

_REFUSES_THIS_ONE = frozenset({400, 413})
"""Statuses of a receiver that will take others, and never this one: malformed, or too large."""


@dataclass(frozen=True, slots=True)
class Reconstruction:
    """A delivery to send: ``event_id`` is its own, made of hook and event alone."""

    entry: LogEntry
    event_id: str
    body: bytes


Redeliver = Callable[[Reconstruction], Awaitable[None]]
"""Has a delivery in the store when it returns.

It raises :class:`NotReconstructed` where no receiver would take this delivery, and an
``OkhookError`` where the receiver takes nothing.
"""


class NotReconstructed(Exception):
    """No receiver takes this one delivery, now or later; the message says why."""


def reconstruction(entry: LogEntry, hook: EventHook, org: Org) -> Reconstruction:
    """Return the delivery of one entry, in the shape that the hook's deliveries have.

    Its id is the same each time, so that two runs that rebuild one event at the same moment make a
    duplicate that everyone recognises.
    """
    source = hook_source(org.url, hook.id)
    event_id = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{source}#{entry.uuid}"))
    body = envelope(
        [hook_event(entry.raw)], source=source, event_id=event_id, event_time=entry.published
    )
    return Reconstruction(entry, event_id, body_of(body))


async def redeliver(
    missing: Reconstruction, http: HttpClient, url: str, auth: HookAuth | None
) -> None:
    """Post the delivery to the receiver at ``url``; an answer of 2xx says that it is stored.

    One that is malformed is not sent: the receiver would store it anew each time.

    Raises:
        NotReconstructed: no receiver takes this delivery; it may take others.
        OkhookError: the receiver takes nothing.
    """
    try:
        checked_events(payload_of(missing.body))
    except NotADelivery as error:
        raise NotReconstructed(str(error)) from None
    request_id = new_uuid().replace("-", "")
    headers = delivery_headers(request_id, auth, ((RECONSTRUCTED_HEADER, "1"),))
    call = await deliver(http, url, headers, missing.body)
    if call.last.delivered:
        return
    if call.last.answer is not None and call.last.answer.status in _REFUSES_THIS_ONE:
        raise NotReconstructed(f"the receiver answered HTTP {call.last.answer.status}")
    raise _takes_nothing(url, call.last)


def _takes_nothing(url: str, last: CallAttempt) -> OkhookError:
    what = f"the receiver at {url} takes no reconstructed delivery"
    next_step = "see what it says, and run this again: what is there is not sent again"
    if last.answer is None:
        why = last.error.reason if last.error else "no answer"
        return Unavailable(what, why=why, next_step=next_step)
    if last.answer.status == 401:
        return CredentialsError(
            f"the receiver at {url} refuses reconstructed deliveries",
            why="it asks for the hook's secret, and this is not it",
            next_step="set OKHOOK_AUTH_SECRET or OKHOOK_BASIC_AUTH, or use --auth-secret-file",
        )
    error = Unavailable if last.answer.status >= 500 else AnswerIsNo
    return error(what, why=f"it answered HTTP {last.answer.status}", next_step=next_step)
