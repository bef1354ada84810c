"""Measure a server with the best load generator that there is: wrk, else the project's own."""

import time
from collections.abc import Iterator

import anyio

from tests.bench.figures import LoadFigures, percentile
from tests.bench.wrk import measure_with_wrk, wrk
from tests.load.deliveries import FreshDelivery, fresh_deliveries, sample_template
from tests.load.generator import post_all
from tests.load.outcomes import Outcomes


def measure(url: str, *, connections: int, seconds: float) -> LoadFigures:
    """Post deliveries of 2.6 kB to ``url`` for ``seconds``, one after the other on each line."""
    program = wrk()
    if program is None:
        return anyio.run(_measure_ourselves, url, connections, seconds)
    return measure_with_wrk(
        program, url, sample_template(), connections=connections, seconds=seconds
    )


def generator() -> str:
    """Return the name of the load generator that :func:`measure` takes."""
    return "wrk" if wrk() is not None else "the project's own load generator"


async def _measure_ourselves(url: str, connections: int, seconds: float) -> LoadFigures:
    outcomes = Outcomes()
    began = time.perf_counter()
    await post_all(url, _until(began + seconds), outcomes, connections=connections)
    return LoadFigures(
        duration_s=time.perf_counter() - began,
        answers=len(outcomes.durations_s),
        not_2xx=len(outcomes.refused),
        socket_errors=len(outcomes.unknown),
        p50_s=percentile(outcomes.durations_s, 0.5),
        p99_s=percentile(outcomes.durations_s, 0.99),
        worst_s=max(outcomes.durations_s, default=0.0),
    )


def _until(end: float) -> Iterator[FreshDelivery]:
    for delivery in fresh_deliveries():
        if time.perf_counter() >= end:
            return
        yield delivery
