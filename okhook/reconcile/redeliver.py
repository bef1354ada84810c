"""Rebuild a missed delivery from its entry in the System Log, and post it to a receiver.

The receiver stores, shows and forwards it like any other.
"""

import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from okhook.errors import AnswerIsNo, CredentialsError, OkhookError, Unavailable
from okhook.http.client import HttpClient
from okhook.okta.event_hooks import EventHook
from okhook.okta.system_log import LogEntry, hook_event
from okhook.records.record import RECONSTRUCTED_HEADER
from okhook.runtime.ids import new_uuid
from okhook.secret import HookAuth
from okhook.wire.delivery import body_of, envelope, hook_source
from okhook.wire.hook_call import CallAttempt, deliver, delivery_headers
from okhook.wire.org import Org
from okhook.wire.payload import NotADelivery, checked_events, payload_of
from okhook.wire.url import with_query

_REFUSES_THIS_ONE = frozenset({400, 413})
"""The receiver refuses this delivery, malformed or too large, and accepts others."""


@dataclass(frozen=True, slots=True)
class Reconstruction:
    """The delivery of one entry of the System Log, and the query of the hook's URL."""

    entry: LogEntry
    event_id: str
    body: bytes
    query: str = ""


Redeliver = Callable[[Reconstruction], Awaitable[None]]
"""Stores a delivery before it returns. It raises like :func:`redeliver`."""


class NotReconstructed(Exception):
    """No receiver can accept this delivery; the message says why."""


def reconstruction(entry: LogEntry, hook: EventHook, org: Org) -> Reconstruction:
    """Return the delivery of one entry.

    Its id depends on hook and event alone: if two runs rebuild the same event, the second delivery
    counts as a duplicate.
    """
    source = hook_source(org.url, hook.id)
    event_id = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{source}#{entry.uuid}"))
    body = envelope(
        [hook_event(entry.raw)], source=source, event_id=event_id, event_time=entry.published
    )
    query = hook.url.partition("#")[0].partition("?")[2]
    return Reconstruction(entry, event_id, body_of(body), query)


async def redeliver(
    missing: Reconstruction, http: HttpClient, url: str, auth: HookAuth | None
) -> None:
    """Post the delivery to the receiver at ``url``, which stores it.

    Raises:
        NotReconstructed: the receiver cannot accept this delivery, but may accept others.
        OkhookError: the receiver accepts no deliveries.
    """
    # The receiver would store a malformed delivery again in each run.
    try:
        checked_events(payload_of(missing.body))
    except NotADelivery as error:
        raise NotReconstructed(str(error)) from None
    request_id = new_uuid().replace("-", "")
    headers = delivery_headers(request_id, auth, ((RECONSTRUCTED_HEADER, "1"),))
    call = await deliver(http, with_query(url, missing.query), headers, missing.body)
    if call.last.delivered:
        return
    if call.last.answer is not None and call.last.answer.status in _REFUSES_THIS_ONE:
        raise NotReconstructed(f"the receiver returned HTTP {call.last.answer.status}")
    raise _accepts_nothing(url, call.last)


def _accepts_nothing(url: str, last: CallAttempt) -> OkhookError:
    what = f"the receiver at {url} did not accept a reconstructed delivery"
    next_step = "check the receiver's output, and run this again; stored events are not sent again"
    if last.answer is None:
        why = last.error.reason if last.error else "no answer"
        return Unavailable(what, why=why, next_step=next_step)
    if last.answer.status == 401:
        return CredentialsError(
            f"the receiver at {url} refused a reconstructed delivery",
            why="it requires the hook's secret, and the one in use is wrong or missing",
            next_step="set OKHOOK_AUTH_SECRET or OKHOOK_BASIC_AUTH, or use --auth-secret-file",
        )
    error = Unavailable if last.answer.status >= 500 else AnswerIsNo
    return error(what, why=f"it returned HTTP {last.answer.status}", next_step=next_step)
