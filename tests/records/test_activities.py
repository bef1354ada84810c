"""The JSON of records in a list, and of one record in full."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from inline_snapshot import snapshot

from okhook.records.activities import RecordFound, RecordShown
from okhook.records.attempt import Attempt, ForwardState
from okhook.records.record import Record, RecordKind
from tests.export.strategies import attempts, records
from tests.support.found import attempt, forward, found, record
from tests.support.records import EVENT_SHOWN, post


def test_a_record_in_a_list() -> None:
    """It has the status, the ids, and the events as in a delivery's line."""
    waiting = forward(state=ForwardState.WAITING, attempts=2)
    assert RecordFound(found(record(), waiting)).to_json() == snapshot(
        {
            "type": "record",
            "seq": 41,
            "received_at": "2026-11-24T12:00:41.123Z",
            "status": "stored",
            "kind": "delivery",
            "answered": 204,
            "reason": None,
            "event_id": "event-1",
            "hook_id": "who123",
            "duplicate_of": None,
            "reconstructed": False,
            "sample": False,
            "receiver": None,
            "events": [EVENT_SHOWN],
            "forwards": [
                {
                    "target": "http://127.0.0.1:3000/hook",
                    "state": "waiting",
                    "attempts": 2,
                    "next_at": "2026-11-24T12:01:30.123Z",
                }
            ],
        }
    )


def test_one_record_in_full() -> None:
    """It also has the request, the body as JSON, and every attempt with its answer."""
    request = post(
        b'{"a": [1, "x"]}',
        (b"accept", b"*/*"),
        (b"x-api-key", b"k3y"),
        (b"x-hookdeck-event-url", b"https://dashboard.hookdeck.com/events/evt_1"),
    )
    kept = record(kind=RecordKind.MALFORMED, request=request, status=400, reason="data is missing")
    shown = RecordShown(found(kept), [attempt(answer=b"oh\xff")], repeats=[42]).to_json()
    listed = RecordFound(found(kept)).to_json()
    assert {name: value for name, value in shown.items() if name not in listed} == snapshot(
        {
            "duplicates": [42],
            "auth": "not_asked",
            "method": "POST",
            "path": "/okta-webhooks-endpoint",
            "headers": [
                ["accept", "*/*"],
                ["x-api-key", "[hidden]"],
                ["x-hookdeck-event-url", "https://dashboard.hookdeck.com/events/evt_1"],
            ],
            "body": {"a": [1, "x"]},
            "attempts": [
                {
                    "target": "http://127.0.0.1:3000/hook",
                    "purpose": "forward",
                    "number": 1,
                    "began_at": "2026-11-24T12:01:00.123Z",
                    "duration_ms": 12.0,
                    "status": 500,
                    "fault": None,
                    "error": None,
                    "answer_type": "text/plain",
                    "answer": "oh�",
                }
            ],
            "hookdeck_event_url": "https://dashboard.hookdeck.com/events/evt_1",
        }
    )
    assert shown | listed == shown


def test_headers_that_may_be_credentials_are_hidden() -> None:
    """Headers that the store did not mask are hidden too."""
    request = post(
        b"", (b"X-Hook-Key", b"k"), (b"authorization", b"[hidden]"), (b"x-a", b"\xc3\xa9\xff")
    )
    assert RecordShown(found(record(request=request)), []).headers == [
        ("X-Hook-Key", "[hidden]"),
        ("authorization", "[hidden]"),
        ("x-a", "\u00e9\ufffd"),
    ]


@pytest.mark.parametrize(
    ("value", "page"),
    [
        (
            b"https://dashboard.hookdeck.com/events/evt_1",
            "https://dashboard.hookdeck.com/events/evt_1",
        ),
        (b"http://dashboard.hookdeck.com/events/evt_1", None),
        (b"javascript:alert(1)", None),
        (b"https://", None),
        (b"https://[", None),
        (b"https://dashboard.hookdeck.com/\x1b[2J", None),
        (b"https://dashboard.hookdeck.com/ b", None),
        (b"https://dashboard.hookdeck.com.example.com/", None),
        (b"https://example.com/.hookdeck.com", None),
        (b"https://hookdeck.com@example.com/", None),
        (b"https://user:password@dashboard.hookdeck.com/", None),
        (b"https://example.com\\@dashboard.hookdeck.com/", None),
        (b"", None),
    ],
)
def test_hookdeck_s_page_is_an_https_url(value: bytes, page: str | None) -> None:
    """The URL of the header is shown only if it is Hookdeck's own: anybody can send it."""
    with_header = record(request=post(b"", (b"X-Hookdeck-Event-Url", value)))
    assert RecordShown(found(with_header), []).hookdeck_event_url == page
    assert RecordShown(found(record()), []).hookdeck_event_url is None


@pytest.mark.parametrize(
    "body", [b"NaN", b"1e999", b"{", b"\xff", b"[" * 5000 + b"]" * 5000, b"[" * 980 + b"]" * 980]
)
def test_a_body_that_is_not_json_is_text(body: bytes) -> None:
    """The line is always valid JSON."""
    shown = RecordShown(found(record(kind=RecordKind.MALFORMED, request=post(body))), [])
    assert json.loads(json.dumps(shown.to_json()))["body"] == body.decode("utf-8", "replace")


@given(kept=records, tried=st.lists(attempts, max_size=2))
def test_any_record_can_be_shown(kept: Record, tried: list[Attempt]) -> None:
    """Whatever the bytes, the line is strict JSON in ASCII, with each attempt."""
    line = json.dumps(RecordShown(found(kept), tried).to_json(), allow_nan=False)
    assert line.isascii()
    assert len(json.loads(line)["attempts"]) == len(tried)
    assert json.loads(json.dumps(RecordFound(found(kept)).to_json()))["seq"] == kept.seq
