"""A rebuilt delivery is what the hook would have sent, and goes to the receiver as the org's do."""

import json
import re
from collections.abc import Sequence
from dataclasses import replace

import pytest

from okhook.errors import AnswerIsNo, CredentialsError, OkhookError, Unavailable
from okhook.http.client import HttpClient
from okhook.okta.system_log import hook_event, read_log_entry
from okhook.reconcile.redeliver import (
    NotReconstructed,
    Reconstruction,
    reconstruction,
    redeliver,
)
from okhook.records.record import RECONSTRUCTED_HEADER
from okhook.secret import HookAuth, Secret
from okhook.wire.delivery import parse_delivery
from okhook.wire.org import Org
from tests.okta.fake_log import log_entry
from tests.okta.setup import ORG
from tests.reconcile.rig import HOOK_ID, a_hook, an_entry
from tests.support.answering import AnsweringServer, answer, answering_server
from tests.support.ports import free_port

SECRET = "the-hooks-own-secret"
MISSING = reconstruction(an_entry(), a_hook(), ORG)


async def redelivered(
    url: str, auth: HookAuth | None = None, *, missing: Reconstruction = MISSING
) -> None:
    async with HttpClient(user_agent="okhook/tests") as http:
        await redeliver(missing, http, url, auth)


async def answered(
    *statuses: int, auth: HookAuth | None = None
) -> tuple[AnsweringServer, OkhookError | None]:
    """Redeliver once to a receiver that answers so; return it, and the error that came of it."""
    left = list(statuses)
    with answering_server(lambda _: answer(left.pop(0))) as server:
        try:
            await redelivered(server.url, auth)
        except OkhookError as error:
            return server, error
    return server, None


@pytest.mark.anyio
async def test_it_is_posted_once_and_marked() -> None:
    """As Okta posts, with the mark that it is none of Okta's, and the bytes as rebuilt."""
    server, error = await answered(204)
    assert error is None
    (asked,) = server.asked
    assert (asked.method, asked.body) == ("POST", MISSING.body)
    assert asked.header(RECONSTRUCTED_HEADER) == "1"
    assert re.fullmatch(r"[0-9a-f]{32}", asked.header("X-Okta-Request-Id") or "")
    assert asked.header("Content-Type") == "application/json"
    assert asked.header("Authorization") is None


@pytest.mark.anyio
async def test_it_carries_the_hooks_secret() -> None:
    """A receiver that asks for it gets it, in its field."""
    server, error = await answered(200, auth=HookAuth("X-Hook", Secret(SECRET)))
    assert error is None
    assert server.asked[0].header("X-Hook") == SECRET


@pytest.mark.parametrize(
    ("statuses", "kind"),
    [
        ([401], CredentialsError),
        ([404], AnswerIsNo),
        ([302], AnswerIsNo),
        ([503, 503], Unavailable),
        ([500, 401], CredentialsError),
    ],
)
@pytest.mark.anyio
async def test_what_is_not_taken_is_shown(statuses: Sequence[int], kind: type[OkhookError]) -> None:
    """Anything but 2xx says that it is not kept; the secret stands in no word of it."""
    server, error = await answered(*statuses, auth=HookAuth("Authorization", Secret(SECRET)))
    assert isinstance(error, kind)
    assert server.url in error.what
    assert len(server.asked) == len(statuses)
    assert SECRET not in f"{error.what} {error.why} {error.next_step}"
    if kind is not CredentialsError:
        assert str(statuses[-1]) in str(error.why)


@pytest.mark.parametrize("status", [400, 413])
@pytest.mark.anyio
async def test_what_this_one_delivery_is_refused_for(status: int) -> None:
    """Malformed or too large: that says nothing of the next one, so it is no outcome of the run."""
    with answering_server(lambda _: answer(status)) as server:
        with pytest.raises(NotReconstructed, match=str(status)):
            await redelivered(server.url)
        assert len(server.asked) == 1


@pytest.mark.anyio
async def test_what_every_receiver_refuses_is_not_sent() -> None:
    """It would be kept as malformed at each run; the reason names what is wrong."""
    raw = {**an_entry().raw, "target": "nobody"}
    missing = reconstruction(read_log_entry(raw), a_hook(), ORG)
    with answering_server(lambda _: answer(204)) as server:
        with pytest.raises(NotReconstructed, match="target must be an array"):
            await redelivered(server.url, missing=missing)
        assert server.asked == []


@pytest.mark.anyio
async def test_a_store_that_was_busy_is_asked_again() -> None:
    """As Okta does after a 5xx; the id is the same, so that no duplicate comes of it."""
    server, error = await answered(503, 204)
    assert error is None
    assert [asked.body for asked in server.asked] == [MISSING.body] * 2


@pytest.mark.anyio
async def test_nobody_there() -> None:
    """A receiver that has ended is unavailable."""
    with pytest.raises(Unavailable, match="did not accept a reconstructed delivery"):
        await redelivered(f"http://127.0.0.1:{free_port()}/hook")


@pytest.mark.anyio
async def test_it_has_the_query_of_the_hooks_url_field_02() -> None:
    """The app sees the same query as in a delivery of Okta."""
    hook = replace(a_hook(), url="https://hooks.example.com/okta?tenant=acme")
    with answering_server(lambda _: answer(204)) as server:
        await redelivered(server.url, missing=reconstruction(an_entry(), hook, ORG))
    assert server.asked[0].target == "/hook?tenant=acme"


def test_it_is_what_the_hook_would_have_sent() -> None:
    """The envelope's eight members in their order, around the one event in the hook's shape."""
    entry = an_entry("uuid-7", minutes=3)
    rebuilt = reconstruction(entry, a_hook(), ORG)
    assert rebuilt.entry is entry
    assert list(json.loads(rebuilt.body).items()) == [
        ("eventType", "com.okta.event_hook"),
        ("eventTypeVersion", "1.0"),
        ("cloudEventsVersion", "0.1"),
        ("source", f"https://dev-123.okta.com/api/v1/eventHooks/{HOOK_ID}"),
        ("eventId", rebuilt.event_id),
        ("data", {"events": [hook_event(entry.raw)]}),
        ("eventTime", "2026-11-24T12:03:00.000Z"),
        ("contentType", "application/json"),
    ]


def test_a_receiver_reads_it_as_a_delivery() -> None:
    """It is recognised by its event's uuid, and as the hook's own."""
    rebuilt = reconstruction(an_entry("uuid-7"), a_hook(), ORG)
    delivery = parse_delivery(rebuilt.body)
    assert (delivery.event_id, delivery.hook_id) == (rebuilt.event_id, HOOK_ID)
    assert [event.uuid for event in delivery.events] == ["uuid-7"]


def test_its_id_is_of_org_hook_and_event_alone() -> None:
    """Two runs give one event one id; another event, hook or org has another."""
    entry, hook = an_entry("uuid-7"), a_hook()
    first = reconstruction(entry, hook, ORG)
    later = replace(entry, raw={**entry.raw, "displayMessage": "changed"})
    assert reconstruction(later, replace(hook, name="other"), ORG).event_id == first.event_id
    others = [
        reconstruction(an_entry("uuid-8"), hook, ORG),
        reconstruction(entry, a_hook(hook_id="who2"), ORG),
        reconstruction(entry, hook, Org("https://dev-456.okta.com")),
    ]
    assert len({first.event_id, *(each.event_id for each in others)}) == 4


def test_half_a_surrogate_pair_can_be_rebuilt() -> None:
    """What the org's JSON spells is what the receiver gets, and what it is found by afterwards."""
    raw = log_entry()
    raw |= {"uuid": json.loads(r'"a\ud800b"'), "displayMessage": json.loads(r'"\udfff"')}
    entry = read_log_entry(raw)
    rebuilt = reconstruction(entry, a_hook(), ORG)
    assert rebuilt.body.isascii()
    assert json.loads(rebuilt.body)["data"]["events"] == [hook_event(raw)]
    assert parse_delivery(rebuilt.body).events[0].uuid == entry.uuid
