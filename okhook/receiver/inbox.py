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
        auth = hook_auth.check(request.headers, self._auth)
        if auth is AuthOutcome.DID_NOT_MATCH and self._auth is not None:
            return await self.refuse(request, 401, hook_auth.refusal(request.headers, self._auth))
        if request.method == "GET":
            challenge = challenge_of(request.headers)
            if challenge is None:
                reason = f"a GET verifies the hook, and its {CHALLENGE_HEADER} header is missing"
                return await self.refuse(request, 400, reason)
            return await self._keep(
                RecordKind.VERIFICATION, request, 200, auth, answer_body(challenge)
            )
        try:
            events = checked_events(payload_of(request.body))
        except NotADelivery as error:
            reason = str(error)
            return await self._keep(
                RecordKind.MALFORMED, request, 400, auth, error_body(reason), reason
            )
        kind = RecordKind.CANARY if is_canary(events) else RecordKind.DELIVERY
        return await self._keep(kind, request, 204, auth, b"")

    async def refuse(self, request: InboundRequest, status: int, reason: str) -> InboxAnswer:
        """Keep that ``request`` was refused, without its body, and answer ``status``.

        The reason says that it was a canary, so that nobody looks for a lost delivery.
        """
        if marks_a_canary(request.headers):
            reason = f"{reason}{CANARY_REMARK}"
        auth = hook_auth.check(request.headers, self._auth)
        return await self._keep(
            RecordKind.REFUSED, request, status, auth, error_body(reason), reason
        )

    async def _keep(
        self,
        kind: RecordKind,
        request: InboundRequest,
        status: int,
        auth: AuthOutcome,
        answer: bytes,
        reason: str | None = None,
    ) -> InboxAnswer:
        """Keep the request without a credential in its headers, then answer.

        Where the store fails the answer is 503: Okta must not take it as delivered.
        """
        headers = hook_auth.masked(request.headers, self._auth)
        body = b"" if kind is RecordKind.REFUSED else request.body
        kept = InboundRequest(request.method, request.path, headers, body, request.received_at)
        try:
            await self._append(NewRecord(kind, kept, status, reason, auth))
        except StoreFailed as error:
            why = error.what if error.why is None else f"{error.what}: {error.why}"
            told = RequestRefused(None, request.received_at, request.method, request.path, 503, why)
            return InboxAnswer(503, error_body("the delivery could not be stored"), told)
        return InboxAnswer(status, answer)


def error_body(reason: str) -> bytes:
    """Return the JSON with which a request is refused."""
    return json.dumps({"error": reason}).encode()
