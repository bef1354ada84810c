"""Sample events have the shape of a hook's events, checked with Okta's SDK."""

import json
import re
from typing import Any

from okta.models.log_event import LogEvent

from okhook.wire.delivery import body_of, envelope, hook_source, parse_delivery
from okhook.wire.event_types import eligible
from okhook.wire.samples.sample import GENERIC_NOTE, sample_event
from tests.support.each import check_each
from tests.wire.samples.cast import JANE, PUBLISHED, counted_ids

MEMBERS = [
    "uuid",
    "published",
    "eventType",
    "version",
    "displayMessage",
    "severity",
    "client",
    "device",
    "actor",
    "outcome",
    "target",
    "transaction",
    "debugContext",
    "legacyEventType",
    "authenticationContext",
    "securityContext",
    "insertionTimestamp",
]

HOOK_ONLY = {"device", "insertionTimestamp"}
"""Members that a hook's event has and the System Log's model has not."""


def _sample(event_type: str) -> dict[str, Any]:
    return sample_event(event_type, person=JANE, published=PUBLISHED, ids=counted_ids())


def _in_sdk(value: Any, read: Any) -> None:  # noqa: ANN401 - any JSON, on both sides
    """Assert that what the SDK read holds everything in ``value`` that its model has."""
    if isinstance(value, dict):
        for name, member in value.items():
            if name in read:
                _in_sdk(member, read[name])
    elif isinstance(value, list):
        assert len(value) == len(read)
        for ours, theirs in zip(value, read, strict=True):
            _in_sdk(ours, theirs)
    else:
        assert read == value


def test_the_sdk_reads_every_eligible_type_without_loss() -> None:
    """Okta's model accepts each sample, and returns the same members."""
    check_each(sorted(eligible()), _read_by_the_sdk)


def _read_by_the_sdk(event_type: str) -> None:
    event = _sample(event_type)
    model = LogEvent.from_dict(event)
    assert model is not None
    read = model.model_dump(by_alias=True, mode="json")
    assert set(event) - set(read) == HOOK_ONLY
    assert set(event["client"]) - set(read["client"]) == {"ipChain"}
    read["published"] = event["published"] if model.published == PUBLISHED else model.published
    _in_sdk(event, read)
    for part in ("actor", "outcome", "transaction", "authenticationContext", "securityContext"):
        assert set(event[part]) <= set(read[part])
    for ours, theirs in zip(event["target"], read["target"], strict=True):
        assert set(ours) <= set(theirs)


def test_every_sample_has_the_shape_of_the_hook() -> None:
    """The members are those of a hook, in Okta's order, not those of the System Log."""
    check_each([*sorted(eligible()), "acme.unheard.of"], _has_the_shape_of_the_hook)


def _has_the_shape_of_the_hook(event_type: str) -> None:
    event = _sample(event_type)
    assert list(event) == MEMBERS
    assert event["eventType"] == event_type
    assert event["device"] is None
    assert event["insertionTimestamp"] is None
    assert event["client"]["zone"] == "null"
    assert isinstance(event["client"]["ipChain"], list)
    assert event["published"] == "2026-11-24T09:30:15.250Z"
    for party in (event["actor"], *event["target"]):
        assert list(party) == ["id", "type", "alternateId", "displayName", "detailEntry"]
        assert re.fullmatch(r"[A-Za-z0-9]{20}|00u0000000000jane01", party["id"])


def test_the_receiver_reads_every_sample() -> None:
    """okhook parses its own samples."""
    check_each(sorted(eligible()), _read_by_the_receiver)


def _read_by_the_receiver(event_type: str) -> None:
    event = _sample(event_type)
    delivery = parse_delivery(
        body_of(
            envelope(
                [event],
                source=hook_source("https://dev-123.okta.com", "who1"),
                event_id="e1",
                event_time=PUBLISHED,
            )
        )
    )
    assert delivery.hook_id == "who1"
    assert delivery.events[0].event_type == event_type
    assert delivery.events[0].outcome == event["outcome"]["result"]
    assert len(delivery.events[0].targets) == len(event["target"])


def test_a_user_is_the_person_throughout() -> None:
    """The person is the same user as actor and target; an admin is another user."""
    session = _sample("user.mfa.factor.activate")
    assert session["actor"] == session["target"][0]
    assert session["actor"]["displayName"] == "Jane Doe"
    created = _sample("user.lifecycle.create")
    assert created["target"] == [
        {
            "id": JANE.id,
            "type": "User",
            "alternateId": "jane.doe@hookdeckexample.com",
            "displayName": "Jane Doe",
            "detailEntry": None,
        }
    ]
    assert created["actor"]["alternateId"] == "admin@hookdeckexample.com"
    assert created["actor"]["id"] != JANE.id


def test_an_event_of_the_system_has_no_client() -> None:
    """A job has no browser, no place and no request, as Okta documents it."""
    event = _sample("system.import.start")
    assert event["actor"]["type"] == "SystemPrincipal"
    assert event["transaction"]["type"] == "JOB"
    assert event["client"]["ipAddress"] is None
    assert event["client"]["geographicalContext"] is None
    assert event["client"]["ipChain"] == []
    assert "requestUri" not in event["debugContext"]["debugData"]


def test_an_unknown_type_is_generic_and_says_so() -> None:
    """An event type outside the catalogue has a note in its debug data."""
    unknown = _sample("acme.unheard.of")
    assert unknown["debugContext"]["debugData"]["note"] == GENERIC_NOTE
    assert [target["type"] for target in unknown["target"]] == ["User"]
    assert LogEvent.from_dict(unknown) is not None
    known = _sample("user.lifecycle.create")
    assert "note" not in known["debugContext"]["debugData"]


def test_the_debug_data_lists_the_hooks() -> None:
    """``targetEventHookIds`` lists the given hooks."""
    event = sample_event(
        "user.lifecycle.create",
        person=JANE,
        published=PUBLISHED,
        ids=counted_ids(),
        hook_ids=("who1", "who2"),
    )
    assert event["debugContext"]["debugData"]["targetEventHookIds"] == "who1,who2"


def test_the_envelope_has_eight_members_in_order() -> None:
    """The envelope is the one that Okta documents."""
    whole = envelope([{"a": 1}], source="s", event_id="e", event_time=PUBLISHED)
    assert list(whole.items()) == [
        ("eventType", "com.okta.event_hook"),
        ("eventTypeVersion", "1.0"),
        ("cloudEventsVersion", "0.1"),
        ("source", "s"),
        ("eventId", "e"),
        ("data", {"events": [{"a": 1}]}),
        ("eventTime", "2026-11-24T09:30:15.250Z"),
        ("contentType", "application/json"),
    ]


def test_a_delivery_of_one_event_is_about_as_big_as_okta_s() -> None:
    """Okta's is about 2.3 kB."""
    whole = envelope(
        [_sample("user.lifecycle.create")], source="s" * 60, event_id="e", event_time=PUBLISHED
    )
    assert 1_800 < len(body_of(whole)) < 2_600


def test_half_a_surrogate_pair_survives() -> None:
    """It stays a JSON escape, and reads back as it was."""
    assert body_of({"name": "José"}) == '{"name":"José"}'.encode()
    assert json.loads(body_of({"name": "\ud800é"})) == {"name": "\ud800é"}
