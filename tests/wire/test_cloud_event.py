"""The CloudEvent of a System Log entry, as a receiver of CloudEvents reads it."""

import json
from typing import Any

import pytest
from cloudevents.core.base import BaseCloudEvent
from cloudevents.core.formats.json import JSONFormat
from cloudevents.v1.http import from_json
from hypothesis import given
from hypothesis import strategies as st

from okhook.wire.cloud_event import CloudEvent, cloud_events_in
from okhook.wire.payload import NotADelivery
from tests.support.records import delivery_body, event

SOURCE = "https://dev-1.okta.com/api/v1/eventHooks/who123"
TEXTS = st.text(max_size=8) | st.sampled_from(
    [
        "\x00",
        "a\nb",
        "\ud800",
        "\ufffe",
        "\U0010ffff",
        "ü",
        " ",
        "a" * 2000,
        "null",
        "#",
        "http://[::1",
    ]
)


def events(body: bytes, seq: int = 7, receiver: str | None = "1337/hook") -> tuple[CloudEvent, ...]:
    return cloud_events_in(body, seq=seq, receiver=receiver)


def one(receiver: str | None = "1337/hook", seq: int = 7, **members: Any) -> CloudEvent:  # noqa: ANN401
    """Return the CloudEvent of an event with other ``members``."""
    (found,) = events(delivery_body("event-1", {**event("uuid-1"), **members}), seq, receiver)
    return found


def read(found: CloudEvent) -> BaseCloudEvent:
    """Return the event as the ``cloudevents`` package reads and checks it, in both its versions."""
    from_json(found.body)
    return JSONFormat().read(None, found.body)


def test_each_event_is_one_message() -> None:
    """In the delivery's order, with what CloudEvents knows of it, and the whole entry."""
    entries = [event("uuid-1"), event("uuid-2", "user.session.start")]
    first, second = events(delivery_body("event-1", *entries))
    message = json.loads(first.body)
    assert message == {
        "specversion": "1.0",
        "id": "uuid-1",
        "source": SOURCE,
        "type": "com.okta.user.lifecycle.create",
        "subject": "00ujane",
        "time": "2026-11-24T12:00:00.000Z",
        "datacontenttype": "application/json",
        "okhookdelivery": "event-1",
        "okhookseq": 7,
        "data": entries[0],
    }
    assert read(second).get_type() == "com.okta.user.session.start"
    assert read(second).get_data() == entries[1]
    assert read(second).get_source() == SOURCE


@pytest.mark.parametrize("uuid", [None, "", "a b", "a\r\nNats-Msg-Id: b", "é", "\ud800", "a" * 201])
def test_an_event_without_a_usable_uuid_has_the_id_of_its_delivery(uuid: str | None) -> None:
    """The same for each attempt, another for each place and each delivery."""
    broken = {**event(), "uuid": uuid}
    body = delivery_body("event-1", broken, broken)
    ids = [found.id for found in events(body)]
    assert ids == [found.id for found in events(body, seq=8, receiver="other")]
    ids += [found.id for found in events(delivery_body("event-2", broken))]
    assert len(set(ids)) == 3
    assert all(each.isascii() and each.isprintable() and " " not in each for each in ids)


@pytest.mark.parametrize(
    "target", [None, [], [{}], [{"id": None}], [{"id": ""}], [{"id": "a\x7f"}]]
)
def test_a_subject_that_is_not_known_is_left_out(target: object) -> None:
    """CloudEvents allows no empty one."""
    assert "subject" not in json.loads(one(target=target).body)


@pytest.mark.parametrize(
    "published",
    [
        None,
        "",
        "yesterday",
        "2026-11-24",
        "2026-11-24T12:00:00",
        "2026-13-24T12:00:00Z",
        "2026-11-24T12:00:00+24:00",
        "0000-01-01T00:00:00Z",
        "\uff12026-11-24T12:00:00Z",
    ],
)
def test_an_invalid_time_is_left_out(published: str | None) -> None:
    """The entry in ``data`` still has it."""
    found = one(published=published)
    assert "time" not in json.loads(found.body)
    assert found.data["published"] == published


def test_a_type_that_is_no_text_is_unknown() -> None:
    """CloudEvents requires a type, and the entry has the original one."""
    found = one(eventType="user.\x1b[31m")
    assert (found.type, found.data["eventType"]) == ("com.okta.unknown", "user.\x1b[31m")


@pytest.mark.parametrize(
    "source",
    [
        None,
        "",
        "okta",
        "https://",
        "https://a b/",
        "https://a/%zz",
        "javascript:alert(1)",
        "https://user:pass@a/",
        "https://a/#b",
        "https://a/\n",
        "https://" + "a" * 1100,
    ],
)
def test_the_receiver_is_the_source_of_a_delivery_that_names_none(source: str | None) -> None:
    """Its name does not change when the tunnel does."""
    payload = {**json.loads(delivery_body()), "source": source}
    (found,) = events(json.dumps(payload).encode(), receiver="my räceiver")
    assert found.source == "/okhook/my%20r%C3%A4ceiver"


def test_a_number_that_cloudevents_has_no_type_for_is_left_out() -> None:
    """An Integer has 32 bits."""
    assert json.loads(one(seq=2**31 - 1).body)["okhookseq"] == 2**31 - 1
    assert "okhookseq" not in json.loads(one(seq=2**31).body)


def test_large_numbers_stay_exact() -> None:
    """The entry is what Okta sent."""
    assert b'"n":12345678901234567890123' in one(n=12345678901234567890123).body


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'{"data":{"events":[]}}',
        b'{"data":{"events":[{}]}}',
        delivery_body()[:-1] + b',"n":1e400}',
        b'{"a":' * 2000,
    ],
)
def test_what_is_no_delivery_has_no_events(body: bytes) -> None:
    """Neither does one that cannot be written as JSON again."""
    with pytest.raises(NotADelivery):
        events(body)


@given(
    st.fixed_dictionaries(
        {"eventType": TEXTS.filter(bool)},
        optional={
            "uuid": TEXTS | st.none(),
            "published": TEXTS | st.none(),
            "target": st.none()
            | st.lists(st.fixed_dictionaries({}, optional={"id": TEXTS}), max_size=2),
            "extra": st.recursive(st.none() | st.integers() | TEXTS, st.lists, max_leaves=3),
        },
    ),
    st.fixed_dictionaries({}, optional={"eventId": TEXTS, "source": TEXTS}),
    TEXTS,
    st.integers(1, 2**40),
)
def test_every_event_is_a_valid_cloudevent(
    entry: dict[str, Any], envelope: dict[str, str], receiver: str, seq: int
) -> None:
    """Whatever a stranger posts: a receiver can read it, and the entry is complete."""
    body = json.dumps({**envelope, "data": {"events": [entry]}}).encode()
    marks = ("okhooksample",) if seq % 2 else ()
    (found,) = cloud_events_in(body, seq=seq, receiver=receiver, marks=marks)
    message = read(found)
    assert message.get_data() == entry
    assert message.get_id().isascii()
