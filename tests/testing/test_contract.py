"""``check_contract``: the cases of ``okhook check`` against an application object or a URL."""

import asyncio
import threading
from collections import Counter

import pytest

from okhook.check.catalogue import CASES
from okhook.testing import (
    ContractResult,
    Receiver,
    check_contract,
    check_contract_async,
    contract_cases,
)
from tests.support.waiting import wait_until
from tests.testing.apps import Seen, asgi_app, good_app, wsgi_app


def named(results: list[ContractResult], outcome: str) -> set[str]:
    return {each.id for each in results if each.outcome == outcome}


def test_a_good_app_fails_nothing() -> None:
    """What it did is observed; only what needs a connection or a process is left out."""
    processed: Counter[str] = Counter()
    results = check_contract(good_app(processed), secret="s3cret", observe=processed.__getitem__)
    assert tuple(each.id for each in results) == contract_cases()
    assert named(results, "failed") == named(results, "not_observed") == set()
    reasons = {each.reason for each in results if each.outcome == "skipped"}
    assert "needs a URL: an application object has no connections" in reasons
    assert "delivery-concurrent" in named(results, "passed")


def test_a_failure_says_what_to_do() -> None:
    """What came, what Okta does then, the fix, the rule, and the end of the app's traceback."""
    (result,) = check_contract(asgi_app(Seen()), only=["payload-malformed"])
    assert (result.outcome, result.level) == ("failed", "must")
    lines = result.message.splitlines()
    assert lines[0] == "payload-malformed: Malformed JSON is refused (must)"
    assert lines[3].startswith("  came: half a delivery: HTTP 500")
    assert "  fix: answer 400 when the body cannot be parsed" in lines
    assert "json.decoder.JSONDecodeError" in lines[-1]
    assert "curl" not in result.message
    assert result.reason.startswith("half a delivery: HTTP 500")


def test_what_was_left_out_says_what_it_needs() -> None:
    """In the words of this function, not of the command."""
    reasons = {
        each.id: each.reason
        for each in check_contract(
            wsgi_app, only=["authentication-missing", "delivery-repeated", "delivery-restart"]
        )
    }
    assert reasons["authentication-missing"].startswith("needs secret=…")
    assert reasons["delivery-repeated"].startswith("needs observe=…")
    assert not any("--observe" in reason or "OKHOOK" in reason for reason in reasons.values())


def test_a_duplicate_that_is_processed_twice_is_seen() -> None:
    """With a way to count."""
    processed: Counter[str] = Counter()
    (result,) = check_contract(
        good_app(processed, remembers=False),
        secret="s3cret",
        only=["delivery-repeated"],
        observe=processed.__getitem__,
    )
    assert result.outcome == "failed"
    assert "processed more than once" in result.reason


def test_a_url_is_checked_on_its_socket() -> None:
    """With the cases about connections, and a command that repeats the call."""
    with Receiver() as receiver:
        results = check_contract(receiver.url, only=["transport"])
        assert "transport-keep-alive" in named(results, "passed")
        (result,) = check_contract(receiver.url.replace("/hook", "/no"), only=["challenge-echo"])
    assert "  repeat: curl" in result.message


@pytest.mark.anyio
async def test_the_async_twin_shares_the_loop_of_the_test() -> None:
    """And the observer may be async."""
    seen = Seen()

    async def observe(_: str) -> int:
        await asyncio.sleep(0)
        return 1

    (result,) = await check_contract_async(
        asgi_app(seen), only=["delivery-processed"], observe=observe
    )
    assert result.outcome == "passed"
    assert seen.loops == {asyncio.get_running_loop()}
    assert [seen.happened[0], seen.happened[-1]] == ["start", "stop"]


def test_the_observer_is_called_in_the_thread_of_the_test() -> None:
    """Where no event loop runs, and Django's database can be asked. What it raises is raised."""
    threads = set()

    def observe(_: str) -> int:
        threads.add(threading.current_thread())
        with pytest.raises(RuntimeError):
            asyncio.get_running_loop()
        return 1

    (result,) = check_contract(wsgi_app, only=["delivery-processed"], observe=observe)
    assert result.outcome == "passed"
    assert threads == {threading.current_thread()}
    with pytest.raises(ZeroDivisionError):
        check_contract(wsgi_app, only=["delivery-processed"], observe=lambda _: 1 // 0)


def test_mistakes_are_named() -> None:
    """With the nearest name; another machine has to be meant."""
    with pytest.raises(ValueError, match=r"only value 'challange-echo': did you mean challenge-ec"):
        check_contract(wsgi_app, only=["challange-echo"])
    with pytest.raises(ValueError, match=r"app.example.com is another machine.*remote=True"):
        check_contract("https://app.example.com/hook")
    with pytest.raises(ValueError, match=r"did you mean user.lifecycle.create"):
        check_contract(wsgi_app, event_types=["user.lifecycle.creat"])
    (result,) = check_contract(wsgi_app, only=["delivery-repeated"], observe=lambda _: "1")  # type: ignore[arg-type,return-value]
    assert result.reason == "observe returned '1': expected a number"


def test_the_ids_are_those_of_the_command() -> None:
    """So that `okhook check --explain` explains them."""
    assert contract_cases() == tuple(case.id for case in CASES)


def test_nothing_is_left_behind() -> None:
    """The threads of a WSGI app end with the check."""
    threads = set(threading.enumerate())
    check_contract(wsgi_app, only=["delivery"])
    wait_until(lambda: set(threading.enumerate()) <= threads)
