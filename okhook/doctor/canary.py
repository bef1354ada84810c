"""A canary of the doctor's: posted to a URL, and looked for in the store of this machine."""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import final

import anyio
from anyio import to_thread

from okhook.errors import StoreFailed
from okhook.http.client import HttpClient
from okhook.records.record import AuthOutcome, Record, RecordKind
from okhook.runtime.ids import new_uuid
from okhook.secret import HookAuth
from okhook.store.reading import open_reader
from okhook.wire.canary import CANARY_HEADER, canary_body
from okhook.wire.delivery import parse_delivery
from okhook.wire.hook_call import CallAttempt, deliver, delivery_headers
from okhook.wire.payload import NotADelivery

_LOOK_EVERY_S = 0.05
_PAGE = 200
_REQUEST_ID = b"x-okta-request-id"


@dataclass(frozen=True, slots=True)
class CanarySent:
    """What became of a canary: the URL's answer, and the record of it in the store, if it came.

    ``elapsed_s`` lay between its POST and its arrival, or the end of the wait.
    """

    url: str
    answered: CallAttempt
    record: Record | None
    elapsed_s: float

    @property
    def was_refused(self) -> bool:
        """Whether it reached the receiver, which expects another secret."""
        return self.record is not None and self.record.auth is AuthOutcome.DID_NOT_MATCH


@final
class Canaries:
    """Sends canaries, and looks for each in the store in ``store_file``."""

    def __init__(
        self,
        http: HttpClient,
        store_file: Path,
        *,
        arrival_s: float,
        now: Callable[[], datetime],
    ) -> None:
        self._http = http
        self._store_file = store_file
        self._arrival_s = arrival_s
        self._now = now

    async def send(self, url: str, auth: HookAuth | None) -> CanarySent:
        """Post a canary as Okta posts a delivery, and wait for it in the store.

        ``url`` must be known to lead to a receiver of ours where ``auth`` goes along.
        """
        canary_id = new_uuid()
        since = await to_thread.run_sync(self._last_seq)
        body = canary_body(event_id=canary_id, event_uuid=new_uuid(), moment=self._now())
        began = time.monotonic()
        headers = delivery_headers(canary_id, auth, ((CANARY_HEADER, "1"),))
        call = await deliver(self._http, url, headers, body)
        record = None
        if call.last.answer is not None:
            with anyio.move_on_after(self._arrival_s):
                record = await self._arrived(canary_id, since)
        return CanarySent(url, call.last, record, time.monotonic() - began)

    async def _arrived(self, canary_id: str, since: int) -> Record:
        while True:
            records = await to_thread.run_sync(self._after, since)
            for record in records:
                if _is_canary(record, canary_id):
                    return record
            since = records[-1].seq if records else since
            if len(records) < _PAGE:
                await anyio.sleep(_LOOK_EVERY_S)

    def _last_seq(self) -> int:
        with suppress(StoreFailed), open_reader(self._store_file) as reader:
            return reader.last_seq()
        return 0

    def _after(self, seq: int) -> list[Record]:
        """Return what came after ``seq``; nothing where there is no store yet."""
        with suppress(StoreFailed), open_reader(self._store_file) as reader:
            return [found.record for found in reader.after(seq, _PAGE)]
        return []


def _is_canary(record: Record, canary_id: str) -> bool:
    """Tell whether a record is that canary; one that was refused is kept without its body."""
    if record.kind is RecordKind.REFUSED:
        return (_REQUEST_ID, canary_id.encode()) in record.request.headers
    if record.kind is not RecordKind.CANARY:
        return False
    with suppress(NotADelivery):
        return parse_delivery(record.request.body).event_id == canary_id
    return False
