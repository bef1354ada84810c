"""The cases as data: what they say, what they send, and how a person repeats it."""

import json
import os
import shutil
import ssl
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

import okhook.check.cases_transport
import okhook.check.observing
import okhook.check.target
from okhook.check.case import Case, Need
from okhook.check.catalogue import CASES, selected
from okhook.check.judging import what_came, what_okta_does
from okhook.check.plan import Call, Exchange, Send, SendOnOneConnection, SendUnread, curl_of_call
from okhook.check.results import Outcome
from okhook.check.running import CheckRun
from okhook.check.target import Target
from okhook.check.traffic import MARK, Traffic
from okhook.errors import InvalidInput
from okhook.http.client import Answer
from okhook.http.errors import AnswerLost, ConnectionFailed, HttpError, TimedOut
from okhook.runtime.ids import new_uuid
from okhook.secret import HookAuth, Secret
from okhook.wire.event_types import eligible
from tests.check.receivers import SECRET, Receiver, Refuse, Reply, Request
from tests.check.runs import failed, results_of
from tests.support.answering import answer, answering_server
from tests.support.certificate import chain, self_signed
from tests.support.each import check_each

URL = "http://localhost:3000/hook"
USER = "jane@hook"
"""It has a sign that no id has: four letters alone may stand in a random one by chance."""

PASSWORD = f"{USER}:s3cret-passphrase"
EXPRESS_PAGE = """<!DOCTYPE html>
<html lang="en">
<head><title>Error</title><style>p { color: red }</style></head>
<body><pre>TypeError: reading &#39;0&#39;<br> &nbsp; &nbsp;at app.js</pre></body>
</html>"""
AUTHS = {
    "plain": HookAuth("Authorization", Secret(SECRET)),
    "basic": HookAuth.basic(Secret(PASSWORD)),
    "custom": HookAuth("X-Hook-Key", Secret(SECRET)),
}


def calls_of(case: Case, traffic: Traffic) -> Iterator[Call]:
    for step in case.plan(traffic).steps:
        match step:
            case Send(calls) | SendOnOneConnection(calls):
                yield from calls
            case SendUnread(call):
                yield call


def can_run(case: Case, auth: HookAuth) -> bool:
    lacking = Target(URL, Traffic(auth)).lacking()
    return not case.needs & lacking.keys() & {Need.BASIC, Need.CUSTOM_HEADER}


def all_calls(auth: HookAuth) -> Iterator[Call]:
    traffic = Traffic(auth)
    for case in CASES:
        if can_run(case, auth):
            yield from calls_of(case, traffic)


def test_a_case_follows_those_that_it_needs() -> None:
    """Ids are unique, groups stand together, and a case runs after what it depends on."""
    ids = [case.id for case in CASES]
    assert len(set(ids)) == len(ids)
    for number, case in enumerate(CASES):
        assert set(case.after) <= set(ids[:number]), case.id
        assert case.source.startswith("https://"), case.id
        assert len(case.id) <= 28, case.id
        assert len(case.title) <= 43, case.title  # a line of 80 columns, also in --list


def test_no_case_sends_more_than_a_burst() -> None:
    """A deployed receiver is checked, not flooded: 100 deliveries, 10 at a time."""
    traffic = Traffic(AUTHS["basic"], tuple(sorted(eligible())))
    for case in CASES:
        for step in case.plan(traffic).steps:
            if isinstance(step, Send):
                assert len(step.calls) <= 100, case.id
                assert step.at_once <= 10, case.id


def parties(event: dict[str, Any]) -> list[dict[str, Any]]:
    return [event["actor"], *(event.get("target") or [])]


def test_everything_that_is_made_up_is_marked() -> None:
    """Whoever finds it in a database knows where it came from, and can remove it."""
    for call in all_calls(AUTHS["plain"]):
        assert dict(call.headers)["X-Okta-Request-Id"].startswith(MARK)
        try:
            events = json.loads(call.body or b"")["data"]["events"]
        except (ValueError, TypeError, KeyError):
            continue
        for event in events if isinstance(events, list) else ():
            for party in parties(event):
                assert party["id"] is None or MARK in party["id"], party
                assert party["displayName"] is None or MARK in party["displayName"], party


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        (EXPRESS_PAGE, "HTTP 500: TypeError: reading '0' at app.js"),
        ("<html><title>KeyError</title><style>p { color", "HTTP 500: KeyError"),
        (
            "<!doctype html><title>404 Not Found</title><h1>Not Found</h1><p>The URL is not here.",
            "HTTP 500: Not Found The URL is not here.",
        ),
        ("<html>s3cret&#45;of-The-hook", "HTTP 500: …"),
        ('{"a": "<b>"}', 'HTTP 500: {"a": "<b>"}'),
        ("<html></html>", "HTTP 500, empty"),
    ],
)
def test_a_page_is_shown_as_its_words(body: str, shown: str) -> None:
    """The error of a framework is near the end of a page of markup."""
    call = Call("POST", (), b"")
    said = Answer(500, (), body.encode(), 0.1)
    assert what_came(Exchange(call, URL, said, None, (Secret("s3cret-of-The-hook"),))) == shown


@pytest.mark.parametrize("auth", AUTHS.values(), ids=AUTHS)
def test_no_command_contains_a_part_of_the_secret(auth: HookAuth) -> None:
    """What is shown may land in a CI log: the secret is a variable in it."""
    right = auth.secret.reveal().removeprefix("Basic ")
    parts = {right[at : at + 8] for at in range(len(right) - 7)} | {USER}

    def check(call: Call) -> None:
        command = curl_of_call(call, URL) or ""
        assert not [part for part in parts if part in command], command

    check_each(list(all_calls(auth)), check)


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
def test_a_command_repeats_the_secret_or_what_was_made_of_it() -> None:
    """Also one letter too many, or the other password: a shell makes it from the variable."""
    auth = AUTHS["basic"]
    cases = [case for case in selected(["authentication"]) if can_run(case, auth)]
    calls = [call for case in cases for call in calls_of(case, Traffic(auth))]
    with answering_server(lambda _: answer(204)) as server:
        for call in calls:
            command = curl_of_call(call, server.url)
            assert command is not None
            ran = subprocess.run(
                ["sh", "-c", command],
                env={**os.environ, "OKHOOK_AUTH_SECRET": auth.secret.reveal()},
                check=True,
                capture_output=True,
            )
            assert ran.stdout.startswith(b"HTTP/1.1 204 ")  # its body is empty
    names = {auth.field.lower(), "authorization", "x-okhook-check-elsewhere"}

    def presented(headers: tuple[tuple[str, str], ...]) -> dict[str, str]:
        return {name.lower(): value for name, value in headers if name.lower() in names}

    assert [presented(each.headers) for each in server.asked] == [
        presented(call.headers) for call in calls
    ]


def test_cases_are_chosen_by_id_and_by_group() -> None:
    """Both work for --only and --skip, and the order stays that of the list."""
    chosen = selected(["challenge", "transport-status"], ["challenge-time"])
    assert [case.id for case in chosen][:2] == ["transport-status", "challenge-echo"]
    assert "challenge-time" not in [case.id for case in chosen]
    with pytest.raises(InvalidInput) as caught:
        selected(["payload-emojis"])
    assert (caught.value.what, caught.value.next_step) == (
        "unknown --only value 'payload-emojis'",
        "did you mean payload-emoji?",
    )


def test_a_good_receiver_passes_every_case(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is found where nothing is wrong."""
    monkeypatch.setattr(okhook.check.observing, "SETTLE_S", 0.05)
    for limit in ("SLOW_S", "WORKING_S"):  # the machine may be busy with other tests
        monkeypatch.setattr(okhook.check.cases_transport, limit, 2.9)
    results = results_of(Receiver())
    assert failed(results) == {}
    assert [name for name, each in results.items() if each.outcome is Outcome.SKIPPED] == [
        *("transport-https", "transport-certificate"),
        *("authentication-basic", "authentication-custom-header"),
    ]


class TellsTheTime(Receiver):
    """Refuses as frameworks do: with a time and the id of the request."""

    def authenticate(self, request: Request) -> None:
        if request.header(self.auth_field) != self.secret:
            told = {"timestamp": time.time(), "requestId": new_uuid(), "status": 401}
            raise Refuse(401, json.dumps(told).encode())


def test_a_refusal_may_tell_what_has_nothing_to_do_with_the_secret() -> None:
    """A time differs between two answers, and says nothing about what was wrong."""
    assert failed(results_of(TellsTheTime(), ["authentication"], observes=False)) == {}


class SaysNothingOfItsContent(Receiver):
    """What http.server sends if nobody adds a header."""

    def challenged(self, request: Request) -> Reply:
        return Reply(200, super().challenged(request).body, "")


def test_an_answer_without_a_content_type_is_described_as_that() -> None:
    """It does not have a type named "none"."""
    came = failed(results_of(SaysNothingOfItsContent(), ["challenge-content-type"]))
    assert str(came["challenge-content-type"]).endswith("; it has no Content-Type")


class AlwaysFine(Receiver):
    """The receiver of somebody in a hurry."""

    def reply_to(self, request: Request) -> Reply:
        reply = super().reply_to(request)
        reply.status, reply.body = 200, b"OK"
        return reply


def test_a_receiver_that_answers_200_to_everything_does_not_pass() -> None:
    """Neither the challenge nor a must of any other group can be passed by a constant answer."""
    results = results_of(
        AlwaysFine(), ["transport", "challenge", "authentication", "payload"], observes=False
    )
    assert {"challenge-echo", "authentication-missing", "payload-malformed"} <= set(failed(results))


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("case_id", "outcome", "advice"),
    [
        ("transport-accepted", 401, "give okhook the receiver's secret"),
        ("transport-accepted", 404, "check the path of the URL"),
        ("challenge-echo", 405, "let your app accept GET and POST at this URL"),
        ("transport-accepted", 500, "answer each delivery with 204"),
        ("challenge-echo", 201, "answer a GET with 200 and"),
        ("delivery-batch-20", TimedOut(URL, "no answer"), "store or queue the events, answer"),
        ("delivery-batch-20", 500, "go through data.events"),
    ],
    ids=repr,
)
async def test_the_advice_follows_the_answer(
    case_id: str, outcome: int | HttpError, advice: str
) -> None:
    """A wrong path, a missing secret and a late answer have a remedy of their own."""

    class Answering:
        async def send(self, *_: object, **__: object) -> Answer:
            if isinstance(outcome, HttpError):
                raise outcome
            return Answer(outcome, (), b"", 0.1)

    target = Target(URL, client=Answering())
    results = [each async for each in CheckRun(selected([case_id]), target).results()]
    assert (results[0].fix or "").startswith(advice)


@pytest.mark.anyio
async def test_a_secret_that_is_refused_may_be_compared_wrongly() -> None:
    """Apps expect Bearer, which Okta does not send."""

    class Refusing:
        async def send(self, *_: object, **__: object) -> Answer:
            return Answer(401, (), b"", 0.1)

    traffic = Traffic(HookAuth("Authorization", Secret(SECRET)))
    target = Target(URL, traffic, client=Refusing())
    (result,) = [
        each async for each in CheckRun(selected(["transport-accepted"]), target).results()
    ]
    assert (result.fix or "").startswith("compare with the whole header: Okta sends the secret as")


def test_what_okta_makes_of_another_2xx_is_not_said() -> None:
    """Its documentation names 200 and 204."""
    call = Call("POST", ())
    said = [what_okta_does(Exchange(call, URL, Answer(n, (), b"", 0.1), None)) for n in (202, 204)]
    assert said == [
        "whether Okta counts a 202 as received is not documented",
        "Okta counts the delivery as received",
    ]


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("error", "advice"),
    [
        (ConnectionFailed(URL, "Connection refused"), "start the app, and check the host"),
        (AnswerLost(URL, "the answer is not HTTP"), "let the app answer each request"),
        (TimedOut(URL, "no answer within 6 s"), "let the app end each answer, and at once"),
    ],
    ids=repr,
)
async def test_a_server_that_does_not_answer_is_not_told_to_start(
    error: HttpError, advice: str
) -> None:
    """Only a refused connection says that nothing runs there."""

    class Broken:
        async def send(self, *_: object, **__: object) -> Answer:
            raise error

    target = Target(URL, client=Broken())
    results = [each async for each in CheckRun(selected(["transport-answers"]), target).results()]
    assert (results[0].fix or "").startswith(advice)


def test_effects_are_not_passed_unseen() -> None:
    """Without --observe a status alone proves nothing about duplicates."""
    results = results_of(Receiver(), ["delivery"], observes=False)
    unseen = [name for name, each in results.items() if each.outcome is Outcome.NOT_OBSERVED]
    assert unseen == [case.id for case in selected(["delivery"]) if Need.OBSERVE in case.needs]


def test_a_proxy_leaves_no_socket() -> None:
    """Through a proxy no connection of our own leads to the receiver."""
    (case,) = selected(["transport-chunked"])
    assert Target(URL, proxied=True).lacks(case) == "needs a socket, and a proxy is in between"
    assert Target(URL).lacks(case) is None


@pytest.mark.anyio
async def test_a_deployed_receiver_needs_https(monkeypatch: pytest.MonkeyPatch) -> None:
    """Okta takes no other URL; on this machine it does not matter."""
    monkeypatch.setattr(okhook.check.target, "is_loopback", lambda _: False)
    with answering_server(lambda _: answer(204)) as server:
        only = selected(["transport-https"])
        (result,) = [each async for each in CheckRun(only, Target(server.url)).results()]
    assert (result.outcome, result.came) == (Outcome.FAILED, f"{server.url} uses http")
    assert urlsplit(server.url).hostname == "127.0.0.1"


TLS = selected(["transport-certificate", "transport-answers", "transport-keep-alive"])


async def outcomes_with(certificate: Path) -> list[str]:
    """Return the outcomes of the cases above, of a server with a certificate."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    with answering_server(lambda _: answer(204), tls=context) as server:
        results = [each async for each in CheckRun(TLS, Target(server.url)).results()]
    return [each.came or each.outcome.value for each in results]


@pytest.mark.anyio
async def test_a_certificate_and_its_chain_have_to_be_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One failure, and everything else is skipped; with a whole chain, sockets work with TLS."""
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
    came, *others = await outcomes_with(self_signed(tmp_path))
    assert came.startswith("self-signed certificate")
    assert others == ["skipped", "skipped"]
    files = chain(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(files.root))
    assert await outcomes_with(files.whole) == ["passed"] * 3
    came, *others = await outcomes_with(files.end_alone)
    assert came.startswith("unable to get local issuer certificate")
    assert others == ["skipped", "skipped"]


@pytest.mark.parametrize("auth", AUTHS.values(), ids=AUTHS)
def test_what_is_shown_has_no_secret_and_none_that_resembles_it(auth: HookAuth) -> None:
    """An app may echo a header: all letters but the last are as good as the secret."""
    value = auth.secret.reveal().removeprefix("Basic ")
    for case in selected(["authentication"]):
        for call in calls_of(case, Traffic(auth)) if can_run(case, auth) else ():
            presented = dict(call.headers).get(call.secret_header or "", "")
            said = Answer(500, (), f"{'x' * 190} {presented} {auth.secret.reveal()}".encode(), 0.1)
            shown = what_came(Exchange(call, URL, said, None, (auth.secret,)))
            assert "x" * 100 in shown
            assert not [at for at in range(len(value) - 5) if value[at : at + 6] in shown], shown
