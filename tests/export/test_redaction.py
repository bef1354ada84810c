"""Redaction: what comes out identifies nobody, and is a delivery like the one that went in."""

import io
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okhook.export.format import read_export
from okhook.export.redaction import Redactor
from okhook.records.attempt import Attempt
from okhook.records.record import Record, RecordKind
from okhook.wire.delivery import parse_delivery
from okhook.wire.event_types import eligible
from tests.export.payloads import leaves, payload, record_of
from tests.export.strategies import attempts, records
from tests.export.test_format import ATTEMPT
from tests.support.each import check_each
from tests.support.records import post

NAMING = (
    "id", "uuid", "eventId", "alternateId", "displayName", "ipAddress", "ip", "city", "state",
    "postalCode", "country", "domain", "asOrg", "requestId", "externalSessionId",
)  # fmt: skip
NO_VALUE = ("unknown", "null")


def redacted(document: object) -> Any:  # noqa: ANN401 - any JSON value
    """Return what becomes of a payload."""
    return json.loads(Redactor().exported(record_of(document))["body"])


def again(line: dict[str, Any]) -> Record:
    """Return the record of an exported line, as whoever gets the file reads it."""
    (record,) = read_export(io.BytesIO(json.dumps(line).encode()), "export.jsonl")
    return record


def test_a_delivery_of_okta() -> None:
    """Names, ids and places have placeholders; event types, outcomes and times stay."""
    document = payload("group.user_membership.add")
    event = document["data"]["events"][0]
    user = event["target"][0]
    event["displayMessage"] = f"Jane Doe was added to Sales for {user['alternateId']}"
    event["debugContext"]["debugData"] |= {
        "requestUri": f"/api/v1/users/{user['id']}/lifecycle/activate",
        "logOnlySecurityData": json.dumps({"risk": {"level": "LOW"}, "who": "Jane Doe"}),
        "smsProvider": "ACME TELECOM",
    }
    user["detailEntry"] = {"department": "Security", "badge": 4711, "status": "ACTIVE"}
    result = redacted(document)
    shown = result["data"]["events"][0]
    assert result["eventType"] == "com.okta.event_hook"
    assert result["source"] == "https://host-2.example.com/api/v1/eventHooks/whoREDACTED000000005"
    assert shown["eventType"] == "group.user_membership.add"
    assert shown["published"] == "2026-11-24T12:00:00.123Z"
    assert shown["outcome"] == {"result": "SUCCESS", "reason": None}
    assert shown["target"][0] == {
        "id": "00uREDACTED000000002",
        "type": "User",
        "alternateId": "user-2@example.com",
        "displayName": "name-2",
        "detailEntry": {"department": "text-1", "key-1": 1, "status": "ACTIVE"},
    }
    assert shown["displayMessage"] == "name-2 was added to name-3 for user-2@example.com"
    debug = shown["debugContext"]["debugData"]
    assert debug["requestUri"] == "/api/v1/users/00uREDACTED000000002/lifecycle/activate"
    assert json.loads(debug["logOnlySecurityData"]) == {"risk": {"level": "LOW"}, "who": "name-2"}
    assert debug["smsProvider"] == "text-2 text-3"
    assert debug["targetEventHookIds"] == "whoREDACTED000000005"
    assert shown["client"]["userAgent"] == event["client"]["userAgent"]
    assert shown["client"]["ipAddress"] == shown["client"]["ipChain"][0]["ip"] == "192.0.2.1"
    assert shown["client"]["geographicalContext"]["geolocation"] == {"lat": 0.0, "lon": 0.0}


def test_every_event_type_keeps_its_shape() -> None:
    """Equal values stay equal, and different ones stay different."""
    check_each(sorted(eligible()), stays_what_it_is)


def stays_what_it_is(event_type: str) -> None:
    document = payload(event_type)
    record = again(Redactor().exported(record_of(document)))
    before, after = (
        parse_delivery(record_of(document).request.body),
        parse_delivery(record.request.body),
    )
    (was,), (is_now,) = before.events, after.events
    assert (is_now.event_type, is_now.outcome, is_now.published) == (
        event_type,
        was.outcome,
        was.published,
    )
    assert [target.type for target in is_now.targets] == [target.type for target in was.targets]
    names = [
        (old, new)
        for (member, old), (_, new) in zip(
            leaves(document), leaves(json.loads(record.request.body)), strict=True
        )
        if member in NAMING and isinstance(old, str) and old not in NO_VALUE
    ]
    assert all(old != new for old, new in names)
    assert len(dict(names)) == len({new for _, new in names}) == len(set(names))


def test_records_of_one_export_share_placeholders() -> None:
    """A second export begins with new ones."""
    redactor = Redactor()
    lines = [
        redactor.exported(record_of(payload(t)))
        for t in ("user.session.start", "user.lifecycle.create")
    ]
    start, create = (json.loads(line["body"])["data"]["events"][0] for line in lines)
    assert start["actor"]["alternateId"] == create["target"][0]["alternateId"]
    assert start["actor"]["displayName"] == create["target"][0]["displayName"]
    assert Redactor().exported(record_of(payload("user.session.start"))) == lines[0]


def test_headers_lose_credentials() -> None:
    """Addresses and ids have placeholders; the length is that of the redacted body."""
    line = Redactor().exported(
        record_of(
            payload("user.session.start"),
            (b"host", b"hooks.acme.com:8443"),
            (b"accept", b"application/json"),
            (b"content-type", b"application/json; charset=utf-8"),
            (b"content-length", b"2300"),
            (b"user-agent", b"Okta Hook Service v1.0.0 - ok12"),
            (b"authorization", b"Basic dXNlcjpwdw=="),
            (b"cookie", b"sid=1"),
            (b"proxy-authorization", b"x"),
            (b"x-api-key", b"k"),
            (b"x-hub-signature", b"s"),
            (b"x-hook", b"[hidden]"),
            (b"x-acme-tenant", b"acme"),
            (b"x-forwarded-for", b"203.0.113.17, 10.1.2.3:4711, 2a00:1450:4001::200e"),
            (b"x-okta-request-id", b"3f2504e0-4f89-41d3-9a0c-0305e82c3301"),
            (b"x-hookdeck-event-url", b"https://u:p@dashboard.hookdeck.com/events/evt_1?x=J%20D"),
            (b"x-okta-verification-challenge", b"Zm9v"),
            (b"x-latin", b"caf\xe9"),
        )
    )
    assert [tuple(pair) for pair in line["headers"]] == [
        ("host", "host-3.example.com:8443"),
        ("accept", "application/json"),
        ("content-type", "application/json; charset=utf-8"),
        ("content-length", str(len(line["body"]))),
        ("user-agent", "Okta Hook Service v1.0.0 - text-2"),
        ("x-header-1", "text-3"),
        ("x-forwarded-for", "192.0.2.1, 192.0.2.2:4711, 2001:db8::1"),
        ("x-okta-request-id", "00000000-0000-4000-8000-000000000003"),
        ("x-hookdeck-event-url", "https://host-4.example.com/events/text-4?x=text-5%text-6"),
        ("x-okta-verification-challenge", "text-7"),
        ("x-header-2", "text-8"),
    ]


def test_a_user_agent_is_redacted_like_any_text_field_20() -> None:
    """Usual programs and systems stay; names, hosts and whole e-mail addresses do not."""
    own = (
        "AcmeCorp-HR-Sync/1.0 (mailto:ops.lead@acmecorp.example; host=payroll01.acmecorp.internal)"
    )
    document = payload("user.session.start")
    event = document["data"]["events"][0]
    event["securityContext"]["domain"] = "acmecorp.example"
    event["client"]["userAgent"]["rawUserAgent"] = own
    event["debugContext"]["debugData"]["note"] = "mail service.account@acmecorp.example"
    line = Redactor().exported(record_of(document, (b"user-agent", own.encode())))
    for original in ("acmecorp", "ops", "lead", "payroll01", "hr-sync", "service.account"):
        assert original not in json.dumps(line).lower()


@pytest.mark.parametrize(
    "agent",
    [
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:125.0) Gecko/20100101 Firefox/125.0",
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4_1 like Mac OS X) AppleWebKit/605.1.15"
            " (KHTML, like Gecko) Version/17.4.1 Mobile/15E148 Safari/604.1"
        ),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36"
            " (KHTML, like Gecko) Chrome/124.0.6367.91 Safari/537.36 Edg/124.0.2478.51"
        ),
        "okta-sdk-python/2.9.0 python/3.11.4",
    ],
)
def test_the_usual_user_agents_stay_field_20(agent: str) -> None:
    """They tell what a delivery is about, and identify nobody."""
    document = payload("user.session.start")
    document["data"]["events"][0]["client"]["userAgent"]["rawUserAgent"] = agent
    assert redacted(document)["data"]["events"][0]["client"]["userAgent"]["rawUserAgent"] == agent


def test_an_address_after_a_program_is_no_version_field_20() -> None:
    """An IP address has four numbers, as few versions have."""
    line = Redactor().exported(record_of({}, (b"user-agent", b"Version/10.1.2.3 OS X 10.1.2.3")))
    assert "10.1.2.3" not in json.dumps(line)


def test_a_body_that_is_not_json_is_withheld() -> None:
    """Only its length stays; an empty body stays empty."""
    malformed = replace(
        record_of({}),
        kind=RecordKind.MALFORMED,
        request=post(b'{"login": "jane.doe@acme.com"'),
        reason="the body is not JSON: Expecting ',' delimiter: line 1 column 30 (char 29)",
    )
    line = Redactor().exported(malformed)
    assert line["body_withheld"]
    assert len(line["body"]) == len(malformed.request.body)
    assert "jane" not in json.dumps(line)
    assert line["reason"].startswith("the body is not JSON: Expecting ',' delimiter: line ")
    empty = Redactor().exported(replace(malformed, request=post(b"")))
    assert (empty["body"], empty["body_withheld"]) == ("", False)


def test_json_nested_too_deeply_is_withheld() -> None:
    """In debug data, too."""
    deep = "[" * 900 + '"Jane"' + "]" * 900
    for body in (deep.encode(), json.dumps({"debugData": {"x": deep}}).encode()):
        line = Redactor().exported(replace(record_of({}), request=post(body)))
        assert "Jane" not in line["body"]


def test_the_answer_of_an_app_is_withheld() -> None:
    """It may repeat the payload; status and duration stay."""
    tried = replace(
        ATTEMPT, target="http://jane:pw@10.0.0.7:3000/jane", reason="no route to acme.com"
    )
    line = Redactor().exported(record_of({}), [tried])
    (shown,) = line["attempts"]
    assert shown["target"] == "http://192.0.2.1:3000/text-1"
    assert shown["reason"] == "no text-2 to host-1.example.com"
    assert (shown["status"], shown["duration_ms"], shown["answer_withheld"]) == (500, 12.346, True)
    assert (shown["answer"], shown["answer_type"]) == ("", None)


@given(record=records, tried=st.lists(attempts, max_size=2))
def test_any_redacted_record_can_be_read(record: Record, tried: list[Attempt]) -> None:
    """Whatever the record contains."""
    line = Redactor().exported(record, tried)
    assert json.dumps(line).isascii()
    read = again(line)
    assert (read.seq, read.kind, read.status) == (record.seq, record.kind, record.status)
    assert bool(read.request.body) == bool(record.request.body)


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(NAMING) | st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(documents=st.lists(json_values, min_size=1, max_size=3))
def test_redacting_twice_changes_nothing(documents: list[object]) -> None:
    """A placeholder has itself as placeholder."""
    first, second = Redactor(), Redactor()
    for document in documents:
        line = first.exported(record_of(document, (b"x-jane", b"Jane Doe")))
        assert second.exported(again(line)) == line


@given(document=json_values)
def test_a_payload_keeps_its_shape(document: object) -> None:
    """Objects, arrays, strings, numbers, booleans and null: each is where it was."""

    def shape(value: object) -> object:
        match value:
            case dict():
                return [shape(entry) for entry in value.values()]
            case list():
                return (*map(shape, value),)
            case _:
                return type(value)

    assert shape(redacted(document)) == shape(document)
