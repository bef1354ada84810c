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
from okhook.wire.hook_call import CallAttempt, deliver, delivery_headers

_REQUEST_ID = b"x-okta-request-id"


class Arrivals(Protocol):
    """What arrives in the store, which may be that of another process."""

    async def last_seq(self) -> int:
        """Return the newest record's ``seq``."""
        ...

    async def first(self, after_seq: int, wanted: Callable[[Record], bool]) -> Record:
        """Wait for the first record after ``after_seq`` that is wanted, and return it."""
        ...


@final
class Canary:
    """A canary, which may be posted several times. Made by :func:`new_canary`."""

    def __init__(self, event_id: str, since: int, arrivals: Arrivals) -> None:
        self._event_id = event_id
        self._since = since
        self._arrivals = arrivals

    async def post(
        self, http: HttpClient, url: str, auth: HookAuth | None, *, now: datetime
    ) -> CallAttempt:
        """Post it as Okta posts a delivery.

        With ``auth``, the caller must know that ``url`` leads to a receiver of this machine.
        """
        body = canary_body(event_id=self._event_id, event_uuid=new_uuid(), moment=now)
        headers = delivery_headers(self._event_id, auth, ((CANARY_HEADER, "1"),))
        return (await deliver(http, url, headers, body)).last

    async def arrival(self, within_s: float) -> Record | None:
        """Wait for its record, which is kept of a refused canary too; None if it is late."""
        with anyio.move_on_after(within_s):
            return await self._arrivals.first(self._since, self._is_in)
        return None

    def _is_in(self, record: Record) -> bool:
        """Return whether a record is this canary. A refused one is kept without a body."""
        if record.kind is RecordKind.REFUSED:
            return (_REQUEST_ID, self._event_id.encode()) in record.request.headers
        if record.kind is not RecordKind.CANARY:
            return False
        return record.delivery.event_id == self._event_id


async def new_canary(arrivals: Arrivals) -> Canary:
    """Return a new canary, which is looked for among the records from now on."""
    return Canary(new_uuid(), await arrivals.last_seq(), arrivals)


def was_refused(canary: Record) -> bool:
    """Return whether a canary reached a receiver that expects another secret."""
    return canary.auth is AuthOutcome.DID_NOT_MATCH
