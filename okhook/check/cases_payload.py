"""Cases about the content of a delivery: what is missing, new, odd or large."""

from collections.abc import Callable
from typing import Any, Final

from okhook.check import sources
from okhook.check.case import Case, Level, Need
from okhook.check.cases_delivery import AT_ONCE, BURST, PROCESSED, one_event
from okhook.check.cases_malformed import MALFORMED
from okhook.check.judging import Complaint, Exchanges, accepted
from okhook.check.plan import Plan, Send, sending
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


def _in_zone(traffic: Traffic) -> Event:
    event = traffic.event()
    return {**event, "client": {**event["client"], "zone": "null"}}


def _about(name: str) -> Callable[[Traffic], Plan]:
    """Return the plan of a delivery with an event about a person of that name."""
    return one_event(lambda traffic: traffic.event(name=name))


def _unknown_members(traffic: Traffic) -> Plan:
    event = traffic.event()
    for part in (event, event["actor"], event["outcome"], *event["target"]):
        part.update(_NEW)
    document = traffic.document([event]) | _NEW
    document["data"] |= _NEW
    return sending(traffic.post(body_of(document)), counts=once(event))


def _without_optional(traffic: Traffic) -> Plan:
    event = traffic.event()
    for name in _OPTIONAL:
        event.pop(name, None)
    return sending(traffic.delivery(event))


def _another_first(traffic: Traffic) -> Event:
    event = traffic.event()
    other = {"id": None, "type": "UserGroup", "alternateId": None, "displayName": None}
    return {**event, "target": [{**other, "detailEntry": None}, *event["target"]]}


def _of_types(event_types: tuple[str, ...], traffic: Traffic) -> Plan:
    calls = [traffic.delivery(traffic.event(each), label=each) for each in event_types]
    bursts = (calls[at : at + BURST] for at in range(0, len(calls), BURST))
    return Plan(tuple(Send(tuple(burst), AT_ONCE) for burst in bursts))


def _no_markup(exchanges: Exchanges) -> Complaint | None:
    complaint = accepted(exchanges)
    answer = exchanges[0].answer
    if complaint is None and answer is not None and MARKUP.encode() in answer.body:
        return Complaint("the answer repeats the markup unescaped", exchanges[0])
    return complaint


def _outcome(adjective: str, result: str, reason: str | None) -> Case:
    outcome = {"result": result, "reason": reason}
    return Case(
        id=f"payload-outcome-{result.lower()}",
        title=f"A {adjective} outcome is accepted",
        rule="The outcome of an event is SUCCESS, FAILURE, SKIPPED or one of nine others.",
        source=sources.LOG_EVENT,
        sends=f'an event with the outcome "{result}"',
        expects="2xx",
        fix="read outcome.result before you act on an event, and answer 2xx to each of them",
        after=PROCESSED,
        plan=lambda traffic: sending(traffic.delivery(traffic.event(outcome=outcome))),
    )


def _engine(engine: Need, other: Need, event_types: tuple[str, ...]) -> Case:
    return Case(
        id=f"payload-{engine}",
        title=f"{engine.title()} Engine's event types are accepted",
        level=Level.NOTE,
        rule=f"{other.title()} Engine does not have these event types. Other differences in what"
        " hooks deliver are not documented.",
        source=sources.ENGINES,
        sends=f"events of the types {', '.join(event_types)}",
        expects="2xx to each",
        fix="answer 2xx to event types that your app has no use for, and ignore them",
        needs=frozenset({engine}),
        after=(*PROCESSED, "payload-unknown-type"),
        plan=lambda traffic: _of_types(event_types, traffic),
    )


PAYLOAD: Final = (
    Case(
        id="payload-unknown-type",
        title="An unknown event type is accepted",
        rule="Okta adds event types every month, and a hook can be changed to have more of them.",
        source=sources.EVENT_TYPES,
        sends=f"an event of the type {UNKNOWN_TYPE}",
        expects="2xx",
        fix="answer 2xx to event types that your app has no use for, and ignore them",
        after=PROCESSED,
        plan=lambda traffic: sending(traffic.delivery(traffic.event(UNKNOWN_TYPE))),
    ),
    Case(
        id="payload-event-types",
        title="Each event type of the hook is accepted",
        rule="A hook delivers the event types that it subscribes to, each with targets of its own.",
        source=sources.EVENT_TYPES,
        sends="a delivery of each type of --event, or of all types with --all-types",
        expects="2xx to each",
        fix="find targets by their type, and answer 2xx to what your app has no use for",
        after=(*PROCESSED, "payload-unknown-type"),
        plan=lambda traffic: _of_types(traffic.event_types, traffic),
    ),
    Case(
        id="payload-unknown-members",
        title="Members that are new are ignored",
        rule="Members of an event depend on its type, and Okta adds new ones.",
        source=sources.LOG_EVENT,
        sends="a delivery with unknown members in the envelope, the event, its actor and target",
        fix="let the parser ignore members that it does not know",
        after=PROCESSED,
        plan=_unknown_members,
    ),
    Case(
        id="payload-missing-members",
        title="Members may be missing, as in Okta's sample",
        rule="The sample in Okta's documentation has no target and no debugContext.",
        source=sources.SAMPLE,
        sends=f"an event without {', '.join(_OPTIONAL)}",
        expects="2xx",
        fix=_MUST_PROCESS,
        after=PROCESSED,
        plan=_without_optional,
    ),
    Case(
        id="payload-target-null",
        title="A null target is accepted",
        rule="Not every event has a target.",
        source=sources.SAMPLE,
        sends='an event with "target": null',
        expects="2xx",
        fix="read target as an empty list when it is null: (event.target ?? [])",
        after=PROCESSED,
        plan=lambda traffic: sending(traffic.delivery(traffic.event(target=None))),
    ),
    Case(
        id="payload-target-order",
        title="The user may be any of the targets",
        rule="Search for a target of a type, not at a place in the array.",
        source=sources.LOG_EVENT,
        sends="an event whose first target is a group without names, and the second the user",
        fix='look for the target with "type": "User", not for target[0]',
        after=(*PROCESSED, "payload-target-null"),
        plan=one_event(_another_first),
    ),
    Case(
        id="payload-debug-data-null",
        title="Null debugData is accepted",
        rule="debugData is not a data contract: its members may change from release to release.",
        source=sources.LOG_EVENT,
        sends='an event with "debugData": null',
        fix="do not rely on debugData, and accept null",
        after=PROCESSED,
        plan=one_event(lambda traffic: traffic.event(debugContext={"debugData": None})),
    ),
    _outcome("failed", "FAILURE", f"{MARK}: denied"),
    _outcome("skipped", "SKIPPED", None),
    Case(
        id="payload-zone-null",
        title='A zone that is the text "null" is accepted',
        level=Level.SHOULD,
        rule='A hook\'s event has the text "null" as its zone when there is none.',
        source=sources.GUIDE,
        sends='an event with "zone": "null"',
        fix='treat the text "null" as no zone',
        after=PROCESSED,
        plan=one_event(_in_zone),
    ),
    Case(
        id="payload-unicode",
        title="Names in other scripts are accepted",
        rule="JSON is UTF-8.",
        source=sources.JSON_TEXT,
        sends="an event about a person whose name has letters of eight scripts",
        fix="read the body as UTF-8, and store text as UTF-8",
        after=PROCESSED,
        plan=_about("Zoë Łukasz Ñandú Ωmega Жанна 山田太郎 김민준 ไทย"),
    ),
    Case(
        id="payload-right-to-left",
        title="Right-to-left names are accepted",
        rule="JSON is UTF-8, and a name may have any character.",
        source=sources.JSON_TEXT,
        sends="an event about a person whose name is Arabic and Hebrew, with a direction override",
        fix="store names as they are, and isolate them where they are shown",
        after=(*PROCESSED, "payload-unicode"),
        plan=_about("\u0645\u062d\u0645\u062f \u05d3\u05d5\u05d3 \u200f\u202enaD"),
    ),
    Case(
        id="payload-emoji",
        title="Emoji are accepted",
        rule="JSON is UTF-8, also with characters of four bytes.",
        source=sources.JSON_TEXT,
        sends="an event about a person whose name has emoji",
        fix="let the database store characters of four bytes: utf8mb4 in MySQL",
        after=(*PROCESSED, "payload-unicode"),
        plan=_about("\U0001f469\U0001f3fd\u200d\U0001f4bb \U0001f1e8\U0001f1ed \U0001fae0"),
    ),
    Case(
        id="payload-long-names",
        title="A name of 5,000 letters is accepted",
        level=Level.SHOULD,
        rule="The length of a display name is not documented.",
        source=sources.LOG_EVENT,
        sends="an event about a person with a name of 5,000 letters",
        fix="let columns hold long texts, or cut names before they are stored",
        after=PROCESSED,
        plan=_about("Wolfeschlegelstein " * 263),
    ),
    Case(
        id="payload-markup",
        title="Markup in a name is text",
        rule="Users choose their names: treat them as text.",
        source=sources.LOG_EVENT,
        sends="an event about a person whose name is HTML with a script",
        expects="2xx, an answer that does not repeat the markup, and the event is processed once",
        fix="store names as they are, and escape them where they are shown",
        after=PROCESSED,
        plan=_about(MARKUP),
        judge=_no_markup,
    ),
    Case(
        id="payload-one-mib",
        title="A body of 1 MiB is accepted",
        level=Level.SHOULD,
        rule="Events that happen close together come in one delivery, and no size is specified.",
        source=sources.DELIVERY,
        sends="a delivery of 1 MiB",
        fix="let the body parser read 2 MiB: express.json({limit: '2mb'}), client_max_body_size 2m",
        after=PROCESSED,
        plan=one_event(
            lambda traffic: traffic.event(
                debugContext={"debugData": {MARK: "0123456789abcdef" * (ONE_MIB >> 4)}}
            )
        ),
    ),
    *MALFORMED,
    _engine(Need.CLASSIC, Need.IDENTITY, CLASSIC_ONLY),
    _engine(Need.IDENTITY, Need.CLASSIC, IDENTITY_ONLY),
)
