"""A rebuilt delivery: what the hook would have sent, under an id that is its own for good."""

import json
from dataclasses import replace

from okhook.okta.log_entry import hook_event, read_log_entry
from okhook.reconcile.rebuild import reconstruction
from okhook.wire.delivery import parse_delivery
from okhook.wire.org import Org
from tests.okta.fake_log import log_entry
from tests.okta.setup import ORG
from tests.reconcile.rig import HOOK_ID, a_hook, an_entry


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
