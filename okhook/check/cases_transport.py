"""Cases about HTTP: whether there is an answer, the right one, and in time."""

from dataclasses import replace
from typing import Final

from okhook.check import sources
from okhook.check.case import Case, Level, Need
from okhook.check.judging import (
    WORK_LATER,
    Complaint,
    Exchanges,
    accepted,
    answered,
    every_answer,
    what_came,
    with_advice,
)
from okhook.check.plan import Call, Exchange, Plan, sending
from okhook.check.traffic import Traffic
from okhook.http.errors import AnswerLost, TimedOut, TlsFailed
from okhook.runtime.ids import new_uuid
from okhook.send_sample.sender import nearest_rank
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


def patient(call: Call) -> Call:
    """Return a call that waits longer for its answer than Okta does."""
    return replace(call, patience_s=PATIENCE_S)


def _challenge(traffic: Traffic) -> Plan:
    return sending(patient(traffic.challenge(new_uuid())))


def _both(traffic: Traffic) -> Plan:
    return sending(
        patient(traffic.delivery(label="the delivery")),
        patient(traffic.challenge(new_uuid(), label="the challenge")),
    )


def _timed(traffic: Traffic) -> Plan:
    return sending(*(traffic.delivery() for _ in range(TIMED)), at_once=4)


def _small_and_large(traffic: Traffic) -> Plan:
    small = [traffic.delivery(label="1 event") for _ in range(2)]
    large = [traffic.delivery(*traffic.events(BATCH), label=f"{BATCH} events") for _ in range(2)]
    return sending(*small, *large)


def _is_https(exchanges: Exchanges) -> Complaint | None:
    shown = exchanges[0]
    return None if shown.url.startswith("https:") else Complaint(f"{shown.url} uses http", shown)


def _is_reached(exchanges: Exchanges) -> Complaint | None:
    complaint = answered(exchanges)
    error = complaint.exchange.error if complaint and complaint.exchange else None
    fix = next((fix for kind, fix in _UNANSWERED.items() if isinstance(error, kind)), None)
    return complaint and replace(complaint, fix=fix)


def _is_small(exchanges: Exchanges) -> Complaint | None:
    shown = exchanges[0]
    size = len(shown.answer.body) if shown.answer else 0
    if size <= SMALL_BYTES:
        return None
    return Complaint(f"{what_came(shown)} ({size:,} bytes)", shown)


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
        rule="Okta calls hooks over HTTPS only.",
        source=sources.PRACTICES,
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
        rule="Okta calls hooks over HTTPS, and the certificate has to be kept up to date.",
        source=sources.PRACTICES,
        sends="a challenge",
        expects="a TLS handshake with a certificate from a public authority",
        fix="serve the whole chain of a certificate for this host name; to trust an authority of"
        " your own here, set SSL_CERT_FILE",
        then="Okta cannot connect: it cannot verify the hook, and no event comes",
        needs=frozenset({Need.TLS}),
        plan=_challenge,
        judge=every_answer(lambda each: not isinstance(each.error, TlsFailed)),
    ),
    Case(
        id="transport-answers",
        title="The URL answers",
        rule="Okta calls the URL with a POST for deliveries, and with one GET for verification.",
        source=sources.DELIVERY,
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
        rule="Okta does not follow redirects: this is documented for inline hooks.",
        source=sources.PRACTICES,
        sends="a delivery and a challenge",
        expects="no 3xx",
        fix="register the URL that it redirects to, with or without its last slash",
        after=REACHED[:2],
        plan=_both,
        judge=every_answer(lambda each: not 300 <= (each.status or 0) < 400),
    ),
    Case(
        id="transport-accepted",
        title="A delivery is accepted",
        rule="A delivery is acknowledged with 200 or 204.",
        source=sources.ANSWERS,
        sends="a delivery with one event",
        expects=f"2xx within {PATIENCE_S:g} s",
        fix="answer each delivery with 204 as soon as it is stored or queued; if it is not, the log"
        " of the app may say why",
        after=REACHED,
        plan=lambda traffic: sending(patient(traffic.delivery())),
        judge=with_advice(accepted),
    ),
    Case(
        id="transport-time",
        title="No answer takes longer than 3 s",
        rule="Okta waits 3 seconds for an answer, and sends the delivery once more.",
        source=sources.TIMEOUT,
        sends=f"{TIMED} deliveries, 4 at a time",
        expects="each answer within 3 s",
        fix=WORK_LATER,
        after=(*REACHED, "transport-accepted"),
        plan=_timed,
        judge=answered,
        measure=_measured,
    ),
    Case(
        id="transport-status",
        title="The status is 200 or 204",
        level=Level.SHOULD,
        rule="The answer to a delivery should be 200 or 204; what Okta makes of another 2xx is not"
        " documented.",
        source=sources.ANSWERS,
        sends="a delivery",
        expects="200 or 204",
        fix="answer deliveries with 204",
        after=DELIVERED,
        plan=lambda traffic: sending(traffic.delivery()),
        judge=every_answer(lambda each: each.status in (200, 204)),
    ),
    Case(
        id="transport-small-answer",
        title="The answer is small",
        level=Level.SHOULD,
        rule="The answer to a delivery should be empty.",
        source=sources.ANSWERS,
        sends="a delivery",
        expects=f"at most {SMALL_BYTES:,} bytes",
        fix="answer deliveries with 204 and no body",
        then="Okta ignores the body, but its time is part of the 3 s",
        after=DELIVERED,
        plan=lambda traffic: sending(traffic.delivery()),
        judge=_is_small,
    ),
    Case(
        id="transport-margin",
        title="Answers come well before 3 s",
        level=Level.SHOULD,
        rule="Answer at once: an answer that takes a second at a quiet time takes longer than"
        " Okta's 3 s at a busy one.",
        source=sources.PRACTICES,
        sends=f"{TIMED} deliveries, 4 at a time",
        expects=f"p95 of the answer time at most {SLOW_S:g} s",
        fix=WORK_LATER,
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
        source=sources.PRACTICES,
        sends=f"two deliveries with 1 event, and two with {BATCH}",
        expects=f"{BATCH} events take at most {WORKING_S:g} s longer than 1",
        fix=WORK_LATER,
        then="a larger delivery takes longer than 3 s: Okta sends it once more, and gives up",
        after=DELIVERED,
        plan=_small_and_large,
        judge=_acknowledges_first,
    ),
)
