"""Cases about one HTTP connection: whether it can be used again, and how a body may come."""

from dataclasses import replace
from typing import Final

from okhook.check import sources
from okhook.check.case import Case, Level, Need
from okhook.check.cases_transport import DELIVERED
from okhook.check.connection import ConnectionEnded
from okhook.check.judging import every_answer
from okhook.check.plan import Plan, SendOnOneConnection
from okhook.check.traffic import Traffic


def _two_on_one(traffic: Traffic, *, pipelined: bool = False) -> Plan:
    calls = (traffic.delivery(label="the first"), traffic.delivery(label="the second"))
    return Plan((SendOnOneConnection(calls, pipelined),))


_accepted_or_closed = every_answer(
    lambda each: each.accepted or isinstance(each.error, ConnectionEnded)
)


CONNECTION: Final = (
    Case(
        id="transport-keep-alive",
        title="A connection can be used again",
        level=Level.SHOULD,
        rule="An HTTP/1.1 server answers each request on a connection, or says that it closes it.",
        source=sources.PERSISTENCE,
        sends="two deliveries, one after the other, over one connection",
        expects="2xx to each, or a connection that the server closes as announced",
        fix="read the whole body of a request, and send Content-Length or Connection: close",
        needs=frozenset({Need.SOCKET}),
        after=DELIVERED,
        plan=_two_on_one,
        judge=_accepted_or_closed,
    ),
    Case(
        id="transport-pipelined",
        title="Pipelined requests are answered in order",
        level=Level.NOTE,
        rule="An HTTP/1.1 server answers pipelined requests in order, or says that it closes the"
        " connection. Whether Okta pipelines is not documented.",
        source=sources.PIPELINING,
        sends="two deliveries at once over one connection",
        expects="2xx to each, or a connection that the server closes as announced",
        fix="use an HTTP server that supports HTTP/1.1, or a newer version of yours",
        needs=frozenset({Need.SOCKET}),
        after=(*DELIVERED, "transport-keep-alive"),
        plan=lambda traffic: _two_on_one(traffic, pipelined=True),
        judge=_accepted_or_closed,
    ),
    Case(
        id="transport-chunked",
        title="A chunked body is read",
        level=Level.NOTE,
        rule="An HTTP/1.1 server reads a body that comes in chunks. Whether Okta or a proxy sends"
        " one is not documented.",
        source=sources.CHUNKED,
        sends="a delivery whose body has no length, in chunks",
        expects="2xx",
        fix="read the body to its end, not as many bytes as Content-Length says; Django does under"
        " ASGI, and not under WSGI",
        needs=frozenset({Need.SOCKET}),
        after=DELIVERED,
        plan=lambda traffic: Plan(
            (SendOnOneConnection((replace(traffic.delivery(), chunked=True),)),)
        ),
    ),
)
