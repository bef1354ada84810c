"""Cases about what Okta promises little of: how often, in what order, and how many at once."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from okhook.check import sources
from okhook.check.case import Case, Level, Need
from okhook.check.cases_transport import DELIVERED
from okhook.check.judging import WORK_LATER, accepted, with_advice
from okhook.check.plan import Await, Plan, Restart, Send, SendUnread, sending
from okhook.check.traffic import Event, Traffic, once
from okhook.wire.delivery import body_of

BURST: Final = 100
AT_ONCE: Final = 10

_LATE: Final = timedelta(hours=1)
_OBSERVED: Final = frozenset({Need.OBSERVE})

PROCESSED: Final = (*DELIVERED, "delivery-processed")
"""The cases without which nothing can be said about what the app does with an event."""

_KNOWN: Final = (*PROCESSED, "delivery-repeated")
_BATCHED: Final = (*PROCESSED, "delivery-batch-2")


def one_event(make: Callable[[Traffic], Event] = Traffic.event) -> Callable[[Traffic], Plan]:
    """Return the plan of a delivery with one event, which has to be processed."""

    def plan(traffic: Traffic) -> Plan:
        event = make(traffic)
        return sending(traffic.delivery(event), counts=once(event))

    return plan


def _repeated(traffic: Traffic) -> Plan:
    event = traffic.event()
    first = traffic.delivery(event, label="the delivery")
    return sending(first, traffic.again(first), counts=once(event))


def _concurrent(traffic: Traffic) -> Plan:
    event = traffic.event()
    return sending(*[traffic.delivery(event)] * 4, at_once=4, counts=once(event))


def _same_event(traffic: Traffic) -> Plan:
    event = traffic.event()
    return sending(
        traffic.delivery(event, label="the first delivery"),
        traffic.delivery(event, label="the second delivery"),
        counts=once(event),
    )


def _retried(traffic: Traffic) -> Plan:
    event = traffic.event()
    call = traffic.delivery(event, label="the retry")
    return Plan((SendUnread(call), Send((call,))), once(event))


def _partly_known(traffic: Traffic) -> Plan:
    known, new = traffic.events(2)
    return sending(
        traffic.delivery(known, label="the first delivery"),
        traffic.delivery(known, new, label="the batch"),
        counts=once(known, new),
    )


def _reversed(traffic: Traffic) -> Plan:
    first, second, third, fourth = traffic.events(4)
    return sending(
        traffic.delivery(fourth, third, label="the newer two"),
        traffic.delivery(second, label="an older one"),
        traffic.delivery(first, label="the oldest"),
        counts=once(first, second, third, fourth),
    )


def _late(traffic: Traffic) -> Plan:
    then = traffic.now - _LATE
    event = traffic.event(published=then)
    body = body_of(traffic.document([event], event_time=then))
    return sending(traffic.post(body), counts=once(event))


def _burst(traffic: Traffic) -> Plan:
    events = traffic.events(BURST)
    calls = [traffic.delivery(event) for event in events]
    return sending(*calls, at_once=AT_ONCE, counts=once(*events[::AT_ONCE]))


def _restarted(traffic: Traffic) -> Plan:
    event = traffic.event()
    first = traffic.delivery(event, label="the delivery")
    counts = once(event)
    steps = (
        *(Send((first,)), Await(counts, "before the restart")),
        *(Restart(), Await(counts, "after the restart")),
        Send((traffic.again(first),)),
    )
    return Plan(steps, counts)


def _batch(count: int, *, title: str, fix: str, after: tuple[str, ...]) -> Case:
    def plan(traffic: Traffic) -> Plan:
        events = traffic.events(count)
        return sending(traffic.delivery(*events), counts=once(*events))

    return Case(
        id=f"delivery-batch-{count}",
        title=title,
        rule="data.events is an array: events that happen close together come in one delivery.",
        source=sources.DELIVERY,
        sends=f"a delivery with {count} events",
        expects="2xx, and each event is processed once",
        fix=fix,
        needs=_OBSERVED,
        after=after,
        plan=plan,
        judge=with_advice(accepted),
    )


DELIVERIES: Final = (
    Case(
        id="delivery-processed",
        title="An event is processed",
        rule="An event that was acknowledged is not sent again.",
        source=sources.TIMEOUT,
        sends="a delivery with one event",
        fix="process what you acknowledge; if your app has no use for this event type, name one"
        " that it processes with --event",
        needs=_OBSERVED,
        after=DELIVERED,
        plan=one_event(),
    ),
    Case(
        id="delivery-repeated",
        title="A repeated delivery is processed once",
        rule="Events are delivered at least once: eventId tells a repeated delivery.",
        source=sources.PRACTICES,
        sends="the same delivery twice",
        expects="2xx to both, and the event is processed once",
        fix="keep the eventId or the event's uuid in the transaction that does the work; answer"
        " 2xx if it is there already",
        needs=_OBSERVED,
        after=PROCESSED,
        plan=_repeated,
    ),
    Case(
        id="delivery-concurrent",
        title="Four copies at once are processed once",
        rule="Several requests may arrive at the same time, the same delivery among them.",
        source=sources.DELIVERY,
        sends="the same delivery on four connections at once",
        expects="2xx to each, and the event is processed once",
        fix="let a unique key in the database decide who was first; a look before the write does"
        " not suffice",
        needs=_OBSERVED,
        after=_KNOWN,
        plan=_concurrent,
    ),
    Case(
        id="delivery-same-event",
        title="An event that comes again is processed once",
        level=Level.SHOULD,
        rule="The uuid of an event tells that it came before, also in another delivery.",
        source=sources.DELIVERY,
        sends="two deliveries with the same event",
        expects="2xx to both, and the event is processed once",
        fix="keep the uuid of each event that was processed, not only the eventId",
        needs=_OBSERVED,
        after=_KNOWN,
        plan=_same_event,
    ),
    Case(
        id="delivery-retry",
        title="A retry after a timeout is processed once",
        rule="Okta sends a delivery once more if no answer comes in time; the first may have been"
        " processed.",
        source=sources.TIMEOUT,
        sends="a delivery whose connection is closed before the answer, then the same again",
        expects="2xx to the second, and the event is processed once",
        fix="keep the eventId or the event's uuid in the transaction that does the work, and do not"
        " stop the work when the connection closes",
        needs=frozenset({Need.OBSERVE, Need.SOCKET}),
        after=_KNOWN,
        plan=_retried,
    ),
    _batch(
        2,
        title="Both events of a delivery are processed",
        fix="loop over data.events; do not read data.events[0] alone",
        after=PROCESSED,
    ),
    _batch(
        20,
        title="All 20 events of a delivery are processed",
        fix="go through data.events, and store all of them before the answer",
        after=_BATCHED,
    ),
    Case(
        id="delivery-partly-known",
        title="Of a batch, only the new event is processed",
        level=Level.SHOULD,
        rule="The uuid of an event tells that it came before, also in another delivery.",
        source=sources.DELIVERY,
        sends="a delivery with one event, then one with this and another event",
        expects="2xx to both, and each event is processed once",
        fix="look up the uuid of each event, not only the eventId of the delivery",
        needs=_OBSERVED,
        after=(*_BATCHED, "delivery-repeated", "delivery-same-event"),
        plan=_partly_known,
    ),
    Case(
        id="delivery-reversed",
        title="Events in reverse order are accepted",
        rule="Events may arrive out of order: published tells their order.",
        source=sources.DELIVERY,
        sends="two events, newest first, and then two older ones",
        expects="2xx to each, and each event is processed once",
        fix="accept events that are older than the last one, and order them by published",
        after=_BATCHED,
        plan=_reversed,
    ),
    Case(
        id="delivery-late",
        title="An event of an hour ago is accepted",
        rule="Delivery may be delayed, and no maximum is specified.",
        source=sources.DELIVERY,
        sends="a delivery whose event was published an hour ago",
        fix="do not refuse events for their age",
        after=PROCESSED,
        plan=_late,
    ),
    Case(
        id="delivery-burst",
        title="A burst of 100 deliveries is accepted",
        rule="Several requests may arrive at the same time after a delay.",
        source=sources.DELIVERY,
        sends=f"{BURST} deliveries, {AT_ONCE} at a time",
        expects="2xx within 3 s to each, and every tenth event (only these are asked for) is"
        " processed once",
        fix=WORK_LATER,
        after=PROCESSED,
        plan=_burst,
    ),
    Case(
        id="delivery-restart",
        title="A repeat after a restart is processed once",
        level=Level.SHOULD,
        rule="Events are delivered at least once: the same event may come after a deployment.",
        source=sources.DELIVERY,
        sends="a delivery, and the same again after --restart",
        expects="2xx to both, and the event is processed once",
        fix="keep the ids of processed events in a database, not in memory",
        needs=frozenset({Need.OBSERVE, Need.RESTART}),
        after=_KNOWN,
        plan=_restarted,
    ),
)
