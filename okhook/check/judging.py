"""Judge answers: what is right, what came instead, and what Okta does then."""

import html
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from okhook.check.plan import Exchange
from okhook.http.errors import TimedOut
from okhook.text import plain
from okhook.wire.hook_call import TIMEOUT_S

_EXCERPT = 200
_READ_BYTES = 4096
_NAMED = 5
_HTML = ("<!doctype html", "<html")
_HTML_LENGTH = max(map(len, _HTML))
_TITLE = re.compile(r"<title\b[^>]*>[^<]*", re.IGNORECASE)
_MARKUP = re.compile(r"<(style|script)\b.*?(?:</\1[^>]*>|\Z)|<[^>]*>", re.DOTALL | re.IGNORECASE)

_WAYS_TO_SET_IT: Final = (
    "set OKHOOK_AUTH_SECRET or OKHOOK_BASIC_AUTH, or pass --auth-secret-file (in pytest: secret=)"
)

WORK_LATER: Final = "store or queue the events, answer, and do the work afterwards"

LOST: Final = "Okta logs a failed delivery, and your app never gets these events"


@dataclass(frozen=True, slots=True)
class Complaint:
    """Why a case failed. ``came`` says what came instead. It has text from outside, no secret.

    ``exchange`` is the call that shows it. ``then`` and ``fix`` replace those of the case.
    """

    came: str
    exchange: Exchange | None = None
    then: str | None = None
    fix: str | None = None


Exchanges = Sequence[Exchange]
Judge = Callable[[Exchanges], Complaint | None]
"""Looks at all answers of a case, in the order of its calls; None if they are right."""


def every_answer(is_right: Callable[[Exchange], bool]) -> Judge:
    """Return a judge of the first answer that is not right, which says how many are not."""

    def judge(exchanges: Exchanges) -> Complaint | None:
        wrong = [each for each in exchanges if not is_right(each)]
        if not wrong:
            return None
        first, *others = wrong
        label = f"{plain(first.call.label)}: " if first.call.label else ""
        return Complaint(f"{label}{what_came(first)}{_also(others, len(exchanges))}", first)

    return judge


answered = every_answer(lambda each: each.answer is not None)
accepted = every_answer(lambda each: each.accepted)
refused = every_answer(lambda each: each.refused)


def with_advice(judge: Judge) -> Judge:
    """Return ``judge`` with another advice where the answer tells what is wrong."""

    def advising(exchanges: Exchanges) -> Complaint | None:
        complaint = judge(exchanges)
        if complaint is None or complaint.exchange is None:
            return complaint
        return replace(complaint, fix=advice(complaint.exchange) or complaint.fix)

    return advising


def advice(exchange: Exchange) -> str | None:
    """Return how to fix what the answer tells by itself, such as a wrong path; None if nothing."""
    match exchange.status:
        case 401 | 403 if exchange.presented is None:
            return (
                f"give okhook the receiver's secret: {_WAYS_TO_SET_IT}, and --auth-field if it is"
                " in another header than Authorization"
            )
        case 401 | 403:
            return (
                "compare with the whole header: Okta sends the secret as it is registered, without"
                " Bearer. If okhook has another secret than the app, give it that one:"
                f" {_WAYS_TO_SET_IT}"
            )
        case 404:
            return "check the path of the URL: your app has to accept GET and POST there"
        case 405:
            return "let your app accept GET and POST at this URL, or correct its path"
    if isinstance(exchange.error, TimedOut) and exchange.call.method == "POST":
        return WORK_LATER
    return None


def _also(others: Sequence[Exchange], of_all: int) -> str:
    """Return which other answers are wrong, or how many."""
    labels = [plain(each.call.label) for each in others if each.call.label]
    if labels:
        named = ", ".join(labels[:_NAMED])
        more = f" and {len(labels) - _NAMED} more" if len(labels) > _NAMED else ""
        return f"; also wrong: {named}{more}"
    return f" ({len(others) + 1} of {of_all} answers are wrong)" if of_all > 1 else ""


def what_came(exchange: Exchange) -> str:
    """Return the answer in a few words, with the beginning of its body, without secrets."""
    answer = exchange.answer
    if answer is None:
        reason = "no answer" if exchange.error is None else exchange.error.reason
        return plain(exchange.without_secrets(reason), limit=_EXCERPT)
    words = f"HTTP {answer.status}"
    if 300 <= answer.status < 400 and (location := answer.header("location")):
        words += f" to {plain(exchange.without_secrets(location), limit=_EXCERPT)}"
    text = exchange.without_secrets(_words(answer.body[:_READ_BYTES].decode("utf-8", "replace")))
    return f"{words}: {plain(text, limit=_EXCERPT)}" if text else f"{words}, empty"


def _words(text: str) -> str:
    """Return a body without the tags of a page: frameworks show errors as HTML."""
    text = text.strip()
    if not text[:_HTML_LENGTH].lower().startswith(_HTML):
        return text
    return _words_of_page(_TITLE.sub("", text)) or _words_of_page(text)  # a title says it twice


def _words_of_page(text: str) -> str:
    return " ".join(html.unescape(_MARKUP.sub(" ", text)).split())


def what_okta_does(exchange: Exchange | None) -> str:
    """Return what Okta does after this answer: Okta's guide, timeout and retry."""
    if exchange is None:
        return LOST
    if exchange.call.method == "GET":
        return "Okta sends the challenge once more, then it cannot verify the hook: no event comes"
    status = exchange.status
    if status is None:
        if isinstance(exchange.error, TimedOut):
            return f"Okta waits {TIMEOUT_S:g} s, sends it once more, and then gives up: {LOST}"
        return LOST
    if status >= 500:
        return f"Okta sends it once more, and then gives up: {LOST}"
    if status >= 400:
        return f"Okta does not send it again after a 4xx: {LOST}"
    if status >= 300:
        return f"Okta does not follow redirects: {LOST}"
    if status in (200, 204):
        return "Okta counts the delivery as received"
    return f"whether Okta counts a {status} as received is not documented"
