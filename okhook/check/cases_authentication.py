"""Cases about the hook's secret, which Okta sends with every call."""

import re
from base64 import b64decode
from collections.abc import Iterator
from typing import Final

from okhook.check import sources
from okhook.check.case import Case, Level, Need
from okhook.check.cases_transport import DELIVERED
from okhook.check.judging import (
    Complaint,
    Exchanges,
    accepted,
    every_answer,
    refused,
    what_came,
)
from okhook.check.plan import Exchange, Plan, sending
from okhook.check.traffic import MARK, NOTHING, Presented, Traffic
from okhook.runtime.ids import new_uuid
from okhook.secret import HookAuth, Secret
from okhook.wire.delivery import body_of

WRONG: Final = f"{MARK}-wrong"
ELSEWHERE: Final = "X-Okhook-Check-Elsewhere"
"""A header that no receiver reads the secret from."""

_TURNS: Final = 3
_LEAST_LEAK: Final = 8
"""How many characters of the secret in a row give it away."""

_OTHER_PASSWORD_IN_SHELL: Final = (
    '"Basic $(printf %s "${OKHOOK_AUTH_SECRET#Basic }" | base64 -d'
    f""" | sed 's/:.*/:{WRONG}/' | base64)\""""
)

_STRANGERS: Final = "anyone who knows the URL can send your app events that never happened"


def _near_misses(traffic: Traffic) -> Iterator[tuple[str, Presented]]:
    """Yield wrong secrets that a careless comparison takes for the right one."""
    ((field, right),) = traffic.right.headers
    made = (
        ("another secret", WRONG, f"'{WRONG}'"),
        ("an empty secret", "", "''"),
        ("the secret and one more letter", f"{right}x", '"${OKHOOK_AUTH_SECRET}x"'),
        ("the secret without its last letter", right[:-1], '"${OKHOOK_AUTH_SECRET%?}"'),
        ("the secret without its first letter", right[1:], '"${OKHOOK_AUTH_SECRET#?}"'),
        (
            "the secret with upper and lower case exchanged",
            right.swapcase(),
            """"$(printf %s "$OKHOOK_AUTH_SECRET" | tr A-Za-z a-zA-Z)\"""",
        ),
    )
    for label, value, in_shell in made:
        if value.strip() != right:
            yield label, Presented(((field, value.strip()),), in_shell)


def _wrong(traffic: Traffic) -> Plan:
    near = _near_misses(traffic)
    return sending(
        *(traffic.delivery(label=label, presented=presented) for label, presented in near)
    )


def _elsewhere(traffic: Traffic) -> Plan:
    ((_, right),) = traffic.right.headers
    return sending(traffic.delivery(presented=Presented(((ELSEWHERE, right),))))


def _unread(traffic: Traffic) -> Plan:
    whole = body_of(traffic.document([traffic.event()]))
    return sending(
        traffic.post(whole, label="a delivery", presented=NOTHING),
        traffic.post(whole[: len(whole) // 2], label="half of one", presented=NOTHING),
        traffic.post(b"", label="an empty body", presented=NOTHING),
    )


def _basic(traffic: Traffic) -> Plan:
    ((field, right),) = traffic.right.headers
    bare = right.removeprefix("Basic ").strip()
    made = (
        ("the right user with another password", _other_password(bare), _OTHER_PASSWORD_IN_SHELL),
        ("the credentials without the word Basic", bare, '"${OKHOOK_AUTH_SECRET#Basic }"'),
        ("the credentials as Bearer", f"Bearer {bare}", '"Bearer ${OKHOOK_AUTH_SECRET#Basic }"'),
    )
    return sending(
        *(
            traffic.delivery(label=label, presented=Presented(((field, value),), in_shell))
            for label, value, in_shell in made
        )
    )


def _other_password(credentials: str) -> str:
    """Return the header for the user of Base64 credentials with another password."""
    try:
        user = b64decode(credentials).decode().partition(":")[0]
    except ValueError:
        user = MARK
    return HookAuth.basic(Secret(f"{user}:{WRONG}")).header()[1]


def _custom(traffic: Traffic) -> Plan:
    ((field, right),) = traffic.right.headers
    return sending(
        *(
            traffic.delivery(label=name, presented=Presented(((name, right),)))
            for name in (field.lower(), field.upper(), "Authorization")
        )
    )


def _silent(traffic: Traffic) -> Plan:
    """Send the right secret, then two kinds of wrong ones in turn."""
    near = dict(_near_misses(traffic))
    one, other = near["another secret"], near["the secret and one more letter"]
    return sending(
        traffic.delivery(),
        *(traffic.delivery(presented=presented) for presented in (one, other) * _TURNS),
        traffic.delivery(presented=NOTHING),
    )


def _reveals_nothing(exchanges: Exchanges) -> Complaint | None:
    """Compare the answers to two kinds of wrong secrets, which were sent in turn.

    A time or a request id differs from answer to answer. A word that is in all answers to one kind,
    and in none to the other, tells how the secret is wrong.
    """
    right = exchanges[0].presented
    for each in exchanges[1:]:
        if right is not None and _leaks(right, each):
            return Complaint(f"HTTP {each.status} with a part of the secret in it", each)
    wrong = exchanges[1:-1]
    one, other = ([_words(each) for each in wrong[start::2]] for start in (0, 1))
    told = (set.intersection(*one) - set().union(*other)) | (
        set.intersection(*other) - set().union(*one)
    )
    if not told:
        return None
    return Complaint(
        "the answer depends on how the secret is wrong:"
        f" {what_came(wrong[0])} | {what_came(wrong[1])}",
        wrong[1],
    )


def _leaks(right: Secret, exchange: Exchange) -> bool:
    """Return whether an answer has the secret or a part of it, apart from what the call sent."""
    headers = exchange.answer.headers if exchange.answer else ()
    text = "\n".join([*(value for _, value in headers), _body_of(exchange)])
    text = _without_sent(exchange, text)
    value = right.reveal()
    size = min(_LEAST_LEAK, len(value))
    parts = {value[at : at + size] for at in range(len(value) - size + 1)}
    return right.hidden_in(text, "") != text or any(part in text for part in parts)


def _without_sent(exchange: Exchange, text: str) -> str:
    sent = exchange.presented
    return text if sent is None else sent.hidden_in(text, "")


def _body_of(exchange: Exchange) -> str:
    return exchange.answer.body.decode("utf-8", "replace") if exchange.answer else ""


def _words(exchange: Exchange) -> set[str]:
    """Return the status and the words of the body, without the secret that was sent."""
    body = _without_sent(exchange, _body_of(exchange))
    return {str(exchange.status), *re.findall(r"\w+", body)}


_NEEDS_SECRET: Final = frozenset({Need.SECRET})

AUTHENTICATION: Final = (
    Case(
        id="authentication-missing",
        title="A delivery without the secret is refused",
        rule="Validate the authentication header in every request.",
        source=sources.PRACTICES,
        sends="a delivery without the secret",
        expects="4xx, preferably 401",
        fix="answer 401 before anything else if the header is missing",
        then=_STRANGERS,
        needs=_NEEDS_SECRET,
        after=DELIVERED,
        plan=lambda traffic: sending(traffic.delivery(presented=NOTHING)),
        judge=refused,
    ),
    Case(
        id="authentication-wrong",
        title="A wrong secret is refused",
        rule="Validate the authentication header in every request.",
        source=sources.PRACTICES,
        sends="deliveries with another secret, an empty one, and four that resemble the right one",
        expects="4xx to each, preferably 401",
        fix="compare the whole value, in constant time, such as with hmac.compare_digest or"
        " crypto.timingSafeEqual",
        then=_STRANGERS,
        needs=_NEEDS_SECRET,
        after=(*DELIVERED, "authentication-missing"),
        plan=_wrong,
        judge=refused,
    ),
    Case(
        id="authentication-other-header",
        title="The secret counts in its own header only",
        rule="Okta sends the secret in the header that is registered with the hook.",
        source=sources.SECURITY,
        sends=f"a delivery with the right secret in the header {ELSEWHERE}",
        expects="4xx, preferably 401",
        fix="read the secret from the header that the hook is registered with",
        then=_STRANGERS,
        needs=_NEEDS_SECRET,
        after=(*DELIVERED, "authentication-missing"),
        plan=_elsewhere,
        judge=refused,
    ),
    Case(
        id="authentication-before-body",
        title="The secret is checked before the body",
        level=Level.SHOULD,
        rule="Validate the authentication header in every request. What your app does before, it"
        " does for anyone.",
        source=sources.PRACTICES,
        sends="a delivery, half of one, and an empty body, all without the secret",
        expects="the same status to each",
        fix="check the secret before the body parser runs, such as in a middleware in front of it",
        then="anyone who knows the URL can make your app parse what they send",
        needs=_NEEDS_SECRET,
        after=(*DELIVERED, "authentication-missing"),
        plan=_unread,
        judge=lambda all_: every_answer(lambda each: each.status == all_[0].status)(all_[1:]),
    ),
    Case(
        id="authentication-basic",
        title="Basic credentials are compared as a whole",
        rule="The secret of HTTP Basic is the word Basic, a space, and user:password in Base64.",
        source=sources.BASIC,
        sends="deliveries with another password, without the word Basic, and with Bearer",
        expects="4xx to each, preferably 401",
        fix="compare the whole header with the expected one",
        then=_STRANGERS,
        needs=frozenset({Need.SECRET, Need.BASIC}),
        after=(*DELIVERED, "authentication-missing", "authentication-wrong"),
        plan=_basic,
        judge=refused,
    ),
    Case(
        id="authentication-custom-header",
        title="The custom header counts, in any case",
        rule="Names of headers are case-insensitive, and proxies change their case.",
        source=sources.HEADER_NAMES,
        sends="deliveries with the header in lower and in upper case, and one with the secret in"
        " Authorization instead",
        expects="2xx to the first two, 4xx to the last",
        fix="look the header up in a way that ignores case, and look up no other",
        needs=frozenset({Need.SECRET, Need.CUSTOM_HEADER, Need.SOCKET}),
        after=(*DELIVERED, "authentication-missing", "authentication-other-header"),
        plan=_custom,
        judge=lambda all_: accepted(all_[:-1]) or refused(all_[-1:]),
    ),
    Case(
        id="authentication-silent",
        title="A refusal says nothing about the secret",
        rule="The secret is an API access key of your service: only Okta and the service know it.",
        source=sources.SECURITY,
        sends="deliveries with two kinds of wrong secrets, and without one",
        expects="answers that do not contain the secret, and are the same for every wrong secret",
        fix="answer 401 with an empty or a fixed body",
        then="anyone who knows the URL can learn the secret from the answers",
        needs=_NEEDS_SECRET,
        after=(*DELIVERED, "authentication-missing", "authentication-wrong"),
        plan=_silent,
        judge=_reveals_nothing,
    ),
    Case(
        id="authentication-challenge",
        title="A challenge without the secret is refused",
        level=Level.NOTE,
        rule="Okta sends the secret with the challenge too; whether a receiver must check it there"
        " is not documented.",
        source=sources.VERIFICATION,
        sends="a challenge without the secret",
        expects="4xx, preferably 401",
        fix="check the secret for every method",
        then="anyone can register your URL with a hook of their own; its deliveries are refused",
        needs=_NEEDS_SECRET,
        after=("challenge-echo", *DELIVERED),
        plan=lambda traffic: sending(traffic.challenge(new_uuid(), presented=NOTHING)),
        judge=refused,
    ),
)
