"""A System Log entry as read, hostile ones included, and its shape in a delivery."""

import copy
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okhook.okta.answers import UnexpectedAnswer
from okhook.okta.system_log import hook_event, read_log_entry
from okhook.sandbox import log_entries
from okhook.sandbox.log_entries import Cause, LogEvent
from okhook.wire.samples.sample import party
from tests.okta.fake_log import log_entry
from tests.sandbox.rig import org_rig
from tests.support.records import NOON

JsonObject = dict[str, Any]

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)
KEPT_NAMES = (
    "request", "client", "device", "insertionTimestamp", "target", "outcome", "zone", "ipChain",
)  # fmt: skip
objects = st.dictionaries(
    st.sampled_from(KEPT_NAMES) | st.text(max_size=8), json_values, max_size=4
)


def with_(**changes: object) -> JsonObject:
    return {**log_entry(), **changes}


def test_an_entry_as_read() -> None:
    """What we use of it, each under its own name, and Okta's object as it was."""
    raw = log_entry(
        "uuid-7", hook_ids="who1, who2,,who3 ", target="00ubob", result="FAILURE", reason="locked"
    )
    raw["target"] += [{"id": None}, "x", {}, {"id": "00gteam"}]
    entry = read_log_entry(copy.deepcopy(raw))
    assert (entry.uuid, entry.event_type) == ("uuid-7", "user.lifecycle.create")
    assert entry.published == NOON.replace(microsecond=123_000)
    assert entry.hook_ids == ("who1", "who2", "who3")
    assert entry.target_ids == ("00ubob", "00gteam")
    assert (entry.outcome, entry.reason) == ("FAILURE", "locked")
    assert entry.raw == raw


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2026-11-24T12:00:00.000Z", datetime(2026, 11, 24, 12, tzinfo=UTC)),
        ("2026-11-24T12:00:00+02:00", datetime(2026, 11, 24, 10, tzinfo=UTC)),
        ("2026-11-24T12:00:00", datetime(2026, 11, 24, 12, tzinfo=UTC)),
        ("2026-11-24T23:30:00.5-05:00", datetime(2026, 11, 25, 4, 30, 0, 500_000, tzinfo=UTC)),
    ],
)
def test_times_are_utc(text: str, meant: datetime) -> None:
    """An offset is taken into account, and what has none is the org's own UTC."""
    published = read_log_entry(with_(published=text)).published
    assert published == meant
    assert published.utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    "value",
    ["x", [], None, 7, {}]
    + [with_(uuid=wrong) for wrong in (None, "", 7, ["a"])]
    + [with_(eventType=wrong) for wrong in (None, "", 7, {"a": 1})]
    + [with_(published=wrong) for wrong in (None, "", "yesterday", 1764000000, "2026-13-01")]
    + [with_(published=beyond) for beyond in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59-14")],
)
def test_an_invalid_entry_is_refused(value: object) -> None:
    """Without its three fields, or with a time that there is not, it is refused as the org's."""
    with pytest.raises(UnexpectedAnswer, match="is invalid"):
        read_log_entry(value)


@pytest.mark.parametrize(
    ("context", "hook_ids"),
    [
        (None, None),
        ("x", None),
        ({"debugData": None}, None),
        ({"debugData": ["who1"]}, None),
        ({"debugData": {}}, None),
        ({"debugData": {"targetEventHookIds": None}}, None),
        ({"debugData": {"targetEventHookIds": ["who1"]}}, None),
        ({"debugData": {"targetEventHookIds": ""}}, ()),
        ({"debugData": {"targetEventHookIds": " , "}}, ()),
        ({"debugData": {"targetEventHookIds": "who1"}}, ("who1",)),
    ],
)
def test_the_hook_ids_of_an_entry(context: object, hook_ids: tuple[str, ...] | None) -> None:
    """No field is None, and an empty field is no hooks."""
    assert read_log_entry(with_(debugContext=context)).hook_ids == hook_ids


HALF = json.loads(r'"a\ud800b"')


def test_half_a_surrogate_pair_is_replaced() -> None:
    """JSON may spell it, and neither a terminal nor a database takes it."""
    raw = with_(uuid=HALF, eventType=HALF, outcome={"result": HALF, "reason": HALF})
    raw["target"] = [{"id": HALF}]
    raw["debugContext"] = {"debugData": {"targetEventHookIds": HALF}}
    entry = read_log_entry(raw)
    texts = [entry.uuid, entry.event_type, entry.outcome, entry.reason, *entry.target_ids]
    texts += entry.hook_ids or ()
    assert texts == ["a?b"] * 6
    assert read_log_entry(with_(uuid="Zoë 🦊")).uuid == "Zoë 🦊"


@given(value=json_values | objects.map(lambda odd: {**log_entry(), **odd}))
def test_any_json_is_read_or_refused(value: object) -> None:
    """Whatever an org answers, what is read of it has the types that it should have."""
    try:
        entry = read_log_entry(value)
    except UnexpectedAnswer:
        return
    assert entry.outcome is None or isinstance(entry.outcome, str)
    assert entry.reason is None or isinstance(entry.reason, str)
    assert all(isinstance(each, str) for each in entry.target_ids)
    assert isinstance(hook_event(entry.raw), dict)


@given(entry=objects, client=objects | st.none(), ip_chain=st.lists(json_values, max_size=2))
def test_a_delivery_changes_nothing_else_of_an_entry(
    entry: JsonObject, client: JsonObject | None, ip_chain: list[Any]
) -> None:
    """The chain of addresses moves, two fields are null, the zone is a text: and that is all."""
    entry = {**entry, "client": client, "request": {"ipChain": ip_chain}}
    before = copy.deepcopy(entry)
    event = hook_event(entry)
    assert entry == before
    assert "request" not in event
    assert (event["device"], event["insertionTimestamp"]) == (None, None)
    special = {"request", "client", "device", "insertionTimestamp"}
    assert {k: v for k, v in event.items() if k not in special} == {
        k: v for k, v in entry.items() if k not in special
    }
    if client is None:
        assert event["client"] is None
        return
    zone = "null" if client.get("zone") is None else client["zone"]
    chain = ip_chain or client.get("ipChain") or []
    assert event["client"] == {**client, "zone": zone, "ipChain": chain}


def test_a_null_zone_becomes_the_string_null() -> None:
    """A zone with a name keeps it."""
    assert hook_event({"client": {"zone": None}})["client"]["zone"] == "null"
    assert hook_event({"client": {}})["client"]["zone"] == "null"
    assert hook_event({"client": {"zone": "Lab"}})["client"]["zone"] == "Lab"


@pytest.mark.parametrize("request_", [None, "x", {}, {"ipChain": None}])
def test_without_a_chain_of_addresses_it_is_empty(request_: object) -> None:
    """A receiver that goes through the chain finds a list in any case."""
    assert hook_event({"client": {}, "request": request_})["client"]["ipChain"] == []


@pytest.mark.parametrize("request_", [None, "x", {}, {"ipChain": None}, {"ipChain": []}])
def test_the_clients_own_ip_chain_is_kept(request_: object) -> None:
    """It gives way to the request's own alone."""
    client = {"ipChain": [{"ip": "192.0.2.7"}]}
    assert hook_event({"client": client, "request": request_})["client"]["ipChain"] == [
        {"ip": "192.0.2.7"}
    ]
    own = {"ipChain": [{"ip": "192.0.2.8"}]}
    assert hook_event({"client": client, "request": own})["client"]["ipChain"] == own["ipChain"]


causes = st.none() | st.builds(
    Cause,
    request_id=st.text(max_size=8),
    path=st.text(max_size=8),
    ip=st.none() | st.ip_addresses().map(str),
    user_agent=st.none() | st.text(max_size=8),
    token_id=st.none() | st.text(max_size=8),
    client_id=st.none() | st.text(max_size=8),
)


@given(
    event_type=st.sampled_from(
        ["user.lifecycle.create", "group.user_membership.add", "event_hook.updated", "a.new.type"]
    ),
    cause=causes,
    failure=st.none() | st.text(max_size=8),
    targets=st.lists(st.text(max_size=4), max_size=3),
    hook_ids=st.lists(st.sampled_from(["who1", "who2"]), max_size=2),
)
def test_both_sides_make_the_same_event_of_an_entry(
    event_type: str,
    cause: Cause | None,
    failure: str | None,
    targets: list[str],
    hook_ids: list[str],
) -> None:
    """The sandbox's own rule, written apart from ours, agrees on every entry that it can make."""
    parties = tuple(party("User", each, each, each) for each in targets)
    entry = log_entries.log_entry(
        LogEvent(event_type, parties, cause, failure, (("eventId", "e"),)),
        uuid="0d8f2a9e-0000-4000-8000-000000000000",
        published=NOON,
        actor=party("User", "00uada", "ada@example.com", "Ada"),
    )
    entry = log_entries.with_hook_ids(entry, hook_ids)
    ours = hook_event(read_log_entry(entry).raw)
    theirs = log_entries.hook_event(entry)
    assert ours == theirs
    assert read_log_entry(entry).hook_ids == (tuple(hook_ids) or None)


@pytest.mark.anyio
async def test_a_running_sandboxs_log_can_be_read_whole(tmp_path: Path) -> None:
    """Every entry that its API gives is read, and becomes the event that its hooks get."""
    async with org_rig(tmp_path) as rig:
        hook = await rig.create_hook("https://127.0.0.1:1/hook")
        await rig.lifecycle(hook, "deactivate")
        await rig.create_user()
        entries = await rig.log()
    assert {"event_hook.created", "user.lifecycle.create"} <= {e["eventType"] for e in entries}
    for entry in entries:
        assert hook_event(read_log_entry(entry).raw) == log_entries.hook_event(entry)
