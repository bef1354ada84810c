"""Receivers that break one rule each, and the case that must catch it."""

import html
import json
import select
import socket
import threading
import time
from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass
from io import BufferedReader
from typing import Any
from urllib.parse import unquote

from okhook.check.cases_payload import CLASSIC_ONLY, IDENTITY_ONLY
from okhook.check.cases_transport import TIMED
from tests.check.receivers import SECRET, Json, Receiver, Refuse, Reply, Request
from tests.check.runs import TYPES

BASIC = "Basic amFuZTpzM2NyZXQtcGFzc3dvcmQ="
CUSTOM = "X-Hook-Key"

BEFORE_TIMED = 3
"""Deliveries before those that are timed: answers, redirect, accepted."""
BEFORE_MARGIN = BEFORE_TIMED + TIMED + 2
CHALLENGES_BEFORE_TIME = 9


class AnswersOnlyGet(Receiver):
    """Closes the connection when it gets a delivery."""

    def answer(self, connection: socket.socket, request: Request) -> None:
        if request.method == "POST":
            raise OSError
        super().answer(connection, request)


class Redirects(Receiver):
    """As frameworks do where the last slash is missing."""

    def delivered(self, request: Request) -> Reply:
        return Reply(308, location="/hook/")


class Fails(Receiver):
    def delivered(self, request: Request) -> Reply:
        raise RuntimeError("no database")


class IsSlowOnce(Receiver):
    def delivered(self, request: Request) -> Reply:
        if self.posts == BEFORE_TIMED + 2:
            time.sleep(3.3)
        return super().delivered(request)


class SaysAccepted(Receiver):
    def delivered(self, request: Request) -> Reply:
        super().delivered(request)
        return Reply(202)


class AnswersAtLength(Receiver):
    def delivered(self, request: Request) -> Reply:
        super().delivered(request)
        return Reply(200, b'{"ok": true, "received": "' + b"x" * 2000 + b'"}')


class IsSlow(Receiver):
    def delivered(self, request: Request) -> Reply:
        if BEFORE_MARGIN < self.posts <= BEFORE_MARGIN + TIMED:
            time.sleep(1.1)
        return super().delivered(request)


class WorksBeforeItAnswers(Receiver):
    def work(self, event: Json) -> None:
        time.sleep(0.025)
        super().work(event)


class ClosesUnannounced(Receiver):
    def serve(self, connection: socket.socket, stream: BufferedReader) -> None:
        if (request := self.read(stream)) is not None:
            self.answer(connection, request)


class DropsPipelined(Receiver):
    """Reads a request from whatever one receive gave it, and forgets the rest."""

    def serve(self, connection: socket.socket, stream: BufferedReader) -> None:
        while (request := self.read(stream)) is not None:
            connection.setblocking(False)
            stream.read1()
            connection.setblocking(True)
            self.answer(connection, request)


class KnowsNoChunks(Receiver):
    def read_chunks(self, stream: BufferedReader) -> bytes:
        super().read_chunks(stream)
        return b""


class EchoesAnotherName(Receiver):
    def challenged(self, request: Request) -> Reply:
        reply = super().challenged(request)
        return Reply(reply.status, reply.body.replace(b"verification", b"challenge"))


class EchoesAConstant(Receiver):
    def challenged(self, request: Request) -> Reply:
        super().challenged(request)
        return Reply(200, b'{"verification": "1"}')


class KnowsOneSpelling(Receiver):
    def challenged(self, request: Request) -> Reply:
        value = dict(request.headers).get("X-Okta-Verification-Challenge")
        if value is None:
            raise Refuse(400)
        return Reply(200, json.dumps({"verification": value}).encode())


class SaysHtml(Receiver):
    def challenged(self, request: Request) -> Reply:
        return Reply(200, super().challenged(request).body, "text/html; charset=utf-8")


class WakesUpSlowly(Receiver):
    def challenged(self, request: Request) -> Reply:
        if self.gets == CHALLENGES_BEFORE_TIME + 1:
            time.sleep(3.3)
        return super().challenged(request)


class Rewrites(Receiver):
    """Changes the value that it echoes."""

    def __init__(self, change: Callable[[str], str]) -> None:
        super().__init__()
        self._change = change

    def challenged(self, request: Request) -> Reply:
        value = json.loads(super().challenged(request).body)["verification"]
        return Reply(200, json.dumps({"verification": self._change(value)}).encode())


class Concatenates(Receiver):
    def challenged(self, request: Request) -> Reply:
        value = json.loads(super().challenged(request).body)["verification"]
        return Reply(200, f'{{"verification": "{value}"}}'.encode())


class EchoesNull(Receiver):
    def challenged(self, request: Request) -> Reply:
        value = request.header("x-okta-verification-challenge")
        return Reply(200, json.dumps({"verification": value}).encode())


class Compares(Receiver):
    """Compares the header with the secret in its own way; ``accepts`` gets both."""

    def __init__(
        self,
        accepts: Callable[[str | None, str], bool],
        secret: str = SECRET,
        auth_field: str = "Authorization",
    ) -> None:
        super().__init__(secret, auth_field)
        self._accepts = accepts

    def authenticate(self, request: Request) -> None:
        if request.method == "GET":
            super().authenticate(request)
        elif not self._accepts(request.header(self.auth_field), self.secret or ""):
            raise Refuse(401)


class LooksInEveryHeader(Receiver):
    def authenticate(self, request: Request) -> None:
        if self.secret not in [value for _, value in request.headers]:
            raise Refuse(401)


class ParsesFirst(Receiver):
    """The body parser stands before the check of the secret."""

    def authenticate(self, request: Request) -> None:
        if request.method == "POST":
            self.parsed(request.body)
        super().authenticate(request)


def _is_user(presented: str | None, secret: str) -> bool:
    """Check the user name alone."""
    if presented is None or not presented.startswith("Basic "):
        return False
    try:
        user = b64decode(presented[6:], validate=True).partition(b":")[0]
    except ValueError:
        return False
    return user == b64decode(secret[6:]).partition(b":")[0]


class KnowsOneSpellingOfItsHeader(Receiver):
    def authenticate(self, request: Request) -> None:
        if dict(request.headers).get(self.auth_field) != self.secret:
            raise Refuse(401)


class AlsoReadsAuthorization(Receiver):
    def authenticate(self, request: Request) -> None:
        if self.secret not in (request.header(self.auth_field), request.header("Authorization")):
            raise Refuse(401)


class Tells(Receiver):
    """Answers a wrong secret with what ``telling`` makes of it and the right one."""

    def __init__(self, telling: Callable[[str, str], str]) -> None:
        super().__init__()
        self._telling = telling

    def authenticate(self, request: Request) -> None:
        presented, right = request.header(self.auth_field) or "", self.secret or ""
        if presented != right:
            raise Refuse(401, self._telling(presented, right).encode())


def _difference(presented: str, right: str) -> str:
    same = [a == b for a, b in zip(presented, right, strict=False)]
    return f"differs at {same.index(False) if False in same else len(same)}"


class AnswersAnyChallenge(Receiver):
    def authenticate(self, request: Request) -> None:
        if request.method == "POST":
            super().authenticate(request)


class ProcessesNothing(Receiver):
    def work(self, event: Json) -> None:
        pass


class ProcessesAgain(Receiver):
    def is_new(self, key: str) -> bool:
        return True


class RefusesTheKnown(Receiver):
    def process(self, delivery: Json, event: Json) -> None:
        if not self.is_new(event["uuid"]):
            raise Refuse(409)
        self.work(event)


class LooksBeforeItWrites(Receiver):
    def is_new(self, key: str) -> bool:
        is_new = key not in self.known
        time.sleep(0.01)
        self.known.add(key)
        return is_new


class KnowsDeliveriesOnly(Receiver):
    def events_of(self, delivery: Json) -> list[Json]:
        return super().events_of(delivery) if self.is_new(delivery["eventId"]) else []

    def process(self, delivery: Json, event: Json) -> None:
        self.work(event)


class StopsWithTheConnection(Receiver):
    """Takes note of events first, and gives up its work when the connection closes."""

    def answer(self, connection: socket.socket, request: Request) -> None:
        if request.method == "POST" and self.secret == request.header(self.auth_field):
            delivery = self.parsed(request.body)
            is_new = [self.is_new(each["uuid"]) for each in self.events_of(delivery)]
            readable, _, _ = select.select([connection], [], [], 0.35)
            if readable and not connection.recv(1, socket.MSG_PEEK):
                return
            self.known -= {
                each["uuid"]
                for each, new in zip(self.events_of(delivery), is_new, strict=True)
                if new
            }
        super().answer(connection, request)


class TakesTheFirstAlone(Receiver):
    def events_of(self, delivery: Json) -> list[Json]:
        return super().events_of(delivery)[:1]


class TakesTen(Receiver):
    def events_of(self, delivery: Json) -> list[Json]:
        return super().events_of(delivery)[:10]


class SkipsAKnownBatch(Receiver):
    def events_of(self, delivery: Json) -> list[Json]:
        events = super().events_of(delivery)
        return [] if any(each["uuid"] in self.known for each in events) else events


class WantsOrder(Receiver):
    def events_of(self, delivery: Json) -> list[Json]:
        events = super().events_of(delivery)
        published = [each["published"] for each in events]
        if published != sorted(published):
            raise Refuse(400)
        return events


class WantsItFresh(Receiver):
    def process(self, delivery: Json, event: Json) -> None:
        hour = time.strftime("%Y-%m-%dT%H:%M", time.gmtime(time.time() - 300))
        if event["published"] < hour:
            raise Refuse(400)
        super().process(delivery, event)


class HasFewWorkers(Receiver):
    def __init__(self) -> None:
        super().__init__()
        self._workers = threading.Semaphore(6)

    def delivered(self, request: Request) -> Reply:
        if not self._workers.acquire(blocking=False):
            raise Refuse(503)
        try:
            time.sleep(0.005)
            return super().delivered(request)
        finally:
            self._workers.release()


class ForgetsAtARestart(Receiver):
    def restart(self) -> None:
        self.known.clear()


class LosesItsCountsAtARestart(Receiver):
    def restart(self) -> None:
        self.known.clear()
        self.counts.clear()


class Rejects(Receiver):
    """Answers ``status`` where ``condition`` holds for an event."""

    def __init__(self, condition: Callable[[Json], bool], status: int = 400) -> None:
        super().__init__()
        self._condition = condition
        self._status = status

    def process(self, delivery: Json, event: Json) -> None:
        if self._condition(event):
            raise Refuse(self._status)
        super().process(delivery, event)


class Reads(Receiver):
    """Reads an event with ``reading``, which raises an error where the author did not look."""

    def __init__(self, reading: Callable[[Json], Any]) -> None:
        super().__init__()
        self._reading = reading

    def process(self, delivery: Json, event: Json) -> None:
        self._reading(event)
        super().process(delivery, event)


class TakesTheFirstTarget(Receiver):
    def work(self, event: Json) -> None:
        target = (event.get("target") or [{}])[0]
        if target.get("alternateId"):
            super().work(event)


class EchoesNames(Receiver):
    def delivered(self, request: Request) -> Reply:
        super().delivered(request)
        events = json.loads(request.body)["data"]["events"]
        names = [each["displayName"] or "" for e in events for each in e.get("target") or []]
        return Reply(200, "".join(names)[:900].encode(), "text/html")


class ReadsBytesUpTo(Receiver):
    def __init__(self, limit_bytes: int) -> None:
        super().__init__()
        self._limit_bytes = limit_bytes

    def parsed(self, body: bytes) -> Json:
        if len(body) > self._limit_bytes:
            raise Refuse(413)
        return super().parsed(body)


class ReadsAscii(Receiver):
    def parsed(self, body: bytes) -> Json:
        body.decode("ascii")
        return super().parsed(body)


class ParsesOrElse(Receiver):
    """Answers ``status`` to a body that cannot be parsed."""

    def __init__(self, status: int) -> None:
        super().__init__()
        self._status = status

    def parsed(self, body: bytes) -> Json:
        try:
            return super().parsed(body)
        except Refuse:
            raise Refuse(self._status) from None


class TrustsTheShape(Receiver):
    def parsed(self, body: bytes) -> Json:
        try:
            delivery = json.loads(body or b"{}")
        except ValueError:
            raise Refuse(400) from None
        assert isinstance(delivery["data"]["events"], list)
        return delivery


class TakesAnyFirst(Receiver):
    def events_of(self, delivery: Json) -> list[Json]:
        first, *others = super().events_of(delivery)
        return [first, *others]


def _longest_name(event: Json) -> int:
    return max((len(each["displayName"] or "") for each in event.get("target") or []), default=0)


def _texts(event: Json) -> str:
    return json.dumps(event.get("target"), ensure_ascii=False)


def _result(event: Json) -> str:
    return str(event["outcome"]["result"])


_KNOWN = {*TYPES, *CLASSIC_ONLY, *IDENTITY_ONLY}


@dataclass(frozen=True)
class Mutant:
    """A receiver, and the only case that fails. ``only`` limits the cases of a slow one."""

    make: Callable[[], Receiver]
    case: str
    note: str = ""
    only: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.case}{f'-{self.note}' if self.note else ''}"


MUTANTS = (
    Mutant(AnswersOnlyGet, "transport-answers"),
    Mutant(Redirects, "transport-redirect"),
    Mutant(Fails, "transport-accepted"),
    Mutant(IsSlowOnce, "transport-time"),
    Mutant(SaysAccepted, "transport-status"),
    Mutant(AnswersAtLength, "transport-small-answer"),
    Mutant(IsSlow, "transport-margin"),
    Mutant(WorksBeforeItAnswers, "transport-acknowledges-first"),
    Mutant(ClosesUnannounced, "transport-keep-alive"),
    Mutant(DropsPipelined, "transport-pipelined"),
    Mutant(KnowsNoChunks, "transport-chunked"),
    Mutant(EchoesAnotherName, "challenge-echo", "name"),
    Mutant(EchoesAConstant, "challenge-echo", "constant"),
    Mutant(KnowsOneSpelling, "challenge-header-case"),
    Mutant(SaysHtml, "challenge-content-type"),
    Mutant(WakesUpSlowly, "challenge-time"),
    Mutant(Concatenates, "challenge-odd-characters", "concatenated"),
    Mutant(lambda: Rewrites(html.escape), "challenge-odd-characters", "escaped"),
    Mutant(lambda: Rewrites(unquote), "challenge-odd-characters", "unquoted"),
    Mutant(lambda: Rewrites(lambda value: value[:128]), "challenge-odd-characters", "cut"),
    Mutant(EchoesNull, "challenge-missing"),
    Mutant(lambda: Compares(lambda got, _: got is None or got == SECRET), "authentication-missing"),
    Mutant(
        lambda: Compares(lambda got, right: (got or "").startswith(right)),
        "authentication-wrong",
        "starts",
    ),
    Mutant(
        lambda: Compares(lambda got, right: bool(got) and right.startswith(str(got))),
        "authentication-wrong",
        "prefix",
    ),
    Mutant(
        lambda: Compares(lambda got, right: bool(got) and str(got) in right),
        "authentication-wrong",
        "part",
    ),
    Mutant(
        lambda: Compares(lambda got, right: (got or "").lower() == right.lower()),
        "authentication-wrong",
        "case",
    ),
    Mutant(lambda: Compares(lambda got, _: got is not None), "authentication-wrong", "any"),
    Mutant(LooksInEveryHeader, "authentication-other-header"),
    Mutant(ParsesFirst, "authentication-before-body"),
    Mutant(lambda: Compares(_is_user, BASIC), "authentication-basic", "user"),
    Mutant(
        lambda: Compares(lambda got, right: got in (right, right[6:]), BASIC),
        "authentication-basic",
        "bare",
    ),
    Mutant(
        lambda: Compares(lambda got, right: got in (right, f"Bearer {right[6:]}"), BASIC),
        "authentication-basic",
        "bearer",
    ),
    Mutant(
        lambda: KnowsOneSpellingOfItsHeader(SECRET, CUSTOM), "authentication-custom-header", "case"
    ),
    Mutant(lambda: AlsoReadsAuthorization(SECRET, CUSTOM), "authentication-custom-header", "two"),
    Mutant(lambda: Tells(lambda _, right: f"expected {right}"), "authentication-silent", "secret"),
    Mutant(
        lambda: Tells(lambda _, right: f"expected {right[:9]}…"), "authentication-silent", "hint"
    ),
    Mutant(lambda: Tells(_difference), "authentication-silent", "difference"),
    Mutant(
        lambda: Tells(lambda got, right: f"{len(got)} letters, not {len(right)}"),
        "authentication-silent",
        "length",
    ),
    Mutant(AnswersAnyChallenge, "authentication-challenge"),
    Mutant(ProcessesNothing, "delivery-processed"),
    Mutant(ProcessesAgain, "delivery-repeated"),
    Mutant(RefusesTheKnown, "delivery-repeated", "409"),
    Mutant(LooksBeforeItWrites, "delivery-concurrent"),
    Mutant(KnowsDeliveriesOnly, "delivery-same-event"),
    Mutant(StopsWithTheConnection, "delivery-retry", only=("delivery",)),
    Mutant(TakesTheFirstAlone, "delivery-batch-2"),
    Mutant(TakesTen, "delivery-batch-20"),
    Mutant(SkipsAKnownBatch, "delivery-partly-known"),
    Mutant(WantsOrder, "delivery-reversed"),
    Mutant(WantsItFresh, "delivery-late"),
    Mutant(HasFewWorkers, "delivery-burst"),
    Mutant(ForgetsAtARestart, "delivery-restart"),
    Mutant(LosesItsCountsAtARestart, "delivery-restart", "counts"),
    Mutant(lambda: Rejects(lambda event: event["eventType"] not in _KNOWN), "payload-unknown-type"),
    Mutant(lambda: Rejects(lambda event: event["eventType"] == TYPES[1]), "payload-event-types"),
    Mutant(lambda: Rejects(lambda event: "okhookCheck" in event), "payload-unknown-members"),
    Mutant(lambda: Reads(lambda event: event["debugContext"]), "payload-missing-members"),
    Mutant(lambda: Reads(lambda event: list(event.get("target", []))), "payload-target-null"),
    Mutant(TakesTheFirstTarget, "payload-target-order"),
    Mutant(
        lambda: Reads(lambda event: event.get("debugContext", {}).get("debugData", {}).get("url")),
        "payload-debug-data-null",
    ),
    Mutant(lambda: Rejects(lambda event: _result(event) == "FAILURE"), "payload-outcome-failure"),
    Mutant(lambda: Rejects(lambda event: _result(event) == "SKIPPED"), "payload-outcome-skipped"),
    Mutant(lambda: Rejects(lambda event: event["client"]["zone"] == "null"), "payload-zone-null"),
    Mutant(ReadsAscii, "payload-unicode"),
    Mutant(lambda: Rejects(lambda event: "\u202e" in _texts(event)), "payload-right-to-left"),
    Mutant(lambda: Rejects(lambda event: max(_texts(event)) > "\uffff", 500), "payload-emoji"),
    Mutant(lambda: Rejects(lambda event: _longest_name(event) > 255, 500), "payload-long-names"),
    Mutant(lambda: Rejects(lambda event: "<b>" in _texts(event)), "payload-markup", "refused"),
    Mutant(EchoesNames, "payload-markup", "echoed"),
    Mutant(lambda: ReadsBytesUpTo(100 * 1024), "payload-one-mib"),
    Mutant(lambda: ParsesOrElse(200), "payload-malformed", "200"),
    Mutant(lambda: ParsesOrElse(500), "payload-malformed", "500"),
    Mutant(TrustsTheShape, "payload-not-a-delivery"),
    Mutant(TakesAnyFirst, "payload-no-events"),
    Mutant(lambda: Rejects(lambda event: event["eventType"] in CLASSIC_ONLY), "payload-classic"),
    Mutant(lambda: Rejects(lambda event: event["eventType"] in IDENTITY_ONLY), "payload-identity"),
)
