"""The canary: a synthetic delivery that tests the path from a URL to the store."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

import anyio

from okhook.http.client import Headers, HttpClient
from okhook.json_form import timestamp
from okhook.records.record import Record, RecordKind
from okhook.runtime.ids import new_uuid
from okhook.secret import HookAuth
from okhook.wire.delivery import body_of, envelope
from okhook.wire.hook_call import CallAttempt, deliver, delivery_headers
from okhook.wire.payload import CANARY_EVENT_TYPE

_SOURCE = "urn:okhook:canary"

CANARY_HEADER: Final = "X-Okhook-Canary"
"""Marks the request as a canary, even if it is refused and stored without its body."""

CANARY_REMARK: Final = " (okhook's own canary)"
"""The end of the reason why a canary was refused."""


_REQUEST_ID = b"x-okta-request-id"


class Arrivals(Protocol):
    """The new records of a store, which may belong to another process."""

    async def last_seq(self) -> int:
        """Return the ``seq`` of the newest record."""

    async def first(self, after_seq: int, wanted: Callable[[Record], bool]) -> Record:
        """Wait for the first record after ``after_seq`` that is wanted, and return it."""


@dataclass(frozen=True, slots=True)
class Canary:
    """A canary, which can be posted several times, and the ``seq`` that it comes after."""

    event_id: str
    since: int
    arrivals: Arrivals

    async def post(
        self,
        http: HttpClient,
        url: str,
        auth: HookAuth | None,
        *,
        now: datetime,
        custom: Headers = (),
    ) -> CallAttempt:
        """Post it as Okta does. Pass ``auth`` only if ``url`` leads to this machine."""
        event = {
            "uuid": new_uuid(),
            "published": timestamp(now),
            "eventType": CANARY_EVENT_TYPE,
            "version": "0",
            "displayMessage": "okhook tests the path of this hook",
            "severity": "DEBUG",
            "outcome": {"result": "SUCCESS", "reason": None},
            "actor": None,
            "target": None,
        }
        body = body_of(envelope([event], source=_SOURCE, event_id=self.event_id, event_time=now))
        headers = delivery_headers(self.event_id, auth, ((CANARY_HEADER, "1"), *custom))
        return (await deliver(http, url, headers, body)).last

    async def arrival(self, within_s: float) -> Record | None:
        """Wait for its record, refused or not; None if it does not arrive in time."""
        with anyio.move_on_after(within_s):
            return await self.arrivals.first(self.since, self._is_in)
        return None

    def _is_in(self, record: Record) -> bool:
        """Return whether a record is this canary. A refused one has no body."""
        if record.kind is RecordKind.REFUSED:
            return (_REQUEST_ID, self.event_id.encode()) in record.request.headers
        if record.kind is not RecordKind.CANARY:
            return False
        return record.delivery.event_id == self.event_id


async def new_canary(arrivals: Arrivals) -> Canary:
    """Return a new canary."""
    return Canary(new_uuid(), await arrivals.last_seq(), arrivals)
