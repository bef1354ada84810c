"""The inbox stores each request before it answers, and answers 503 if it could not."""

from dataclasses import dataclass, field

import pytest

from okhook.errors import StoreFailed
from okhook.receiver.inbox import Inbox
from okhook.records.record import AuthOutcome, NewRecord, RecordKind
from okhook.secret import HIDDEN, HookAuth, Secret
from okhook.wire.canary import CANARY_HEADER
from okhook.wire.payload import CANARY_EVENT_TYPE
from tests.support.records import delivery_body, event, get, post

pytestmark = pytest.mark.anyio

AUTH = HookAuth("Authorization", Secret("s3cret-value"))
CHALLENGE = (b"x-okta-verification-challenge", b"prove-it")


@dataclass
class KeptInMemory:
    """A store in memory that shows its records."""

    records: list[NewRecord] = field(default_factory=list)

    async def append(self, record: NewRecord) -> int:
        self.records.append(record)
        return len(self.records)


class Full:
    """A store whose disk is full."""

    async def append(self, record: NewRecord) -> int:
        raise StoreFailed("the store cannot grow", why="disk full")


async def test_a_delivery_is_stored_and_answered_204() -> None:
    """A delivery is stored with its bytes, and the answer is empty."""
    keeper = KeptInMemory()
    answer = await Inbox(keeper.append, None).receive(
        post(delivery_body("event-1", event("uuid-7")))
    )
    assert (answer.status, answer.body) == (204, b"")
    (kept,) = keeper.records
    assert kept.kind is RecordKind.DELIVERY
    assert kept.request.body == delivery_body("event-1", event("uuid-7"))
    assert answer.unkept is None


async def test_a_challenge_is_echoed_and_kept() -> None:
    """The verification GET gets its value back as JSON."""
    keeper = KeptInMemory()
    answer = await Inbox(keeper.append, None).receive(get(CHALLENGE))
    assert (answer.status, answer.body) == (200, b'{"verification": "prove-it"}')
    assert keeper.records[0].kind is RecordKind.VERIFICATION


async def test_a_get_without_a_challenge_is_refused() -> None:
    """A browser that opens the URL gets a reason."""
    answer = await Inbox(KeptInMemory().append, None).receive(get())
    assert answer.status == 400
    assert b"x-okta-verification-challenge" in answer.body


@pytest.mark.parametrize("request_", [get(CHALLENGE), post(delivery_body())])
async def test_requests_without_the_secret_are_refused(request_: object) -> None:
    """Deliveries and challenges are refused, and stored without their bodies."""
    keeper = KeptInMemory()
    answer = await Inbox(keeper.append, AUTH).receive(request_)  # type: ignore[arg-type]  # parametrized
    assert answer.status == 401
    (kept,) = keeper.records
    assert (kept.kind, kept.auth, kept.request.body) == (
        RecordKind.REFUSED,
        AuthOutcome.DID_NOT_MATCH,
        b"",
    )


async def test_the_reason_marks_a_refused_canary() -> None:
    """okhook doctor sends a canary without the secret if it does not know it."""
    keeper = KeptInMemory()
    mark = (CANARY_HEADER.lower().encode(), b"1")
    for request in (post(delivery_body(), mark), post(delivery_body())):
        await Inbox(keeper.append, AUTH).receive(request)
    canary, delivery = (record.reason or "" for record in keeper.records)
    assert canary == f"{delivery} (okhook's own canary)"


async def test_the_right_secret_is_accepted_and_not_stored() -> None:
    """The record says that the secret matched, without the secret."""
    keeper = KeptInMemory()
    request = post(delivery_body(), (b"authorization", b"s3cret-value"), (b"x-other", b"kept"))
    assert (await Inbox(keeper.append, AUTH).receive(request)).status == 204
    (kept,) = keeper.records
    assert kept.auth is AuthOutcome.MATCHED
    assert kept.request.headers == ((b"authorization", HIDDEN), (b"x-other", b"kept"))


async def test_a_malformed_body_is_stored() -> None:
    """A body that cannot be read gets 400 with the reason, and is stored."""
    keeper = KeptInMemory()
    answer = await Inbox(keeper.append, None).receive(post(b'{"data": {"events": {}}}'))
    assert answer.status == 400
    assert b"data.events must be an array" in answer.body
    assert keeper.records[0].kind is RecordKind.MALFORMED
    assert keeper.records[0].request.body == b'{"data": {"events": {}}}'


async def test_a_store_that_fails_is_answered_503() -> None:
    """Okta sends a delivery again after a 5xx."""
    answer = await Inbox(Full().append, None).receive(post(delivery_body()))
    assert answer.status == 503
    assert answer.unkept is not None
    assert "disk full" in answer.unkept.reason


async def test_a_canary_is_kept_as_a_canary() -> None:
    """A canary is answered like a delivery, and stored as a canary."""
    keeper = KeptInMemory()
    body = delivery_body("canary-1", event("uuid-1", CANARY_EVENT_TYPE))
    assert (await Inbox(keeper.append, None).receive(post(body))).status == 204
    assert keeper.records[0].kind is RecordKind.CANARY
