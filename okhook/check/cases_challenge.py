"""Cases about the verification challenge: the GET with which Okta proves who owns the URL."""

from typing import Final

from okhook.check import sources
from okhook.check.case import Case, Level, Need
from okhook.check.cases_transport import REACHED, patient
from okhook.check.judging import (
    Complaint,
    Exchanges,
    answered,
    every_answer,
    refused,
    what_came,
    with_advice,
)
from okhook.check.plan import Exchange, Plan, sending
from okhook.check.traffic import CHALLENGE as HEADER
from okhook.check.traffic import Traffic
from okhook.runtime.ids import new_uuid
from okhook.text import plain
from okhook.wire.delivery import echo_of

ODD: Final = (
    """a"b\\c/d'e""",
    "<b>&amp;%41+x y=z;,#?",
    "{}[]()|~^`@!$*:_-.",
    "0123456789abcdef" * 16,
)
"""Challenges that must come back unchanged: JSON, HTML and URLs each escape some of it."""

_SPELLINGS: Final = (HEADER.lower(), HEADER.upper(), "X-okta-VERIFICATION-challenge")
_ECHOED: Final = (*REACHED, "challenge-echo")


def _spelled(traffic: Traffic) -> Plan:
    return sending(*(traffic.challenge(new_uuid(), header=name, label=name) for name in _SPELLINGS))


def _two(traffic: Traffic) -> Plan:
    return sending(*(traffic.challenge(new_uuid()) for _ in range(2)))


def _is_echo(exchange: Exchange) -> bool:
    answer = exchange.answer
    if answer is None or answer.status != 200:
        return False
    sent = {name.lower(): value for name, value in exchange.call.headers}
    return echo_of(answer.body) == sent[HEADER.lower()]


_echoes = every_answer(_is_echo)


def _is_json(exchanges: Exchanges) -> Complaint | None:
    shown = exchanges[0]
    kind = (shown.answer.header("content-type") if shown.answer else None) or ""
    if kind.partition(";")[0].strip().lower() == "application/json":
        return None
    named = plain(shown.without_secrets(kind), limit=80)
    it = f"its Content-Type is {named}" if named else "it has no Content-Type"
    return Complaint(f"{what_came(shown)}; {it}", shown)


CHALLENGE: Final = (
    Case(
        id="challenge-echo",
        title="The challenge is returned",
        rule="The answer to the verification GET is 200 with the header's value as JSON.",
        source=sources.VERIFICATION,
        sends="two GETs with different challenges",
        expects='200 and {"verification": "<the challenge>"}',
        fix=f'answer a GET with 200 and {{"verification": <value of {HEADER}>}}',
        after=REACHED,
        plan=lambda traffic: sending(*(patient(traffic.challenge(new_uuid())) for _ in range(2))),
        judge=with_advice(_echoes),
    ),
    Case(
        id="challenge-header-case",
        title="The header may be spelled in any case",
        rule="Names of headers are case-insensitive, and proxies change their case.",
        source=sources.HEADER_NAMES,
        sends="a challenge under lower-case, upper-case and mixed spellings of the header",
        expects="200 with the challenge, to each",
        fix="look the header up in a way that ignores case",
        needs=frozenset({Need.SOCKET}),
        after=_ECHOED,
        plan=_spelled,
        judge=_echoes,
    ),
    Case(
        id="challenge-content-type",
        title="The answer says that it is JSON",
        level=Level.SHOULD,
        rule="Okta asks for JSON with Accept: application/json. Whether it verifies a hook that"
        " says otherwise is not documented.",
        source=sources.VERIFICATION,
        sends="a challenge",
        expects="Content-Type: application/json",
        fix="send the header Content-Type: application/json with the answer",
        then="Okta may not verify the hook",
        after=_ECHOED,
        plan=_two,
        judge=_is_json,
    ),
    Case(
        id="challenge-time",
        title="The challenge is answered within 3 s",
        rule="Okta waits 3 seconds for an answer.",
        source=sources.TIMEOUT,
        sends="two challenges, one after the other",
        expects="each answer within 3 s",
        fix="answer the challenge before any other work, and avoid cold starts",
        after=_ECHOED,
        plan=_two,
        judge=answered,
    ),
    Case(
        id="challenge-odd-characters",
        title="Any characters come back unchanged",
        level=Level.SHOULD,
        rule="The challenge is an opaque value: return it as it came, as a JSON string.",
        source=sources.VERIFICATION,
        sends="challenges with quotes, backslashes, markup, percent signs, and 256 letters",
        expects="each is returned unchanged",
        fix="write the answer with a JSON library, and do not decode, escape or cut the value",
        after=(*_ECHOED, "challenge-time"),
        plan=lambda traffic: sending(*map(traffic.challenge, ODD)),
        judge=_echoes,
    ),
    Case(
        id="challenge-missing",
        title="A GET without a challenge is refused",
        level=Level.SHOULD,
        rule="The verification is the only GET that Okta sends, and it has a challenge.",
        source=sources.VERIFICATION,
        sends="a GET without a challenge",
        expects="4xx",
        fix="answer a GET without the header with 400",
        then="Okta never sends this; if a proxy drops the header, a 200 hides why the verification"
        " fails",
        after=_ECHOED,
        plan=lambda traffic: sending(traffic.challenge(None)),
        judge=refused,
    ),
)
