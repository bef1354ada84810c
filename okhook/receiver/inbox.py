"""The inbox: the only writer of deliveries. Check, keep, commit; then answer; then tell."""

import json
from dataclasses import dataclass, replace
from typing import Protocol, final

from okhook.activity import Activity, RequestRefused
from okhook.delivery import InboundRequest, NotADelivery, parse_delivery
from okhook.errors import StoreFailed
from okhook.receiver import auth as hook_auth
from okhook.receiver.record_activity import activity_of
from okhook.record import Appended, AuthOutcome, NewRecord, Record, RecordKind
from okhook.secret import HookAuth
from okhook.verification import CHALLENGE_HEADER, answer_body, challenge_of


class Keeper(Protocol):
    """The one thing that the inbox asks of a store."""

    async def append(self, record: NewRecord) -> Appended:
        """Keep ``record`` durably, or raise ``StoreFailed``."""
        ...


@dataclass(frozen=True, slots=True)
class InboxAnswer:
    """What goes back to the caller. ``told`` is what there is to see, once that has left."""

    status: int
    body: bytes
    told: Activity


@final
class Inbox:
    """Decides about requests to the hook's path, and keeps each of them before it answers."""

    def __init__(self, store: Keeper, auth: HookAuth | None) -> None:
        self._store = store
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
        """Keep that ``request`` was refused, without its body, and answer ``status``."""
        bodiless = replace(request, body=b"")
        record = NewRecord(RecordKind.REFUSED, bodiless, status, reason, auth)
        return await self._keep(record, _error_body(reason))

    async def _verification(self, request: InboundRequest, auth: AuthOutcome) -> InboxAnswer:
        challenge = challenge_of(request.headers)
        if challenge is None:
            reason = f"a GET verifies the hook, and its {CHALLENGE_HEADER} header is missing"
            return await self.refuse(request, 400, reason, auth)
        record = NewRecord(RecordKind.VERIFICATION, request, 200, None, auth)
        return await self._keep(record, answer_body(challenge))

    async def _delivery(self, request: InboundRequest, auth: AuthOutcome) -> InboxAnswer:
        try:
            delivery = parse_delivery(request.body)
        except NotADelivery as error:
            record = NewRecord(RecordKind.MALFORMED, request, 400, str(error), auth)
            return await self._keep(record, _error_body(str(error)))
        uuids = dict.fromkeys(event.uuid for event in delivery.events if event.uuid)
        record = NewRecord(
            RecordKind.DELIVERY, request, 204, None, auth, delivery.event_id, tuple(uuids)
        )
        return await self._keep(record, b"")

    async def _keep(self, record: NewRecord, body: bytes) -> InboxAnswer:
        request = replace(
            record.request, headers=hook_auth.masked(record.request.headers, self._auth)
        )
        try:
            appended = await self._store.append(replace(record, request=request))
        except StoreFailed as error:
            return _unavailable(request, error)
        kept = Record(
            seq=appended.seq,
            kind=record.kind,
            request=request,
            status=record.status,
            reason=record.reason,
            auth=record.auth,
            duplicate_of=appended.duplicate_of,
        )
        return InboxAnswer(record.status, body, activity_of(kept))


def _unavailable(request: InboundRequest, error: StoreFailed) -> InboxAnswer:
    """Answer 503: nothing was kept, so Okta must not take it as delivered."""
    reason = error.what if error.why is None else f"{error.what}: {error.why}"
    told = RequestRefused(None, request.received_at, request.method, request.path, 503, reason)
    return InboxAnswer(503, _error_body("the delivery could not be stored"), told)


def _error_body(reason: str) -> bytes:
    return json.dumps({"error": reason}).encode()
