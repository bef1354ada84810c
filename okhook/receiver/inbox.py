"""The inbox, the only writer of deliveries: check, store, commit, then answer."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from okhook.errors import StoreFailed
from okhook.records.activities import RequestRefused
from okhook.records.record import AuthOutcome, NewRecord, RecordKind
from okhook.secret import HIDDEN, HookAuth
from okhook.wire.canary import CANARY_HEADER, CANARY_REMARK
from okhook.wire.delivery import (
    CHALLENGE_HEADER,
    HeaderPairs,
    InboundRequest,
    answer_body,
    challenge_of,
)
from okhook.wire.payload import NotADelivery, checked_events, is_canary, payload_of
from okhook.wire.quick_payload import quick_check

Append = Callable[[NewRecord], Awaitable[int]]
"""Stores a record durably and returns its ``seq``, or raises ``StoreFailed``."""


@dataclass(slots=True)
class InboxAnswer:
    """The answer to a request. ``unkept`` is the activity of a request that was not stored."""

    status: int
    body: bytes
    unkept: RequestRefused | None = None


class Inbox:
    """Checks requests to the hook's path, and stores each one before it answers."""

    def __init__(self, append: Append, auth: HookAuth | None) -> None:
        self._append = append
        self._auth = auth
        self._event_types_in = quick_check()

    async def receive(self, request: InboundRequest) -> InboxAnswer:
        """Store and answer a GET or POST: 204, 200 (challenge), 401, 400, or 503 if not stored."""
        auth = check_auth(request.headers, self._auth)
        if auth is AuthOutcome.DID_NOT_MATCH and self._auth is not None:
            return await self.refuse(request, 401, refusal(request.headers, self._auth))
        if request.method == "GET":
            challenge = challenge_of(request.headers)
            if challenge is None:
                reason = f"the {CHALLENGE_HEADER} header is missing from the GET request"
                return await self.refuse(request, 400, reason)
            answer = answer_body(challenge)
            return await self._keep(RecordKind.VERIFICATION, request, 200, auth, answer)
        try:
            event_types = self._event_types_in(request.body) or _event_types_in(request.body)
        except NotADelivery as error:
            answer, reason = error_body(str(error)), str(error)
            return await self._keep(RecordKind.MALFORMED, request, 400, auth, answer, reason)
        kind = RecordKind.CANARY if is_canary(event_types) else RecordKind.DELIVERY
        return await self._keep(kind, request, 204, auth, b"")

    async def refuse(self, request: InboundRequest, status: int, reason: str) -> InboxAnswer:
        """Store a refused request without its body, and answer ``status``."""
        if request.header(CANARY_HEADER) is not None:
            reason = f"{reason}{CANARY_REMARK}"
        auth = check_auth(request.headers, self._auth)
        answer = error_body(reason)
        return await self._keep(RecordKind.REFUSED, request, status, auth, answer, reason)

    async def _keep(
        self,
        kind: RecordKind,
        request: InboundRequest,
        status: int,
        auth: AuthOutcome,
        answer: bytes,
        reason: str | None = None,
    ) -> InboxAnswer:
        headers = masked(request.headers, self._auth)
        body = b"" if kind is RecordKind.REFUSED else request.body
        kept = InboundRequest(request.method, request.path, headers, body, request.received_at)
        try:
            await self._append(NewRecord(kind, kept, status, reason, auth))
        except StoreFailed as error:
            why = error.what if error.why is None else f"{error.what}: {error.why}"
            refused = RequestRefused(None, kept, 503, why)
            return InboxAnswer(503, error_body("could not store the delivery"), refused)
        return InboxAnswer(status, answer)


def _event_types_in(body: bytes) -> list[str]:
    """Return the event types in a body, or raise ``NotADelivery``."""
    return [event["eventType"] for event in checked_events(payload_of(body))]


def error_body(reason: str) -> bytes:
    """Return the JSON body of an error."""
    return json.dumps({"error": reason}).encode()


_ALWAYS_HIDDEN = frozenset({b"authorization", b"proxy-authorization", b"cookie"})


def check_auth(headers: HeaderPairs, auth: HookAuth | None) -> AuthOutcome:
    """Return whether ``headers`` contain the secret; compare every value in constant time."""
    if auth is None:
        return AuthOutcome.NOT_ASKED
    field = auth.field.lower().encode()
    values = [value for name, value in headers if name.lower() == field]
    matches = [auth.secret.matches(value) for value in values]
    return AuthOutcome.MATCHED if True in matches else AuthOutcome.DID_NOT_MATCH


def refusal(headers: HeaderPairs, auth: HookAuth) -> str:
    """Return why the request was refused, without any part of the secret."""
    field = auth.field.lower().encode()
    if any(name.lower() == field for name, _ in headers):
        return f"the secret in the {auth.field} header is not the one that the receiver expects"
    return f"the {auth.field} header with the secret is missing"


def masked(headers: HeaderPairs, auth: HookAuth | None) -> HeaderPairs:
    """Return ``headers`` with every value hidden that may contain a credential."""
    if auth is None:
        return tuple([(n, HIDDEN if n.lower() in _ALWAYS_HIDDEN else v) for n, v in headers])
    hidden = _ALWAYS_HIDDEN | {auth.field.lower().encode()}
    return tuple(
        [
            (name, HIDDEN if name.lower() in hidden or auth.secret.occurs_in(value) else value)
            for name, value in headers
        ]
    )
