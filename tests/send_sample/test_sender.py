"""Samples sent over real sockets, counted and measured."""

import itertools
import math
import tracemalloc
from collections.abc import Callable, Iterable, Iterator
from threading import Barrier

import pytest
from hypothesis import given
from hypothesis import strategies as st

import okhook.wire.hook_call
from okhook.http.client import HttpClient
from okhook.secret import HookAuth, Secret
from okhook.send_sample.sender import (
    ANSWER_LIMIT_BYTES,
    Recipient,
    SampleSent,
    SamplesSummed,
    Tally,
    nearest_rank,
    send_samples,
)
from okhook.wire.samples.sample import Sample
from tests.support.answering import SILENCE, answer, answering_server
from tests.support.okhook_process import PATIENCE_S
from tests.support.ports import free_port


def _samples(count: int) -> Iterator[Sample]:
    return (Sample(f"e{n}", f'{{"n":{n}}}'.encode()) for n in range(count))


async def _send(
    url: str,
    samples: Iterable[Sample],
    *,
    copies: int = 1,
    concurrency: int = 1,
    auth: HookAuth | None = None,
) -> tuple[list[SampleSent], SamplesSummed]:
    tally = Tally()
    reported: list[SampleSent] = []
    numbers = itertools.count(1)
    async with HttpClient(user_agent="okhook/test", max_connections=concurrency) as client:
        await send_samples(
            client,
            Recipient(url, auth),
            samples,
            copies=copies,
            concurrency=concurrency,
            tally=tally,
            report=reported.append,
            new_request_id=lambda: f"r{next(numbers)}",
        )
    return reported, tally.summary()


@pytest.mark.anyio
async def test_a_sample_goes_out_as_okta_s_delivery() -> None:
    """Okta's headers, a mark, the secret and the bytes; the answer's status and body come back."""
    auth = HookAuth("Authorization", Secret("s3cret"))
    with answering_server(lambda _: answer(200, b"thanks")) as server:
        (sent,), summary = await _send(server.url, _samples(1), auth=auth)
    (asked,) = server.asked
    assert (asked.method, asked.body) == ("POST", b'{"n":0}')
    assert asked.header("Authorization") == "s3cret"
    assert asked.header("X-Okta-Request-Id") == "r1"
    assert asked.header("X-Okhook-Sample") == "1"
    assert asked.header("User-Agent") == "Okta Hook Service v1.0.0 - okhook"
    assert sent.accepted
    assert sent.duration_s > 0
    assert sent.to_json() == {
        "type": "sent",
        "event_id": "e0",
        "status": 200,
        "duration_ms": round(sent.duration_s * 1000, 2),
        "attempts": 1,
        "duplicate": False,
        "error": None,
        "body": "thanks",
    }
    assert summary.to_json() == {
        "type": "summary",
        "sent": 1,
        "ok": 1,
        "failed": 0,
        "rate": summary.rate and round(summary.rate, 1),
        "p50_ms": round(sent.duration_s * 1000, 2),
        "p99_ms": round(sent.duration_s * 1000, 2),
        "statuses": {"200": 1},
    }


@pytest.mark.anyio
async def test_an_answer_that_repeats_the_secret_is_shown_without_it() -> None:
    """Some apps answer with what they got."""
    auth = HookAuth("Authorization", Secret("s3cret/one"))
    with answering_server(lambda _: answer(400, b"got s3cret%2Fone")) as server:
        (sent,), _ = await _send(server.url, _samples(1), auth=auth)
    assert sent.body == "got [hidden]"


@pytest.mark.anyio
async def test_every_sample_goes_out_once_whatever_the_concurrency() -> None:
    """None is lost and none is sent twice when several are on their way."""
    with answering_server(lambda _: answer(204)) as server:
        reported, summary = await _send(server.url, _samples(60), concurrency=7)
    assert sorted(asked.body for asked in server.asked) == sorted(s.body for s in _samples(60))
    assert len({asked.header("X-Okta-Request-Id") for asked in server.asked}) == 60
    assert (len(reported), summary.sent, summary.accepted, summary.failed) == (60, 60, 60, 0)
    assert summary.statuses == {"204": 60}
    assert server.peak <= 7


@pytest.mark.anyio
async def test_concurrency_is_reached() -> None:
    """Four deliveries that wait for each other all succeed with a concurrency of four."""
    barrier = Barrier(4, timeout=PATIENCE_S)

    def wait_for_the_others(_: object) -> bytes:
        barrier.wait()
        return answer(204)

    with answering_server(wait_for_the_others) as server:
        _, summary = await _send(server.url, _samples(8), concurrency=4)
    assert summary.accepted == 8


@pytest.mark.anyio
async def test_a_duplicate_is_the_same_delivery_again() -> None:
    """The same bytes, the second after the first was answered, and marked as the duplicate."""
    with answering_server(lambda _: answer(204)) as server:
        reported, summary = await _send(server.url, _samples(2), copies=2)
    bodies = [asked.body for asked in server.asked]
    assert bodies == [b'{"n":0}', b'{"n":0}', b'{"n":1}', b'{"n":1}']
    assert [(sent.event_id, sent.duplicate) for sent in reported] == [
        ("e0", False),
        ("e0", True),
        ("e1", False),
        ("e1", True),
    ]
    assert summary.sent == 4


@pytest.mark.anyio
async def test_statuses_and_attempts_are_counted() -> None:
    """A 5xx had two attempts, a 4xx one; only 2xx is accepted."""
    by_body = {b'{"n":0}': 204, b'{"n":1}': 503, b'{"n":2}': 404, b'{"n":3}': 302}
    with answering_server(lambda asked: answer(by_body[asked.body])) as server:
        reported, summary = await _send(server.url, _samples(4))
    assert [(sent.status, sent.attempts) for sent in reported] == [
        (204, 1),
        (503, 2),
        (404, 1),
        (302, 1),
    ]
    assert len(server.asked) == 5
    assert summary.statuses == {"204": 1, "302": 1, "404": 1, "503": 1}
    assert (summary.accepted, summary.failed) == (1, 3)


@pytest.mark.anyio
async def test_a_timeout_has_two_attempts(monkeypatch: pytest.MonkeyPatch) -> None:
    """The duration is that of both."""
    monkeypatch.setattr(okhook.wire.hook_call, "TIMEOUT_S", 0.1)
    with answering_server(lambda _: SILENCE) as server:
        (sent,), summary = await _send(server.url, _samples(1))
    assert (sent.status, sent.attempts, sent.outcome) == (None, 2, "timeout")
    assert sent.reason == "no answer within 0.1 s"
    assert sent.duration_s >= 0.2
    assert summary.statuses == {"timeout": 1}


@pytest.mark.anyio
async def test_no_connection_ends_the_run() -> None:
    """If the first delivery gets no connection, the rest is skipped."""
    taken = 0

    def counted() -> Iterator[Sample]:
        nonlocal taken
        for sample in _samples(1_000_000):
            taken += 1
            yield sample

    url = f"http://127.0.0.1:{free_port()}/hook"
    (sent,), summary = await _send(url, counted(), copies=2)
    assert (sent.outcome, sent.reason) == ("no connection", "Connection refused")
    assert summary.sent == 1
    assert taken <= 2


@pytest.mark.anyio
async def test_a_later_failure_does_not_end_the_run() -> None:
    """After one answer, faults are counted and the rest is sent."""
    statuses = iter([answer(204), b"", b"", answer(204)])
    with answering_server(lambda _: next(statuses)) as server:
        _, summary = await _send(server.url, _samples(4))
    assert summary.statuses == {"204": 2, "connection lost": 2}


@pytest.mark.anyio
async def test_samples_are_made_as_they_are_needed() -> None:
    """No more of them exist than are on their way."""
    made = answered = 0
    most = 0

    def counted() -> Iterator[Sample]:
        nonlocal made, most
        for sample in _samples(30):
            made += 1
            most = max(most, made - answered)
            yield sample

    def count_answers(_: object) -> bytes:
        nonlocal answered
        answered += 1
        return answer(204)

    with answering_server(count_answers) as server:
        await _send(server.url, counted(), concurrency=3)
    assert made == 30
    assert most <= 3


@pytest.mark.anyio
async def test_only_the_beginning_of_an_answer_is_kept() -> None:
    """An endpoint that answers with megabytes does not fill the memory or the screen."""
    with answering_server(lambda _: answer(200, b"a" * 1_000_000)) as server:
        (sent,), _ = await _send(server.url, _samples(1))
    assert sent.answer == b"a" * ANSWER_LIMIT_BYTES


def _sent(duration_s: float, status: int | None = 204) -> SampleSent:
    return SampleSent("e", status, duration_s, 1, False, None, None, b"")


def _ticking(*moments: float) -> Callable[[], float]:
    ticks = iter(moments)
    return lambda: next(ticks)


def test_the_rate_is_measured_from_the_start() -> None:
    """What came before the first delivery counts for nothing."""
    tally = Tally(_ticking(0.0, 100.0, 102.0))
    tally.start()
    for duration_s in (0.001, 0.002, 0.003, 0.1):
        tally.add(_sent(duration_s))
    summary = tally.summary()
    assert (summary.rate, summary.elapsed_s) == (2.0, 2.0)
    assert (summary.p50_s, summary.p99_s) == (0.002, 0.1)


def test_nothing_sent_has_no_rate_and_no_percentiles() -> None:
    """Not a zero that looks measured."""
    fields = Tally().summary().to_json()
    assert {fields["rate"], fields["p50_ms"], fields["p99_ms"]} == {None}
    assert fields["sent"] == 0


def test_the_tally_stays_small() -> None:
    """A hundred thousand deliveries take under two megabytes: eight bytes each, and growth."""
    tally = Tally()
    tracemalloc.start()
    try:
        for _ in range(100_000):
            tally.add(_sent(0.001))
        held_bytes, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held_bytes < 2_000_000


@given(st.lists(st.floats(0, 100), min_size=1), st.floats(0.01, 1))
def test_a_percentile_is_a_value_that_so_many_do_not_exceed(
    values: list[float], share: float
) -> None:
    """Nearest rank: one of the values, and the smallest with that share at or below it."""
    in_order = sorted(values)
    found = nearest_rank(in_order, share)
    assert found in in_order
    needed = math.ceil(share * len(in_order))
    assert sum(value <= found for value in in_order) >= needed
    assert sum(value < found for value in in_order) < needed
