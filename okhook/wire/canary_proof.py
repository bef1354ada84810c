"""Prove a path: post a canary to its URL, and wait until it is in the store."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol, final

import anyio

from okhook.http.client import HttpClient
from okhook.records.record import AuthOutcome, Record, RecordKind
from okhook.runtime.ids import new_uuid
from okhook.secret import HookAuth
from okhook.wire.canary import CANARY_HEADER, canary_body
from okhook.wire.delivery import parse_delivery
from okhook.wire.hook_call import CallAttempt, deliver, delivery_headers

_REQUEST_ID = b"x-okta-request-id"


class Arrivals(Protocol):
    """What comes into the store: our own, or that of another process."""

    async def last_seq(self) -> int:
        """Return where the store ends for now."""
        ...

    async def first(self, after_seq: int, wanted: Callable[[Record], bool]) -> Record:
        """Wait for the first record after ``after_seq`` that is wanted, and return it."""
        ...


@final
class Canary:
    """One canary, however often it is posted. Made by :func:`new_canary`."""

    def __init__(self, event_id: str, since: int, arrivals: Arrivals) -> None:
        self._event_id = event_id
        self._since = since
        self._arrivals = arrivals

    async def post(
        self, http: HttpClient, url: str, auth: HookAuth | None, *, now: datetime
    ) -> CallAttempt:
        """Post it as Okta posts a delivery. ``url`` must be known to lead to a receiver of ours."""
        body = canary_body(event_id=self._event_id, event_uuid=new_uuid(), moment=now)
        headers = delivery_headers(self._event_id, auth, ((CANARY_HEADER, "1"),))
        return (await deliver(http, url, headers, body)).last

    async def arrival(self, within_s: float) -> Record | None:
        """Wait for it in the store; a receiver that refused it has a record of it too."""
        with anyio.move_on_after(within_s):
            return await self._arrivals.first(self._since, self._is_in)
        return None

    def _is_in(self, record: Record) -> bool:
        """Tell whether a record is this canary; one that was refused is kept without its body."""
        if record.kind is RecordKind.REFUSED:
            return (_REQUEST_ID, self._event_id.encode()) in record.request.headers
        if record.kind is not RecordKind.CANARY:
            return False
        return parse_delivery(record.request.body).event_id == self._event_id


async def new_canary(arrivals: Arrivals) -> Canary:
    """Return a canary that is looked for among what comes into the store from now on."""
    return Canary(new_uuid(), await arrivals.last_seq(), arrivals)


def was_refused(canary: Record) -> bool:
    """Tell whether a canary reached a receiver that expects another secret."""
    return canary.auth is AuthOutcome.DID_NOT_MATCH
