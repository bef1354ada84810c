"""Running cases: results in order, what is skipped, and what a failure says."""

import itertools
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

import anyio
import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import okhook.check.observing
from okhook.check.case import Case
from okhook.check.catalogue import CASES, case_named, selected
from okhook.check.results import CaseResult, Outcome
from okhook.check.running import CheckRun
from okhook.check.target import Target
from okhook.check.traffic import Traffic
from okhook.http.client import Answer, Headers, HttpClient
from okhook.secret import HookAuth, Secret
from okhook.text import plain
from tests.check.receivers import SECRET

URL = "http://receiver.test/hook"


async def results_of(
    answer: httpx.MockTransport, cases: Iterable[Case] = CASES
) -> dict[str, CaseResult]:
    async with HttpClient(transport=answer) as client:
        target = Target(URL, client=client)
        return {result.case.id: result async for result in CheckRun(list(cases), target).results()}


def good(request: httpx.Request) -> httpx.Response:
    """Answer as Okta asks for, and store nothing."""
    if request.method == "POST":
        return httpx.Response(204)
    challenge = request.headers.get("x-okta-verification-challenge")
    if challenge is None:
        return httpx.Response(400)
    return httpx.Response(200, json={"verification": challenge})


@pytest.mark.anyio
async def test_a_case_that_needs_a_socket_is_skipped_without_one() -> None:
    """An application object has no connections to use again."""
    results = await results_of(httpx.MockTransport(good))
    assert results["transport-keep-alive"].outcome is Outcome.SKIPPED
    assert results["transport-keep-alive"].reason == "needs a socket"
    assert results["challenge-echo"].outcome is Outcome.PASSED


@pytest.mark.anyio
async def test_what_follows_from_a_failure_is_skipped_and_names_it() -> None:
    """One fault is one failure: cases that say nothing then are not run."""
    results = await results_of(httpx.MockTransport(lambda _: httpx.Response(308)))
    failed = [case_id for case_id, each in results.items() if each.outcome is Outcome.FAILED]
    assert failed == ["transport-redirect"]
    assert results["challenge-time"].reason == "transport-redirect failed"
    assert list(results) == [case.id for case in CASES]


@pytest.mark.anyio
async def test_a_wrong_path_is_one_failure_also_when_the_first_cases_are_left_out() -> None:
    """--only may leave out the case that shows it, and each case would fail and blame the app."""
    cases = selected(["payload"])
    results = await results_of(httpx.MockTransport(lambda _: httpx.Response(404)), cases)
    first, *others = results.values()
    assert (first.case.id, first.outcome) == ("payload-unknown-type", Outcome.FAILED)
    assert first.fix == "check the path of the URL: your app has to accept GET and POST there"
    assert {each.outcome for each in others} == {Outcome.SKIPPED}
    assert {each.reason for each in others} == {"payload-unknown-type failed"}


@pytest.mark.anyio
async def test_an_app_that_refuses_one_delivery_is_let_in() -> None:
    """It answers 404 for a person whom it does not know: that is about this delivery."""

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(404 if b'"target":null' in request.content else 204)

    chosen = selected(["payload-unknown-type", "payload-target-null", "payload-emoji"])
    results = await results_of(httpx.MockTransport(answer), chosen)
    assert results["payload-target-null"].fix == case_named("payload-target-null", "").fix
    assert results["payload-emoji"].outcome is Outcome.PASSED


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("case_id", "times"),
    [
        ("delivery-processed", 1),
        ("delivery-batch-2", 1),
        ("payload-emoji", 1),
        ("delivery-repeated", 2),
        ("delivery-concurrent", 2),
        ("delivery-partly-known", 2),
    ],
)
async def test_only_duplicates_are_waited_for(
    case_id: str, times: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before pytest 9 each case is a run of its own: a wait in each makes a suite slow."""
    monkeypatch.setattr(okhook.check.observing, "SETTLE_S", 0.001)
    asked: Counter[str] = Counter()

    async def observe(uuid: str) -> int:
        asked[uuid] += 1
        return 1

    async with HttpClient(transport=httpx.MockTransport(good)) as client:
        target = Target(URL, client=client, observe=observe)
        (result,) = [each async for each in CheckRun([case_named(case_id, "")], target).results()]
    assert result.outcome is Outcome.PASSED
    assert set(asked.values()) == {times}


BODIES = [
    b"",
    b"\xff\x00\x1b[2J\r\n::error::",
    b"[" * 100_000,
    b'{"verification": ["x"], "count": 1e999}',
    b'{"verification": "' + SECRET.encode() + b'"}',
]


@settings(max_examples=10, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 999), st.sampled_from(BODIES)), min_size=1, max_size=5),
    st.sampled_from([(), (("Content-Type", "\x85text/\udc80"), ("Location", "\r\nX: y"))]),
)
def test_no_answer_breaks_a_run(
    answers: list[tuple[int, bytes]], said: tuple[tuple[str, str], ...]
) -> None:
    """Each case ends, whatever comes, and its texts are fit to be shown."""
    turn = itertools.cycle(answers)

    class Client:
        async def send(
            self, method: str, url: str, *, headers: Headers, body: bytes | None, timeout_s: float
        ) -> Answer:
            del method, url, headers, body, timeout_s
            status, content = next(turn)
            return Answer(status, said, content, 0.001, URL)

    async def results() -> list[CaseResult]:
        auth = HookAuth("Authorization", Secret(SECRET))
        target = Target(URL, Traffic(auth), client=Client())
        cases = [replace(case, after=()) for case in CASES]
        return [result async for result in CheckRun(cases, target).results()]

    for result in anyio.run(results):
        shown = " ".join(filter(None, (result.came, result.reason)))
        assert plain(shown) == shown
        assert SECRET not in shown
