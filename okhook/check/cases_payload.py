"""Cases about the content of a delivery: what is missing, new, odd or large."""

from collections.abc import Callable
from typing import Any, Final

from okhook.check.case import Case, Complaint, Exchanges, Judge, Level, Need
from okhook.check.cases_delivery import AT_ONCE, BURST, PROCESSED
from okhook.check.cases_transport import DELIVERED
from okhook.check.judging import accepted, no_fault, refused
from okhook.check.plan import Plan, Send, sending
from okhook.check.sources import (
    DELIVERY,
    ENGINES,
    EVENT_TYPES,
    GUIDE,
    JSON_TEXT,
    LOG_EVENT,
    SAMPLE,
    TIMEOUT,
)
from okhook.check.traffic import MARK, Event, Traffic, once
from okhook.wire.delivery import body_of

UNKNOWN_TYPE: Final = f"{MARK}.unknown.type"
MARKUP: Final = f"<b>{MARK}</b><script>alert('{MARK}')</script> &amp; \"'"
ONE_MIB: Final = 1 << 20

CLASSIC_ONLY: Final = (
    "user.authentication.authenticate",
    "user.credential.enroll",
)
IDENTITY_ONLY: Final = (
    "device.enrollment.create",
    "user.mfa.factor.suspend",
    "user.mfa.factor.unsuspend",
    "security.authenticator.lifecycle.activate",
    "security.authenticator.lifecycle.deactivate",
)

_NEW: Final[dict[str, Any]] = {"okhookCheck": {"new": [True, None, 1.5, "text"]}}
_OPTIONAL: Final = ("target", "debugContext", "securityContext", "insertionTimestamp", "device")

_MUST_PROCESS: Final = "accept the delivery and process the event; read members with a default"

MakeEvent = Callable[[Traffic], Event]


def _one(make: MakeEvent, *, counted: bool = True) -> Callable[[Traffic], Plan]:
    """Return the plan of a delivery with one event; ``counted``: it has to be processed."""

    def plan(traffic: Traffic) -> Plan:
        event = make(traffic)
        return sending(traffic.delivery(event), counts=once(event) if counted else None)

    return plan


def _changed(**changes: object) -> MakeEvent:
    return lambda traffic: traffic.event(changed=changes)


def _named(name: str) -> MakeEvent:
    return lambda traffic: traffic.event(name=name)


def _with_debug_data(data: object) -> MakeEvent:
    return _changed(debugContext={"debugData": data})


def _in_zone(traffic: Traffic) -> Event:
    event = traffic.event()
    return {**event, "client": {**event["client"], "zone": "null"}}


def _unknown_members(traffic: Traffic) -> Plan:
    event = traffic.event()
    for part in (event, event["actor"], event["outcome"], *event["target"]):
        part.update(_NEW)
    document = traffic.document([event]) | _NEW
    document["data"] |= _NEW
    return sending(traffic.post(body_of(document)), counts=once(event))


def _without_optional(traffic: Traffic) -> Event:
    event = traffic.event()
    return {name: value for name, value in event.items() if name not in _OPTIONAL}


def _another_first(traffic: Traffic) -> Event:
    event = traffic.event()
    other = {"id": None, "type": "UserGroup", "alternateId": None, "displayName": None}
    return {**event, "target": [{**other, "detailEntry": None}, *event["target"]]}


def _of_types(event_types: tuple[str, ...], traffic: Traffic) -> Plan:
    calls = [traffic.delivery(traffic.event(each), label=each) for each in event_types]
    bursts = (calls[at : at + BURST] for at in range(0, len(calls), BURST))
    return Plan(tuple(Send(tuple(burst), AT_ONCE) for burst in bursts))


def _malformed(traffic: Traffic) -> Plan:
    whole = body_of(traffic.document([traffic.event()]))
    return sending(
        traffic.post(whole[: len(whole) // 2], label="half a delivery"),
        traffic.post(whole.replace(b'"events":[', b'"events":[,', 1), label="a comma too many"),
        traffic.post(b"okhook-check", label="text that is not JSON"),
    )


def _other_json(traffic: Traffic) -> Plan:
    bodies = (b"[]", b"{}", b'{"data":null}', b'{"data":{"events":"okhook-check"}}', b"")
    return sending(*(traffic.post(body, label=body.decode() or "an empty body") for body in bodies))


def _empty(traffic: Traffic) -> Plan:
    return sending(traffic.post(body_of(traffic.document([]))))


def _no_markup(exchanges: Exchanges) -> Complaint | None:
    complaint = accepted(exchanges)
    answer = exchanges[0].answer
    if complaint is None and answer is not None and MARKUP.encode() in answer.body:
        return Complaint("the answer repeats the markup unescaped", exchanges[0])
    return complaint


def _case(
    name: str,
    title: str,
    plan: Callable[[Traffic], Plan],
    *,
    sends: str,
    rule: str,
    source: str,
    fix: str,
    level: Level = Level.MUST,
    expects: str = "2xx, and the event is processed once",
    judge: Judge = accepted,
    then: str | None = None,
    needs: frozenset[Need] = frozenset(),
    after: tuple[str, ...] = PROCESSED,
) -> Case:
    return Case(
        id=f"payload-{name}",
        title=title,
        level=level,
        rule=rule,
        source=source,
        sends=sends,
        expects=expects,
        fix=fix,
        then=then,
        plan=plan,
        judge=judge,
        needs=needs,
        after=after,
    )


PAYLOAD: Final = (
    _case(
        "unknown-type",
        "An unknown event type is accepted",
        _one(lambda traffic: traffic.event(UNKNOWN_TYPE), counted=False),
        sends=f"an event of the type {UNKNOWN_TYPE}",
        rule="Okta adds event types every month, and a hook can be changed to have more of them.",
        source=EVENT_TYPES,
        expects="2xx",
        fix="answer 2xx to event types that your app has no use for, and ignore them",
    ),
    _case(
        "event-types",
        "Each event type of the hook is accepted",
        lambda traffic: _of_types(traffic.event_types, traffic),
        sends="a delivery of each type of --event, or of all types with --all-types",
        rule="A hook delivers the event types that it subscribes to, each with targets of its own.",
        source=EVENT_TYPES,
        expects="2xx to each",
        fix="find targets by their type, and answer 2xx to what your app has no use for",
        after=(*PROCESSED, "payload-unknown-type"),
    ),
    _case(
        "unknown-members",
        "Members that are new are ignored",
        _unknown_members,
        sends="a delivery with unknown members in the envelope, the event, its actor and target",
        rule="Members of an event depend on its type, and Okta adds new ones.",
        source=LOG_EVENT,
        fix="let the parser ignore members that it does not know",
    ),
    _case(
        "missing-members",
        "Members may be missing, as in Okta's sample",
        _one(_without_optional, counted=False),
        sends=f"an event without {', '.join(_OPTIONAL)}",
        rule="The sample in Okta's documentation has no target and no debugContext.",
        source=SAMPLE,
        expects="2xx",
        fix=_MUST_PROCESS,
    ),
    _case(
        "target-null",
        "A null target is accepted",
        _one(_changed(target=None), counted=False),
        sends='an event with "target": null',
        rule="Not every event has a target.",
        source=SAMPLE,
        expects="2xx",
        fix="read target as an empty list when it is null: (event.target ?? [])",
    ),
    _case(
        "target-order",
        "The user may be any of the targets",
        _one(_another_first),
        sends="an event whose first target is a group without names, and the second the user",
        rule="Search for a target of a type, not at a place in the array.",
        source=LOG_EVENT,
        fix='look for the target with "type": "User", not for target[0]',
        after=(*PROCESSED, "payload-target-null"),
    ),
    _case(
        "debug-data-null",
        "Null debugData is accepted",
        _one(_with_debug_data(None)),
        sends='an event with "debugData": null',
        rule="debugData is not a data contract: its members may change from release to release.",
        source=LOG_EVENT,
        fix="do not rely on debugData, and accept null",
    ),
    _case(
        "outcome-failure",
        "A failed outcome is accepted",
        _one(_changed(outcome={"result": "FAILURE", "reason": f"{MARK}: denied"}), counted=False),
        sends='an event with the outcome "FAILURE"',
        rule="The outcome of an event is SUCCESS, FAILURE, SKIPPED or one of nine others.",
        source=LOG_EVENT,
        expects="2xx",
        fix="read outcome.result before you act on an event, and answer 2xx to each of them",
    ),
    _case(
        "outcome-skipped",
        "A skipped outcome is accepted",
        _one(_changed(outcome={"result": "SKIPPED", "reason": None}), counted=False),
        sends='an event with the outcome "SKIPPED"',
        rule="The outcome of an event is SUCCESS, FAILURE, SKIPPED or one of nine others.",
        source=LOG_EVENT,
        expects="2xx",
        fix="read outcome.result before you act on an event, and answer 2xx to each of them",
    ),
    _case(
        "zone-null",
        'A zone that is the text "null" is accepted',
        _one(_in_zone),
        sends='an event with "zone": "null"',
        rule='A hook\'s event has the text "null" as its zone when there is none.',
        source=GUIDE,
        level=Level.SHOULD,
        fix='treat the text "null" as no zone',
    ),
    _case(
        "unicode",
        "Names in other scripts are accepted",
        _one(_named("Zoë Łukasz Ñandú Ωmega Жанна 山田太郎 김민준 ไทย")),
        sends="an event about a person whose name has letters of eight scripts",
        rule="JSON is UTF-8.",
        source=JSON_TEXT,
        fix="read the body as UTF-8, and store text as UTF-8",
    ),
    _case(
        "right-to-left",
        "Right-to-left names are accepted",
        _one(_named("\u0645\u062d\u0645\u062f \u05d3\u05d5\u05d3 \u200f\u202enaD")),
        sends="an event about a person whose name is Arabic and Hebrew, with a direction override",
        rule="JSON is UTF-8, and a name may have any character.",
        source=JSON_TEXT,
        fix="store names as they are, and isolate them where they are shown",
        after=(*PROCESSED, "payload-unicode"),
    ),
    _case(
        "emoji",
        "Emoji are accepted",
        _one(_named("\U0001f469\U0001f3fd\u200d\U0001f4bb \U0001f1e8\U0001f1ed \U0001fae0")),
        sends="an event about a person whose name has emoji",
        rule="JSON is UTF-8, also with characters of four bytes.",
        source=JSON_TEXT,
        fix="let the database store characters of four bytes: utf8mb4 in MySQL",
        after=(*PROCESSED, "payload-unicode"),
    ),
    _case(
        "long-names",
        "A name of 5,000 letters is accepted",
        _one(_named("Wolfeschlegelstein " * 263)),
        sends="an event about a person with a name of 5,000 letters",
        rule="The length of a display name is not documented.",
        source=LOG_EVENT,
        level=Level.SHOULD,
        fix="let columns hold long texts, or cut names before they are stored",
    ),
    _case(
        "markup",
        "Markup in a name is text",
        _one(_named(MARKUP)),
        sends="an event about a person whose name is HTML with a script",
        rule="Users choose their names: treat them as text.",
        source=LOG_EVENT,
        expects="2xx, an answer that does not repeat the markup, and the event is processed once",
        fix="store names as they are, and escape them where they are shown",
        judge=_no_markup,
    ),
    _case(
        "one-mib",
        "A body of 1 MiB is accepted",
        _one(_with_debug_data({MARK: "0123456789abcdef" * (ONE_MIB >> 4)})),
        sends="a delivery of 1 MiB",
        rule="Events that happen close together come in one delivery, and no size is specified.",
        source=DELIVERY,
        level=Level.SHOULD,
        fix="let the body parser read 2 MiB: express.json({limit: '2mb'}), client_max_body_size 2m",
    ),
    _case(
        "malformed",
        "Malformed JSON is refused",
        _malformed,
        sends="half a delivery, one with a comma too many, and text that is not JSON",
        rule="After a 4xx, Okta does not send the delivery again. A 2xx says that your app"
        " understood it, and a 5xx asks Okta to send it once more.",
        source=TIMEOUT,
        expects="4xx to each",
        fix="answer 400 when the body cannot be parsed",
        then="with 2xx the event is lost, because your app could not read it; with 5xx Okta sends"
        " it again, in vain",
        judge=refused,
        after=DELIVERED,
    ),
    _case(
        "not-a-delivery",
        "JSON that is not a delivery is refused",
        _other_json,
        sends="[], {}, null data, events that are not an array, and an empty body",
        rule="After a 4xx, Okta does not send the delivery again. A 2xx says that your app"
        " understood it, and a 5xx asks Okta to send it once more.",
        source=TIMEOUT,
        level=Level.SHOULD,
        expects="4xx to each",
        fix="answer 400 when data.events is not an array",
        then="with 2xx the event is lost, because your app could not read it; with 5xx Okta sends"
        " it again, in vain",
        judge=refused,
        after=(*DELIVERED, "payload-malformed"),
    ),
    _case(
        "no-events",
        "A delivery without events does no harm",
        _empty,
        sends='a delivery with "events": []',
        rule="A delivery has at least one event; whether it can have none is not documented.",
        source=DELIVERY,
        level=Level.SHOULD,
        expects="2xx or 4xx",
        fix="loop over data.events; do not read data.events[0] alone",
        judge=no_fault,
        after=DELIVERED,
    ),
    _case(
        "classic",
        "Classic Engine's event types are accepted",
        lambda traffic: _of_types(CLASSIC_ONLY, traffic),
        sends=f"events of the types {', '.join(CLASSIC_ONLY)}",
        rule="Identity Engine does not have these event types. Other differences in what hooks"
        " deliver are not documented.",
        source=ENGINES,
        level=Level.NOTE,
        expects="2xx to each",
        fix="answer 2xx to event types that your app has no use for, and ignore them",
        needs=frozenset({Need.CLASSIC}),
        after=(*PROCESSED, "payload-unknown-type"),
    ),
    _case(
        "identity",
        "Identity Engine's event types are accepted",
        lambda traffic: _of_types(IDENTITY_ONLY, traffic),
        sends=f"events of the types {', '.join(IDENTITY_ONLY)}",
        rule="Classic Engine does not have these event types. Other differences in what hooks"
        " deliver are not documented.",
        source=ENGINES,
        level=Level.NOTE,
        expects="2xx to each",
        fix="answer 2xx to event types that your app has no use for, and ignore them",
        needs=frozenset({Need.IDENTITY}),
        after=(*PROCESSED, "payload-unknown-type"),
    ),
)
