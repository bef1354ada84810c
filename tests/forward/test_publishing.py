"""Deliveries sent event by event: what an attempt becomes when some events are not accepted."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial

import pytest

from okhook.forward.publishing import EventSender, Message
from okhook.forward.retry import state_after
from okhook.forward.sending import Destination, Reply, Send, attempted
from okhook.records.attempt import ALREADY_IN_STREAM, Attempt, ForwardState, Purpose
from okhook.records.record import AuthOutcome, Record, RecordKind
from tests.support.records import NOON, delivery_body, event, post

pytestmark = pytest.mark.anyio

TAKEN = Reply(200, answer=b"taken")
AGAIN = Reply(ALREADY_IN_STREAM, answer=b"again", is_repetition=True)
BUSY = Reply(503, answer=b"busy", asked_s=7.0)
WRONG = Reply(400, answer=b"wrong")
DOWN = Reply(None, "no connection", "Connection refused")
UNSENDABLE = Reply(None, "cannot be sent", "it is too large")


@dataclass
class Stream:
    """Answers as it is told, by the event's uuid and then the key, and notes the keys."""

    says: Callable[[str], Reply] = lambda _: TAKEN
    keys: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    async def publish(self, message: Message) -> Reply:
        self.keys.append(message.key)
        self.bodies.append(message.body)
        return self.says(message.key)

    def sender(self, purpose: Purpose = Purpose.FORWARD) -> Send:
        to, ask = Destination("nats://localhost/okta"), EventSender(self.publish, purpose).reply
        return partial(
            attempted, ask=ask, to=to, purpose=purpose, now=lambda: NOON, clock=lambda: 0.0
        )


def delivery(*uuids: str, kind: RecordKind = RecordKind.DELIVERY) -> Record:
    request = post(delivery_body("event-1", *map(event, uuids)))
    return Record(7, kind, request, 204, None, AuthOutcome.MATCHED, None)


def saying(**replies: Reply) -> Stream:
    return Stream(lambda key: replies.get(key, TAKEN))


async def attempt(stream: Stream, *uuids: str, number: int = 1) -> Attempt:
    return (await stream.sender()(delivery(*uuids), number)).attempt


async def test_each_event_is_a_message_in_the_order_of_the_delivery() -> None:
    """The attempt is that of the delivery, with the answers."""
    stream = Stream()
    made = await attempt(stream, "a", "b", number=3)
    assert stream.keys == ["a", "b"]
    assert made == Attempt(
        7, "nats://localhost/okta", Purpose.FORWARD, 3, NOON, 0.0, 200, answer=b"taken"
    )


async def test_a_delivery_is_a_repetition_if_every_event_is() -> None:
    """One new event is news."""
    assert (await attempt(saying(a=AGAIN, b=AGAIN), "a", "b")).status == ALREADY_IN_STREAM
    mixed = await attempt(saying(a=AGAIN), "a", "b")
    assert (mixed.status, mixed.answer) == (200, b"again\ntaken")


async def test_a_retry_sends_what_was_not_accepted() -> None:
    """As long as this process remembers; another process sends all of it."""
    stream = saying(b=BUSY)
    sender = stream.sender()
    sent = await sender(delivery("a", "b", "c"), 1)
    assert (sent.attempt.status, sent.asked_s) == (503, 7.0)
    assert sent.attempt.reason == "2 of 3 events were accepted"
    stream.says = lambda _: TAKEN
    assert (await sender(delivery("a", "b", "c"), 2)).attempt.status == 200
    assert stream.keys == ["a", "b", "c", "b"]
    await sender(delivery("a", "b", "c"), 3)
    assert stream.keys[4:] == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("replies", "tried", "state", "reason"),
    [
        ({"a": DOWN}, "a", "waiting", "Connection refused; 0 of 3 events were accepted"),
        ({"b": DOWN}, "ab", "waiting", "Connection refused; 1 of 3 events were accepted"),
        ({"a": WRONG, "b": BUSY}, "abc", "waiting", "1 of 3 events were accepted"),
        ({"a": WRONG}, "abc", "failed", "2 of 3 events were accepted"),
        ({"a": UNSENDABLE}, "abc", "failed", "it is too large; 2 of 3 events were accepted"),
        ({"a": UNSENDABLE, "c": DOWN}, "abc", "waiting", "Connection refused; 1 of 3"),
    ],
)
async def test_what_can_be_tried_again_decides(
    replies: dict[str, Reply], tried: str, state: str, reason: str
) -> None:
    """A refused event delays no other; without an answer the rest waits."""
    stream = saying(**replies)
    made = await attempt(stream, "a", "b", "c")
    assert "".join(stream.keys) == tried
    assert state_after(made) is ForwardState(state)
    assert (made.reason or "").startswith(reason)


async def test_the_outcome_of_a_single_event_is_the_attempts() -> None:
    """Its reason needs no count."""
    made = await attempt(saying(a=DOWN), "a")
    assert (made.status, made.fault, made.reason) == (None, DOWN.fault, DOWN.reason)


async def test_a_replay_has_a_key_of_its_own() -> None:
    """So that a stream does not take it for a repetition."""
    stream = Stream()
    await stream.sender(Purpose.REPLAY)(delivery("a", "b"), 2)
    await stream.sender(Purpose.CHANGED_REPLAY)(delivery("a"), 3)
    assert stream.keys == ["a:replay:2", "b:replay:2", "a:replay:3"]


async def test_a_replay_that_looks_like_an_earlier_one_is_published_again() -> None:
    """Such as one from a file: its attempts are not stored, and each is number 1."""
    stream = saying(**{"a:replay:1": AGAIN})
    sent = await stream.sender(Purpose.REPLAY)(delivery("a"), 1)
    first, second = stream.keys
    assert sent.attempt.status == 200
    assert (first, second.startswith(f"{first}:")) == ("a:replay:1", True)


async def test_a_forward_that_was_there_is_not_published_again() -> None:
    """That is what the key is for."""
    stream = saying(a=AGAIN)
    await attempt(stream, "a")
    assert stream.keys == ["a"]


@pytest.mark.parametrize("kind", [RecordKind.MALFORMED, RecordKind.CANARY, RecordKind.VERIFICATION])
async def test_only_a_delivery_is_published(kind: RecordKind) -> None:
    """Nothing else is an event of the org. It is not tried again."""
    stream = Stream()
    made = (await stream.sender(Purpose.REPLAY)(delivery("a", kind=kind), 1)).attempt
    assert (stream.keys, made.status, made.fault) == ([], None, "cannot be sent")
    assert made.reason == "it has no events to send: it is not a delivery from Okta"


async def test_a_body_without_events_is_not_published() -> None:
    """Whatever a person makes of it with an editor."""
    record = replace(delivery("a"), request=post(b"{"))
    made = (await Stream().sender(Purpose.CHANGED_REPLAY)(record, 1)).attempt
    assert made.fault == "cannot be sent"
    assert made.reason is not None
    assert made.reason.startswith("it has no events to send: the body is not JSON")


async def test_an_event_that_is_nested_too_deeply_fails_in_its_attempt() -> None:
    """Some can be read and not written; none of them ends the forwarder."""
    faults = set()
    for depth in range(850, 1000, 2):
        nested = b'{"data":{"events":[{"eventType":"x","a":' + b"[" * depth + b"]" * depth
        record = replace(delivery("a"), request=post(nested + b"}]}}"))
        faults.add((await Stream().sender()(record, 1)).attempt.fault)
    assert faults <= {None, "cannot be sent"}
    assert "cannot be sent" in faults


@pytest.mark.parametrize("mark", ["sample", "reconstructed"])
async def test_a_delivery_that_okta_did_not_send_is_marked(mark: str) -> None:
    """Consumers of a stream see no headers of the delivery."""
    stream, of_okta = Stream(), delivery("a")
    request = post(of_okta.request.body, (f"x-okhook-{mark}".encode(), b"1"))
    for record in (of_okta, replace(of_okta, request=request)):
        await stream.sender()(record, 1)
    first, second = map(json.loads, stream.bodies)
    assert [name for name in first if name.startswith("okhook")] == ["okhookdelivery", "okhookseq"]
    assert second == {**first, f"okhook{mark}": True}
