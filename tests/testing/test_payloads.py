"""``event`` and ``delivery``: what Okta would send, and what a test changes in it."""

from datetime import UTC, datetime

import pytest

from okhook.testing import delivery, event
from okhook.wire.delivery import body_of, parse_delivery
from okhook.wire.event_types import eligible

ANN = {
    "id": "00u1",
    "profile": {"firstName": "Ann", "lastName": "Lee", "login": "ann@example.com"},
}


def test_every_event_type_gives_a_delivery() -> None:
    """okhook's own receiver accepts it."""
    for event_type in sorted(eligible()):
        parsed = parse_delivery(body_of(delivery(event_type)))
        assert [each.event_type for each in parsed.events] == [event_type]


def test_events_are_about_a_person() -> None:
    """A login, or a user of the API."""
    by_login, by_user = event(user="bob@example.com"), event(user=ANN)
    assert by_login["target"][0]["alternateId"] == "bob@example.com"
    assert by_user["target"][0] == {
        "id": "00u1",
        "type": "User",
        "alternateId": "ann@example.com",
        "displayName": "Ann Lee",
        "detailEntry": None,
    }


def test_members_replace_those_of_the_event() -> None:
    """At any depth."""
    made = event(target=None, outcome__result="FAILURE", debugContext__debugData=None, uuid="1")
    assert (made["target"], made["uuid"]) == (None, "1")
    assert made["outcome"] == {"result": "FAILURE", "reason": None}
    assert made["debugContext"] == {"debugData": None}
    assert event(target__0__alternateId="x")["target"][0]["alternateId"] == "x"


def test_the_time_can_be_set() -> None:
    """In Okta's form."""
    then = datetime(2026, 1, 2, 3, 4, 5, 678_000, tzinfo=UTC)
    assert event(published=then)["published"] == "2026-01-02T03:04:05.678Z"
    assert delivery(event_time=then)["eventTime"] == "2026-01-02T03:04:05.678Z"


def test_a_delivery_is_as_okta_sends_it() -> None:
    """The eight members of the envelope; ``source`` names the hook that the event names."""
    first = event("user.session.start")
    made = delivery(first, "user.lifecycle.create", event_id="7")
    hook = first["debugContext"]["debugData"]["targetEventHookIds"]
    assert made["source"] == f"https://dev-123.okta.com/api/v1/eventHooks/{hook}"
    assert made["eventId"] == "7"
    assert [each["eventType"] for each in made["data"]["events"]] == [
        "user.session.start",
        "user.lifecycle.create",
    ]
    assert len(made) == 8


def test_deliveries_share_nothing() -> None:
    """A change in one shows in no other: the same event can be delivered twice."""
    same = event()
    one, other = delivery(same), delivery(same)
    one["data"]["events"][0]["outcome"]["result"] = "FAILURE"
    assert other["data"]["events"][0] == same
    assert one["eventId"] != other["eventId"]


def test_a_delivery_has_an_event_without_being_told() -> None:
    """That of Okta's guide."""
    assert [each["eventType"] for each in delivery()["data"]["events"]] == ["user.lifecycle.create"]


def test_mistakes_are_named() -> None:
    """With the nearest name, or what is accepted."""
    with pytest.raises(ValueError, match=r"did you mean user.session.start or .* unknown=True"):
        event("user.session.strt")
    with pytest.raises(ValueError, match=r"unknown event type 'x'; pass unknown=True"):
        delivery("x")
    with pytest.raises(ValueError, match=r"no member 'targt': did you mean target\?"):
        event(targt=None)
    with pytest.raises(ValueError, match=r"target has no \[3\] \(size 1\)"):
        event(target__3__id="x")
    with pytest.raises(TypeError, match="pass it to okta_deliver"):
        delivery(delivery())
    with pytest.raises(TypeError, match="event types and events of okta_event, not int"):
        delivery(7)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="a login, or a user as Okta's API returns it"):
        event(user={"login": "x"})
    with pytest.raises(TypeError, match="must be a string, not dict"):
        event({})  # type: ignore[arg-type]


def test_an_unknown_event_type_can_be_meant() -> None:
    """Okta adds event types every month, and a receiver must not break on one."""
    assert event("user.hologram.create", unknown=True)["eventType"] == "user.hologram.create"
