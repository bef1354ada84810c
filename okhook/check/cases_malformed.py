"""Cases about bodies that are no delivery, or one without events."""

from typing import Final

from okhook.check import sources
from okhook.check.case import Case, Level
from okhook.check.cases_transport import DELIVERED
from okhook.check.judging import every_answer, refused
from okhook.check.plan import Plan, sending
from okhook.check.traffic import Traffic
from okhook.wire.delivery import body_of


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


_WHAT_ANSWERS_SAY: Final = (
    "After a 4xx, Okta does not send the delivery again. A 2xx says that your app understood it,"
    " and a 5xx asks Okta to send it once more."
)
_LOST_OR_IN_VAIN: Final = (
    "with 2xx the event is lost, because your app could not read it; with 5xx Okta sends it again,"
    " in vain"
)

MALFORMED: Final = (
    Case(
        id="payload-malformed",
        title="Malformed JSON is refused",
        rule=_WHAT_ANSWERS_SAY,
        source=sources.TIMEOUT,
        sends="half a delivery, one with a comma too many, and text that is not JSON",
        expects="4xx to each",
        fix="answer 400 when the body cannot be parsed",
        then=_LOST_OR_IN_VAIN,
        after=DELIVERED,
        plan=_malformed,
        judge=refused,
    ),
    Case(
        id="payload-not-a-delivery",
        title="JSON that is not a delivery is refused",
        level=Level.SHOULD,
        rule=_WHAT_ANSWERS_SAY,
        source=sources.TIMEOUT,
        sends="[], {}, null data, events that are not an array, and an empty body",
        expects="4xx to each",
        fix="answer 400 when data.events is not an array",
        then=_LOST_OR_IN_VAIN,
        after=(*DELIVERED, "payload-malformed"),
        plan=_other_json,
        judge=refused,
    ),
    Case(
        id="payload-no-events",
        title="A delivery without events does no harm",
        level=Level.SHOULD,
        rule="A delivery has at least one event; whether it can have none is not documented.",
        source=sources.DELIVERY,
        sends='a delivery with "events": []',
        expects="2xx or 4xx",
        fix="loop over data.events; do not read data.events[0] alone",
        after=DELIVERED,
        plan=lambda traffic: sending(traffic.post(body_of(traffic.document([])))),
        judge=every_answer(lambda each: each.status is not None and each.status < 500),
    ),
)
