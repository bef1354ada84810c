"""The quick check of a body never accepts what the full check refuses."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from okhook.runtime.ids import RANDOM_IDS
from okhook.wire.event_types import eligible
from okhook.wire.payload import NotADelivery, checked_events, payload_of
from okhook.wire.quick_payload import quick_check
from okhook.wire.samples.sample import SampleOrder, sample_of
from tests.support.records import NOON, delivery_body, event
from tests.wire.test_payload import payloads

event_types_in = quick_check()
EVENT_TYPE = event()["eventType"]
GOOD = delivery_body("event-1", event("uuid-1"), event("uuid-2"))


def types_of(body: bytes) -> list[str] | None:
    """Return what the full check finds."""
    try:
        return [each["eventType"] for each in checked_events(payload_of(body))]
    except NotADelivery:
        return None


@given(payloads, st.booleans())
def test_both_checks_agree_on_every_payload(payload: object, ascii_only: bool) -> None:
    """The full check looks again at what the quick one does not accept, so it decides."""
    body = json.dumps(payload, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    assert event_types_in(body) in (None, types_of(body))


@given(st.integers(0, len(GOOD)), st.integers(0, 20), st.binary(max_size=20))
@example(GOOD.index(b"{"), 1, b'{"x": "\xff", ')
@example(GOOD.index(b"{"), 1, b'{"x": "\xed\xa0\x80", ')
@example(GOOD.index(b"{"), 1, b'{"x": 01, ')
@example(GOOD.index(b"{"), 1, b'{"x": NaN, ')
@example(GOOD.index(b"{"), 1, b'{"x": "\x01", ')
@example(GOOD.index(b"{"), 1, b'{"x": "\\x", ')
@example(GOOD.index(b"{"), 1, b'{"x": "\\ud800", ')
@example(GOOD.index(b"{"), 1, b'{"event\\u0049d": 7, ')
@example(GOOD.index(b"{"), 1, b'{"data": 7, ')
@example(GOOD.index(b"{"), 1, b"\xef\xbb\xbf{")
def test_both_checks_agree_on_every_damage(at: int, removed: int, put: bytes) -> None:
    """A good body in which a few bytes are others, some of them in what okhook does not read."""
    body = GOOD[:at] + put + GOOD[at + removed :]
    assert event_types_in(body) in (None, types_of(body))


@given(st.text(alphabet='{}[]":,0123456789.eE+-\\utrfalsn ', max_size=30))
def test_both_checks_agree_on_every_value_that_is_skipped(value: str) -> None:
    """msgspec builds no object of a field that okhook does not know, but reads it."""
    body = GOOD.replace(b"{", b'{"x": ' + value.encode() + b", ", 1)
    assert event_types_in(body) in (None, types_of(body))


@pytest.mark.parametrize("depth", [100, 5_000, 100_000])
def test_no_nesting_is_too_deep(depth: int) -> None:
    """It is no delivery for the quick check, and no error."""
    body = GOOD.replace(b"{", b'{"x": ' + b"[" * depth + b"]" * depth + b", ", 1)
    assert event_types_in(body) in (None, types_of(body))


@pytest.mark.parametrize("name", ["Jane Doe", "Jürgen", "山田太郎 😀"])
def test_a_good_delivery_needs_no_second_look(name: str) -> None:
    """Nor do names in other alphabets."""
    named = event("uuid-1")
    named["actor"]["displayName"] = name
    envelope = json.loads(delivery_body("event-1", named))
    assert event_types_in(json.dumps(envelope, ensure_ascii=False).encode()) == [EVENT_TYPE]


def test_no_sample_needs_a_second_look() -> None:
    """Samples have what Okta sends with an event of each type."""
    missed = [
        event_type
        for event_type in sorted(eligible())
        if event_types_in(sample_of(SampleOrder(event_type), ids=RANDOM_IDS, now=NOON).body)
        != [event_type]
    ]
    assert missed == []
