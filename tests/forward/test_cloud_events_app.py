"""CloudEvents over a real socket, read by the package that receivers use."""

import pytest
from cloudevents.core.bindings.http import HTTPMessage, from_http_event

from okhook.forward.senders import Senders
from okhook.forward.sending import Destination
from okhook.http.client import HttpClient
from okhook.records.attempt import Attempt, Purpose
from okhook.records.record import AuthOutcome, Record, RecordKind
from okhook.secret import HIDDEN, HookAuth, Secret
from tests.support.answering import Asked, answer, answering_server
from tests.support.records import NOON, delivery_body, event, post

pytestmark = pytest.mark.anyio

AUTH = HookAuth("Authorization", Secret("s3cret"))


async def send(url: str, *uuids: str) -> Attempt:
    request = post(
        delivery_body("event-1", *map(event, uuids)),
        (b"content-type", b"application/json"),
        (b"authorization", HIDDEN),
        (b"x-hookdeck-signature", b"of another body"),
    )
    record = Record(42, RecordKind.DELIVERY, request, 204, None, AuthOutcome.MATCHED, 41)
    async with Senders(HttpClient(), now=lambda: NOON) as senders:
        sender = senders.send_to(Destination(f"{url}#cloudevents", AUTH), Purpose.FORWARD)
        return (await sender(record, 3)).attempt


async def test_an_app_gets_one_request_per_event() -> None:
    """In structured mode, with okhook's headers and the secret, and none of Okta's."""
    with answering_server(lambda _: answer(202)) as app:
        made = await send(app.url, "a", "b")
    assert (made.status, made.target) == (202, f"{app.url}#cloudevents")
    events = [from_http_event(HTTPMessage(dict(each.headers), each.body)) for each in app.asked]
    assert [each.get_id() for each in events] == ["a", "b"]
    assert events[0].get_data() == event("a")
    assert events[0].get_type() == "com.okta.user.lifecycle.create"
    first = app.asked[0]
    assert first.target == "/hook"
    assert first.header("content-type") == "application/cloudevents+json; charset=UTF-8"
    assert first.header("authorization") == "s3cret"
    assert first.header("x-okhook-delivery") == "42"
    assert first.header("x-okhook-attempt") == "3"
    assert first.header("x-okhook-duplicate-of") == "41"
    assert first.header("x-hookdeck-signature") is None


async def test_an_answer_that_repeats_the_secret_is_kept_without_it() -> None:
    """As for an app that gets Okta's bytes."""
    with answering_server(lambda _: answer(400, b"got s3cret", "Content-Type: text/plain")) as app:
        made = await send(app.url, "a")
    assert (made.status, made.answer, made.answer_type) == (400, b"got [hidden]", "text/plain")


async def test_an_app_that_refuses_one_event_gets_the_others() -> None:
    """The attempt has that event's status, and says how many were accepted."""

    def answers(asked: Asked) -> bytes:
        return answer(422 if b'"id":"b"' in asked.body else 200)

    with answering_server(answers) as app:
        made = await send(app.url, "a", "b", "c")
    assert (made.status, made.reason) == (422, "2 of 3 events were accepted")
    assert len(app.asked) == 3
