"""The inbox: the only writer of deliveries. Check, keep, commit; then answer."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import final

from okhook.errors import StoreFailed
from okhook.receiver import auth as hook_auth
from okhook.records.activities import RequestRefused
from okhook.records.record import AuthOutcome, NewRecord, RecordKind
from okhook.secret import HookAuth
from okhook.wire.canary import CANARY_REMARK, marks_a_canary
from okhook.wire.delivery import InboundRequest
from okhook.wire.payload import NotADelivery, checked_events, is_canary, payload_of
from okhook.wire.verification import CHALLENGE_HEADER, answer_body, challenge_of

Append = Callable[[NewRecord], Awaitable[int]]
"""Keeps a record durably and returns its ``seq``, or raises ``StoreFailed``."""


@dataclass(frozen=True, slots=True)
class InboxAnswer:
    """What goes back to the caller. ``unkept`` is what to show of a request that was not kept."""

    status: int
    body: bytes
    unkept: RequestRefused | None = None


@final
class Inbox:
    """Decides about requests to the hook's path, and keeps each of them before it answers."""

    def __init__(self, append: Append, auth: HookAuth | None) -> None:
        self._append = append
        self._auth = auth

    async def receive(self, request: InboundRequest) -> InboxAnswer:
        """Answer a GET or a POST that was read whole.

        204 for a delivery that is committed, 200 for a challenge, 401, 400, or 503 where the store
        failed, so that Okta sends it again.
        """
        outcome = hook_auth.check(request.headers, self._auth)
        if outcome is AuthOutcome.DID_NOT_MATCH and self._auth is not None:
            reason = hook_auth.refusal(request.headers, self._auth)
            return await self.refuse(request, 401, reason, outcome)
        if request.method == "GET":
            return await self._verification(request, outcome)
        return await self._delivery(request, outcome)

    async def refuse(
        self, request: InboundRequest, status: int, reason: str, auth: AuthOutcome
    ) -> InboxAnswer:
        """Keep that ``request`` was refused, without its body, and answer ``status``.

        The reason says that it was a canary, so that nobody looks for a lost delivery.
        """
        if marks_a_canary(request.headers):
            reason = f"{reason}{CANARY_REMARK}"
        record = self._record(RecordKind.REFUSED, request, b"", status, reason, auth)
        return await self._keep(record, _error_body(reason))

    async def _verification(self, request: InboundRequest, auth: AuthOutcome) -> InboxAnswer:
        challenge = challenge_of(request.headers)
        if challenge is None:
            reason = f"a GET verifies the hook, and its {CHALLENGE_HEADER} header is missing"
            return await self.refuse(request, 400, reason, auth)
        record = self._record(RecordKind.VERIFICATION, request, request.body, 200, None, auth)
        return await self._keep(record, answer_body(challenge))

    async def _delivery(self, request: InboundRequest, auth: AuthOutcome) -> InboxAnswer:
        body = request.body
        try:
            events = checked_events(payload_of(body))
        except NotADelivery as error:
            record = self._record(RecordKind.MALFORMED, request, body, 400, str(error), auth)
            return await self._keep(record, _error_body(str(error)))
        kind = RecordKind.CANARY if is_canary(events) else RecordKind.DELIVERY
        return await self._keep(self._record(kind, request, body, 204, None, auth), b"")

    def _record(
        self,
        kind: RecordKind,
        request: InboundRequest,
        body: bytes,
        status: int,
        reason: str | None,
        auth: AuthOutcome,
    ) -> NewRecord:
        """Return the request as it is kept: without a credential in its headers."""
        kept = InboundRequest(
            method=request.method,
            path=request.path,
            headers=hook_auth.masked(request.headers, self._auth),
            body=body,
            received_at=request.received_at,
        )
        return NewRecord(kind, kept, status, reason, auth)

    async def _keep(self, record: NewRecord, body: bytes) -> InboxAnswer:
        try:
            await self._append(record)
        except StoreFailed as error:
            return _unavailable(record.request, error)
        return InboxAnswer(record.status, body)


def _unavailable(request: InboundRequest, error: StoreFailed) -> InboxAnswer:
    """Answer 503: nothing was kept, so Okta must not take it as delivered."""
    reason = error.what if error.why is None else f"{error.what}: {error.why}"
    told = RequestRefused(None, request.received_at, request.method, request.path, 503, reason)
    return InboxAnswer(503, _error_body("the delivery could not be stored"), told)


def _error_body(reason: str) -> bytes:
    return json.dumps({"error": reason}).encode()
