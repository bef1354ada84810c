"""The check of a payload, and how a canary is recognised."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okhook.wire.delivery import delivery_of
from okhook.wire.payload import CANARY_EVENT_TYPE, NotADelivery, checked_events, is_canary

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
parties = json_values | st.fixed_dictionaries({}, optional={"id": json_values, "type": st.text()})
events = json_values | st.fixed_dictionaries(
    {"eventType": st.text(min_size=1) | json_values},
    optional={
        "uuid": st.text() | json_values,
        "outcome": st.fixed_dictionaries({"result": json_values}) | json_values,
        "actor": parties,
        "target": st.lists(parties, max_size=2) | json_values,
    },
)
payloads = json_values | st.fixed_dictionaries(
    {"data": st.fixed_dictionaries({"events": st.lists(events, max_size=3) | json_values})},
    optional={"eventId": st.text() | json_values, "source": json_values},
)


@given(payloads)
def test_every_checked_payload_can_be_parsed(payload: object) -> None:
    """The receiver answers 204 after the check alone, so parsing must not fail later."""
    try:
        checked = checked_events(payload)
    except NotADelivery:
        return
    assert len(delivery_of(payload).events) == len(checked)


@pytest.mark.parametrize(
    ("types", "expected"),
    [
        ([CANARY_EVENT_TYPE], True),
        ([CANARY_EVENT_TYPE, CANARY_EVENT_TYPE], True),
        ([CANARY_EVENT_TYPE, "user.lifecycle.create"], False),
        (["user.lifecycle.create"], False),
    ],
)
def test_a_delivery_with_one_event_of_an_org_is_no_canary(types: list[str], expected: bool) -> None:
    """A canary has no other events."""
    assert is_canary(types) is expected
