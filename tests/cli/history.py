"""A store with something of everything in it, to be looked back at."""

from datetime import timedelta
from pathlib import Path

import anyio

from okhook.records.attempt import Attempt, Forward, ForwardState
from okhook.records.record import AuthOutcome, NewRecord, RecordKind
from okhook.store.open import open_store
from okhook.wire.payload import CANARY_EVENT_TYPE
from tests.support.found import APP, attempt, forward
from tests.support.records import NOON, delivery_body, event, get, post

HOSTILE = "Eve\x1b[2J\u202e[red]x[/red]\n41  forged"

CREATED = 1
REPEATED = 2
FAILED = 3
MALFORMED = 4
REFUSED = 5
VERIFICATION = 6
PENDING = 7
CANARY = 8


def fill_store(home: Path) -> None:
    """Fill the store of a home that is given to ``okhook_process``; ids as named above."""
    path = home / "state" / "store.db"
    path.parent.mkdir(parents=True, exist_ok=True)
    anyio.run(_keep, path)


async def _keep(path: Path) -> None:
    async with open_store(path) as store:
        await store.open_target(APP)
        for seq, record in enumerate(_records(), start=1):
            assert await store.append(record) == seq
        for tried, stands in _attempts():
            await store.settle(tried, stands, cursor=FAILED)
        await store.settled()


def _records() -> list[NewRecord]:
    created = delivery_body("event-1", event("uuid-1"))
    hostile = event("uuid-7")
    hostile["target"][0]["displayName"] = HOSTILE
    hostile["target"].append({"type": "User", "id": "00ueve", "alternateId": HOSTILE})
    page = (b"x-hookdeck-event-url", b"https://dashboard.hookdeck.com/events/evt_7")
    return [
        _record(1, RecordKind.DELIVERY, created, (b"authorization", b"[hidden]")),
        _record(2, RecordKind.DELIVERY, created),
        _record(
            3, RecordKind.DELIVERY,
            delivery_body("event-3", event("uuid-3", "group.user_membership.add")),
        ),
        _record(4, RecordKind.MALFORMED, b'{"login": "jane"', status=400, reason="not JSON"),
        _record(5, RecordKind.REFUSED, b"", status=401, reason="the secret is missing"),
        NewRecord(
            RecordKind.VERIFICATION, get((b"x-okta-verification-challenge", b"abc")), 200, None,
            AuthOutcome.NOT_ASKED,
        ),
        _record(
            7, RecordKind.DELIVERY, delivery_body("event-7", hostile), (b"x-api-key", b"k3y"), page
        ),
        _record(8, RecordKind.CANARY, delivery_body("event-8", event("uuid-8", CANARY_EVENT_TYPE))),
    ]  # fmt: skip


def _record(
    minute: int,
    kind: RecordKind,
    body: bytes,
    *headers: tuple[bytes, bytes],
    status: int = 204,
    reason: str | None = None,
) -> NewRecord:
    request = post(body, *headers, received_at=NOON + timedelta(minutes=minute))
    return NewRecord(kind, request, status, reason, AuthOutcome.NOT_ASKED)


def _attempts() -> list[tuple[Attempt, Forward]]:
    waiting = ForwardState.WAITING
    return [
        (attempt(1, 500, seq=1, after_s=61), forward(1, waiting)),
        (attempt(2, 204, seq=1, after_s=62), forward(1, attempts=2)),
        (attempt(1, None, seq=3, after_s=181), forward(3, waiting)),
        (
            attempt(2, 500, seq=3, after_s=192, answer=b"KeyError: 'x'"),
            forward(3, ForwardState.FAILED, attempts=2),
        ),
    ]
