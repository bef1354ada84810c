"""A sample delivery has the content that was ordered."""

import json
from typing import Any

import pytest

from okhook.json_path import NotAPath, parse_assignment
from okhook.wire.delivery import parse_delivery
from okhook.wire.samples.sample import Sample, SampleOrder, sample_from, sample_of
from tests.wire.samples.cast import PUBLISHED, counted_ids


def _made(order: SampleOrder) -> Sample:
    return sample_of(order, ids=counted_ids(), now=PUBLISHED)


def _document(sample: Sample) -> Any:  # noqa: ANN401 - any JSON value
    return json.loads(sample.body)


def test_the_default_sample_is_that_of_okta_s_guide() -> None:
    """By default Jane Doe is created, as in Okta's guide, and the sample has its id."""
    sample = _made(SampleOrder())
    (event,) = parse_delivery(sample.body).events
    assert event.event_type == "user.lifecycle.create"
    assert event.targets[0].display_name == "Jane Doe"
    assert event.targets[0].alternate_id == "jane.doe@hookdeckexample.com"
    assert _document(sample)["eventId"] == sample.event_id


def test_source_and_target_name_the_same_hook() -> None:
    """``source`` and ``targetEventHookIds`` name the same hook."""
    sample = _made(SampleOrder())
    data = _document(sample)["data"]["events"][0]["debugContext"]["debugData"]
    hook_id = parse_delivery(sample.body).hook_id
    assert hook_id
    assert hook_id.startswith("who")
    assert data["targetEventHookIds"] == hook_id


def test_several_events_are_of_one_person_and_in_order() -> None:
    """The uuids differ, the user is the same, and the times are in order."""
    whole = _document(_made(SampleOrder(events=5)))
    events = whole["data"]["events"]
    assert len({event["uuid"] for event in events}) == 5
    assert len({event["target"][0]["id"] for event in events}) == 1
    published = [event["published"] for event in events]
    assert published == sorted(set(published))
    assert published[-1] < whole["eventTime"] == "2026-11-24T09:30:15.250Z"


def test_names_and_login_appear_in_the_event() -> None:
    """Names may have any characters, even bytes that were not UTF-8."""
    order = SampleOrder(first_name='J"ø', last_name="\udcff", login="j@ø.example")
    target = parse_delivery(_made(order).body).events[0].targets[0]
    assert target.alternate_id == "j@ø.example"
    assert target.display_name == 'J"ø ?'


def test_assignments_change_the_bytes() -> None:
    """Assignments apply in order; the sample has an assigned eventId."""
    texts = ['data.events[*].actor.displayName="X"', "eventId=e1", "data.events[1].actor=null"]
    order = SampleOrder(events=2, assignments=tuple(parse_assignment(text) for text in texts))
    sample = _made(order)
    first, second = _document(sample)["data"]["events"]
    assert sample.event_id == "e1"
    assert first["actor"]["displayName"] == "X"
    assert second["actor"] is None


@pytest.mark.parametrize(
    ("payload", "event_id"),
    [
        (b'{ "eventId" : "e1",\n "x": 1.0 }', "e1"),
        (b'{"eventId": 7}', None),
        (b"[1]", None),
        (b"not json \xff", None),
        (b"", None),
        (b"[" * 100_000, None),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_a_file_s_bytes_are_sent_as_they_are(payload: bytes, event_id: str | None) -> None:
    """The bytes do not change, even if they are not JSON."""
    assert sample_from(payload, ()) == Sample(event_id, payload)


def test_a_file_can_be_changed() -> None:
    """With an assignment the payload is read and written again."""
    sample = sample_from(b'{ "a": "\xc3\xa9" }', [parse_assignment("b=1")])
    assert sample.body == '{"a":"é","b":1}'.encode()


@pytest.mark.parametrize("payload", [b"", b"nope", b"\xff", b'{"a": NaN}', b"[" * 100_000])
def test_a_file_that_is_no_json_cannot_be_changed(payload: bytes) -> None:
    """It is refused before anything is sent."""
    with pytest.raises(ValueError, match=r"."):
        sample_from(payload, [parse_assignment("b=1")])


def test_the_error_names_a_path_that_does_not_exist() -> None:
    """The error names the path."""
    with pytest.raises(NotAPath, match=r"^eventId\.x: "):
        _made(SampleOrder(assignments=(parse_assignment("eventId.x=1"),)))
