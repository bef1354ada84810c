"""Running cases: results in order, what is skipped, and what a failure says."""

from collections.abc import Iterable

import httpx
import pytest

from okhook.check.case import Case
from okhook.check.catalogue import CASES
from okhook.check.results import CaseResult, Outcome
from okhook.check.running import run_cases
from okhook.check.target import Target
from okhook.http.client import HttpClient

URL = "http://receiver.test/hook"


async def results_of(
    answer: httpx.MockTransport, cases: Iterable[Case] = CASES
) -> dict[str, CaseResult]:
    async with HttpClient(transport=answer) as client:
        target = Target(URL, client=client)
        return {result.case.id: result async for result in run_cases(list(cases), target)}


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
