"""Cases about HTTP: whether there is an answer, the right one, and in time."""

from dataclasses import replace
from typing import Final

from okhook.check.case import Case, Complaint, Exchanges, Level, Need
from okhook.check.connection import ConnectionEnded
from okhook.check.judging import accepted, first_wrong, what_came, with_advice
from okhook.check.plan import Exchange, Plan, SendOnOneConnection, sending
from okhook.check.sources import (
    ANSWERS,
    CHUNKED,
    DELIVERY,
    PERSISTENCE,
    PIPELINING,
    PRACTICES,
    TIMEOUT,
)
from okhook.check.traffic import Traffic
from okhook.http.client import AnswerLost, TimedOut, TlsFailed
from okhook.runtime.ids import new_uuid
from okhook.send_sample.sender import nearest_rank
from okhook.wire.delivery import body_of
from okhook.wire.hook_call import TIMEOUT_S

PATIENCE_S: Final = 6.0
"""How long a first answer may take, to tell slow from silent."""

TIMED: Final = 20
"""How many deliveries are timed."""

_UNANSWERED: Final = {
    AnswerLost: "let the app answer each request with a status and a short body; its log may say"
    " why it does not",
    TimedOut: "let the app end each answer, and at once; if no call gets one, look whether a"
    " firewall is in between",
}
"""How to fix an app that gets the call. Only a failed connection says that none runs there."""

SLOW_S: Final = 1.0
"""A third of Okta's timeout: what is slower at a quiet time fails at a busy one."""

BATCH: Final = 30
"""How many events a large delivery has: 75 kB, less than the 100 kB that Express reads."""

WORKING_S: Final = 0.5
"""How much longer than one event a batch may take. Reading it takes a few milliseconds."""

SMALL_BYTES: Final = 1024

REACHED: Final = ("transport-certificate", "transport-answers", "transport-redirect")
DELIVERED: Final = (*REACHED, "transport-accepted", "transport-time")
"""The cases without which no other says anything about deliveries."""


def _one(traffic: Traffic) -> Plan:
    return sending(traffic.delivery())


def _challenge(traffic: Traffic) -> Plan:
    return sending(traffic.challenge(new_uuid(), patience_s=PATIENCE_S))


def _patient(traffic: Traffic) -> Plan:
    body = body_of(traffic.document([traffic.event()]))
    return sending(traffic.post(body, patience_s=PATIENCE_S))


def _both(traffic: Traffic) -> Plan:
    body = body_of(traffic.document([traffic.event()]))
    return sending(
        traffic.post(body, label="the delivery", patience_s=PATIENCE_S),
        traffic.challenge(new_uuid(), label="the challenge", patience_s=PATIENCE_S),
    )


def _timed(traffic: Traffic) -> Plan:
    return sending(*(traffic.delivery() for _ in range(TIMED)), at_once=4)


def _small_and_large(traffic: Traffic) -> Plan:
    small = [traffic.delivery(label="1 event") for _ in range(2)]
    large = [traffic.delivery(*traffic.events(BATCH), label=f"{BATCH} events") for _ in range(2)]
    return sending(*small, *large)


def _two_on_one(traffic: Traffic, *, pipelined: bool = False) -> Plan:
    calls = (traffic.delivery(label="the first"), traffic.delivery(label="the second"))
    return Plan((SendOnOneConnection(calls, pipelined),))


def _chunked(traffic: Traffic) -> Plan:
    body = body_of(traffic.document([traffic.event()]))
    return Plan((SendOnOneConnection((traffic.post(body, chunked=True),)),))


def _is_https(exchanges: Exchanges) -> Complaint | None:
    shown = exchanges[0]
    return None if shown.url.startswith("https:") else Complaint(f"{shown.url} uses http", shown)


def _is_trusted(exchanges: Exchanges) -> Complaint | None:
    return first_wrong(exchanges, lambda each: not isinstance(each.error, TlsFailed))


def _answers(exchanges: Exchanges) -> Complaint | None:
    return first_wrong(exchanges, lambda each: each.answer is not None)


def _is_reached(exchanges: Exchanges) -> Complaint | None:
    complaint = _answers(exchanges)
    error = complaint.exchange.error if complaint and complaint.exchange else None
    fix = next((fix for kind, fix in _UNANSWERED.items() if isinstance(error, kind)), None)
    return complaint and replace(complaint, fix=fix)


def _no_redirect(exchanges: Exchanges) -> Complaint | None:
    return first_wrong(exchanges, lambda each: not 300 <= (each.status or 0) < 400)


def _status(exchanges: Exchanges) -> Complaint | None:
    return first_wrong(exchanges, lambda each: each.status in (200, 204))


def _is_small(exchanges: Exchanges) -> Complaint | None:
    shown = exchanges[0]
    size = len(shown.answer.body) if shown.answer else 0
    if size <= SMALL_BYTES:
        return None
    return Complaint(f"{what_came(shown)} ({size:,} bytes)", shown)


def _accepted_or_closed(exchanges: Exchanges) -> Complaint | None:
    return first_wrong(
        exchanges, lambda each: each.accepted or isinstance(each.error, ConnectionEnded)
    )


def _with_margin(exchanges: Exchanges) -> Complaint | None:
    if _p95_s(exchanges) <= SLOW_S:
        return None
    return Complaint(f"p95 of {len(exchanges)} answers: {_p95_s(exchanges):.2f} s", exchanges[-1])


def _acknowledges_first(exchanges: Exchanges) -> Complaint | None:
    small = min(map(_elapsed_s, exchanges[:2]))
    large = min(map(_elapsed_s, exchanges[2:]))
    if large - small <= WORKING_S:
        return None
    return Complaint(f"{small:.2f} s for 1 event, {large:.2f} s for {BATCH} events", exchanges[-1])


def _elapsed_s(exchange: Exchange) -> float:
    return TIMEOUT_S if exchange.answer is None else exchange.answer.elapsed_s


def _p95_s(exchanges: Exchanges) -> float:
    """Return the answer time that one answer in twenty may exceed."""
    return nearest_rank(sorted(map(_elapsed_s, exchanges)), 0.95) or 0.0


def _measured(exchanges: Exchanges) -> str:
    return f"p95 {_p95_s(exchanges) * 1000:.0f} ms"


TRANSPORT: Final = (
    Case(
        id="transport-https",
        title="The URL uses HTTPS",
        level=Level.MUST,
        rule="Okta calls hooks over HTTPS only.",
        source=PRACTICES,
        sends="a challenge",
        expects="a URL with https",
        fix="serve the URL over HTTPS; in a private network, pass --skip transport-https",
        then="Okta does not accept the URL of the hook",
        needs=frozenset({Need.REMOTE}),
        plan=_challenge,
        judge=_is_https,
    ),
    Case(
        id="transport-certificate",
        title="The certificate and its chain are valid",
        level=Level.MUST,
        rule="Okta calls hooks over HTTPS, and the certificate has to be kept up to date.",
        source=PRACTICES,
        sends="a challenge",
        expects="a TLS handshake with a certificate from a public authority",
        fix="serve the whole chain of a certificate for this host name; to trust an authority of"
        " your own here, set SSL_CERT_FILE",
        then="Okta cannot connect: it cannot verify the hook, and no event comes",
        needs=frozenset({Need.TLS}),
        plan=_challenge,
        judge=_is_trusted,
    ),
    Case(
        id="transport-answers",
        title="The URL answers",
        level=Level.MUST,
        rule="Okta calls the URL with a POST for deliveries, and with one GET for verification.",
        source=DELIVERY,
        sends="a delivery and a challenge",
        expects=f"an HTTP answer to each, within {PATIENCE_S:g} s",
        fix="start the app, and check the host, the port and the path of the URL",
        after=("transport-certificate",),
        plan=_both,
        judge=_is_reached,
    ),
    Case(
        id="transport-redirect",
        title="The URL does not redirect",
        level=Level.MUST,
        rule="Okta does not follow redirects: this is documented for inline hooks.",
        source=PRACTICES,
        sends="a delivery and a challenge",
        expects="no 3xx",
        fix="register the URL that it redirects to, with or without its last slash",
        after=REACHED[:2],
        plan=_both,
        judge=_no_redirect,
    ),
    Case(
        id="transport-accepted",
        title="A delivery is accepted",
        level=Level.MUST,
        rule="A delivery is acknowledged with 200 or 204.",
        source=ANSWERS,
        sends="a delivery with one event",
        expects=f"2xx within {PATIENCE_S:g} s",
        fix="answer each delivery with 204 as soon as it is stored or queued; if it is not, the log"
        " of the app may say why",
        after=REACHED,
        plan=_patient,
        judge=with_advice(accepted),
    ),
    Case(
        id="transport-time",
        title="No answer takes longer than 3 s",
        level=Level.MUST,
        rule="Okta waits 3 seconds for an answer, and sends the delivery once more.",
        source=TIMEOUT,
        sends=f"{TIMED} deliveries, 4 at a time",
        expects="each answer within 3 s",
        fix="store or queue the events, answer, and do the work afterwards",
        after=(*REACHED, "transport-accepted"),
        plan=_timed,
        judge=_answers,
        measure=_measured,
    ),
    Case(
        id="transport-status",
        title="The status is 200 or 204",
        level=Level.SHOULD,
        rule="The answer to a delivery should be 200 or 204; what Okta makes of another 2xx is not"
        " documented.",
        source=ANSWERS,
        sends="a delivery",
        expects="200 or 204",
        fix="answer deliveries with 204",
        after=DELIVERED,
        plan=_one,
        judge=_status,
    ),
    Case(
        id="transport-small-answer",
        title="The answer is small",
        level=Level.SHOULD,
        rule="The answer to a delivery should be empty.",
        source=ANSWERS,
        sends="a delivery",
        expects=f"at most {SMALL_BYTES:,} bytes",
        fix="answer deliveries with 204 and no body",
        then="Okta ignores the body, but its time is part of the 3 s",
        after=DELIVERED,
        plan=_one,
        judge=_is_small,
    ),
    Case(
        id="transport-margin",
        title="Answers come well before 3 s",
        level=Level.SHOULD,
        rule="Answer at once: an answer that takes a second at a quiet time takes longer than"
        " Okta's 3 s at a busy one.",
        source=PRACTICES,
        sends=f"{TIMED} deliveries, 4 at a time",
        expects=f"p95 of the answer time at most {SLOW_S:g} s",
        fix="store or queue the events, answer, and do the work afterwards",
        then="Okta still counts these deliveries as received; at a busy time it gives up on some",
        after=DELIVERED,
        plan=_timed,
        judge=_with_margin,
        measure=_measured,
    ),
    Case(
        id="transport-acknowledges-first",
        title="The answer does not wait for the work",
        level=Level.SHOULD,
        rule="Process the events after the response. Okta puts events that happen close together"
        " into one delivery, so work before the answer grows with their number.",
        source=PRACTICES,
        sends=f"two deliveries with 1 event, and two with {BATCH}",
        expects=f"{BATCH} events take at most {WORKING_S:g} s longer than 1",
        fix="store or queue the events, answer, and do the work afterwards",
        then="a larger delivery takes longer than 3 s: Okta sends it once more, and gives up",
        after=DELIVERED,
        plan=_small_and_large,
        judge=_acknowledges_first,
    ),
    Case(
        id="transport-keep-alive",
        title="A connection can be used again",
        level=Level.SHOULD,
        rule="An HTTP/1.1 server answers each request on a connection, or says that it closes it.",
        source=PERSISTENCE,
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
        source=PIPELINING,
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
        source=CHUNKED,
        sends="a delivery whose body has no length, in chunks",
        expects="2xx",
        fix="read the body to its end, not as many bytes as Content-Length says; Django does under"
        " ASGI, and not under WSGI",
        needs=frozenset({Need.SOCKET}),
        after=DELIVERED,
        plan=_chunked,
        judge=accepted,
    ),
)
