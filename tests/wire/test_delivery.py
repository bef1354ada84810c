"""Parsing a delivery's body, and refusing one with the place of the error."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okhook.wire.delivery import Delivery, Party, glimpse_in, parse_delivery
from okhook.wire.payload import NotADelivery
from tests.support.records import delivery_body, event

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "data",
                    "events",
                    "eventId",
                    "source",
                    "eventType",
                    "uuid",
                    "published",
                    "outcome",
                    "result",
                    "actor",
                    "target",
                    "id",
                    "type",
                    "alternateId",
                    "displayName",
                ]
            )
            | st.text(max_size=5),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


def _finite(document: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Return ``document`` with every number that JSON does not have as a text."""
    return json.loads(json.dumps(document), parse_constant=str)


def _body(*events: object, **members: object) -> bytes:
    return json.dumps({"data": {"events": list(events)}, **members}).encode()


def _read(body: bytes) -> Delivery | None:
    """Return the view, or None where the body is refused; anything else fails the test."""
    try:
        return parse_delivery(body)
    except NotADelivery:
        return None


@given(st.binary())
def test_any_bytes_are_parsed_or_refused(body: bytes) -> None:
    """Any bytes are a delivery or raise ``NotADelivery``."""
    _read(body)


@given(JSON)
def test_any_json_is_parsed_or_refused(document: Any) -> None:  # noqa: ANN401
    """So does any JSON, with wrong types in the right places."""
    _read(json.dumps(document).encode())


@given(JSON, JSON, JSON)
def test_any_event_is_parsed_or_refused(event: Any, actor: Any, target: Any) -> None:  # noqa: ANN401
    """So does anything in place of an event, an actor or a target."""
    _read(_body(event))
    _read(_body({"eventType": "t", "actor": actor, "target": target, "outcome": event}))
    _read(_body({"eventType": "t", "target": [target, actor]}, eventId=event, source=actor))


@given(JSON.map(_finite))
def test_a_parsed_delivery_can_be_encoded(document: Any) -> None:  # noqa: ANN401
    """UTF-8 can encode every text, even from half a surrogate pair."""
    body = _body({"eventType": "t", "uuid": "\ud800", "new": document}, eventId="\udfffx")
    delivery = _read(body)
    assert delivery is not None
    assert delivery.event_id == "?x"
    assert delivery.events[0].uuid == "?"
    repr(delivery).encode("utf-8")


def test_a_whole_delivery_is_read() -> None:
    """Envelope, events in order, actor and targets; unknown members and types are accepted."""
    user = {"id": "00u1", "type": "User", "alternateId": "j@x", "displayName": "J", "new": {}}
    delivery = parse_delivery(
        _body(
            {
                "uuid": "u1",
                "eventType": "acme.brand.new",
                "published": "2026-01-01T00:00:00.000Z",
                "outcome": {"result": "SUCCESS", "reason": None},
                "actor": user,
                "target": [user, {"id": "0oa1", "type": None}],
                "novelty": [1],
            },
            {"eventType": "b", "target": None, "actor": None, "outcome": None},
            eventId="e1",
            source="https://dev-123.okta.com/api/v1/eventHooks/who1",
        )
    )
    first, second = delivery.events
    party = Party("00u1", "User", "j@x", "J")
    assert (delivery.event_id, delivery.hook_id) == ("e1", "who1")
    assert (first.uuid, first.event_type, first.outcome) == ("u1", "acme.brand.new", "SUCCESS")
    assert first.published == "2026-01-01T00:00:00.000Z"
    assert first.actor == party
    assert first.targets == (party, Party("0oa1", None, None, None))
    assert (second.actor, second.outcome, second.targets) == (None, None, ())


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "the body is empty"),
        (b"nope", "the body is not JSON: Expecting value: line 1 column 1 (char 0)"),
        (b"\xff{}", "the body is not UTF-8: invalid start byte at byte 0"),
        (b"[]", "the body must be an object, not an array"),
        (b"{}", "data is missing"),
        (b'{"data":null}', "data must be an object, not null"),
        (b'{"data":{}}', "data.events is missing"),
        (b'{"data":{"events":{}}}', "data.events must be an array, not an object"),
        (b'{"data":{"events":[]}}', "data.events is empty: a delivery has at least one event"),
        (b'{"data":{"events":[1]}}', "data.events[0] must be an object, not a number"),
        (b'{"data":{"events":[{}]}}', "data.events[0].eventType is missing"),
        (b'{"data":{"events":[{"eventType":""}]}}', "data.events[0].eventType is missing"),
        (
            b'{"data":{"events":[{"eventType":true}]}}',
            "data.events[0].eventType must be a string, not a boolean",
        ),
        (
            b'{"eventId":1,"data":{"events":[{"eventType":"t"}]}}',
            "eventId must be a string, not a number",
        ),
        (
            b'{"data":{"events":[{"eventType":"t"},{"eventType":"t","target":{}}]}}',
            "data.events[1].target must be an array, not an object",
        ),
        (
            b'{"data":{"events":[{"eventType":"t","target":["x"]}]}}',
            "data.events[0].target[0] must be an object, not a string",
        ),
        (
            b'{"data":{"events":[{"eventType":"t","actor":{"id":[]}}]}}',
            "data.events[0].actor.id must be a string, not an array",
        ),
        (
            b'{"x":NaN,"data":{"events":[{"eventType":"t"}]}}',
            "the body is not JSON: NaN is not a JSON value",
        ),
        (b"[" * 200_000, "the body is nested too deeply"),
    ],
    ids=lambda value: repr(value[:40]),
)
def test_a_malformed_body_is_refused_with_the_place_of_the_error(body: bytes, message: str) -> None:
    """The message names the member and its type."""
    with pytest.raises(NotADelivery) as refused:
        parse_delivery(body)
    assert str(refused.value) == message


@pytest.mark.parametrize(
    ("source", "hook_id"),
    [
        ("https://x.okta.com/api/v1/eventHooks/who1", "who1"),
        ("https://x.okta.com/api/v1/eventHooks/", None),
        ("https://x.okta.com/api/v1/other/who1", None),
        ("", None),
        (None, None),
    ],
)
def test_the_hook_is_the_last_part_of_the_source(source: str | None, hook_id: str | None) -> None:
    """A source of another form names no hook."""
    assert Delivery("e", source, ()).hook_id == hook_id


@pytest.mark.parametrize(
    ("debug_data", "changed"),
    [
        ({"changedAttributes": "firstName, title"}, ("firstName", "title")),
        ({"changedAttributes": ""}, ()),
        ({"changedAttributes": ["firstName"]}, None),
        ({}, None),
        (None, None),
    ],
)
def test_an_event_names_what_was_changed(
    debug_data: dict[str, object] | None, changed: tuple[str, ...] | None
) -> None:
    """Okta writes the names in one text; anything else there is passed over."""
    updated = event() | {"debugContext": {"debugData": debug_data}}
    (read,) = parse_delivery(delivery_body("e", updated)).events
    assert read.changed == changed


def test_a_glimpse_has_the_first_events_and_looks_at_no_other() -> None:
    """A list of deliveries stays quick if one of them has thousands of events."""
    body = _body(event("one"), event("two"), {"eventType": 3}, eventId="e1")
    delivery, count = glimpse_in(body, 2)
    assert ([each.uuid for each in delivery.events], delivery.event_id) == (["one", "two"], "e1")
    assert count == 3


@pytest.mark.parametrize("body", [b"", b"no JSON", b"[]", b'{"data": {"events": 3}}', b"{}"])
def test_a_glimpse_of_anything_else_is_empty(body: bytes) -> None:
    """A body that is not a delivery has no ids and no events."""
    assert glimpse_in(body, 10) == (Delivery(None, None, ()), 0)
