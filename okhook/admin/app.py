"""The admin port's web app: what a probe, a load balancer and Prometheus ask. It changes nothing.

It has no access control, and needs none: it shows no URL of an app in full, no name, no event.
"""

import math
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Generic, TypeVar

import anyio
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from okhook.admin.health import Health
from okhook.admin.metrics import INSTALL, Seen, exposition, has_metrics
from okhook.admin.stats import PathSeen, StoreStats, StoreStatsCollector
from okhook.errors import StoreFailed
from okhook.runtime.ids import utc_now

_KEPT_S = 1.0
"""How long a look at the store is kept, so that many requests cost it no more than a few."""

_METRICS_WITHIN_S = 2.0
"""How long a scrape waits for the store. Prometheus waits 10 s by default."""

_HEADERS = {"cache-control": "no-store", "x-content-type-options": "nosniff"}

T = TypeVar("T")


class Kept(Generic[T]):
    """The last result of ``look``: one call at a time, and at most one a second."""

    def __init__(self, look: Callable[[], Awaitable[T]]) -> None:
        self._look = look
        self._alone = anyio.Lock()
        self._results: list[T] = []
        self._looked_at = -math.inf

    async def get(self) -> T:
        """Return the last result, or look again."""
        async with self._alone:
            if not self._results or time.monotonic() - self._looked_at > _KEPT_S:
                self._results = [await self._look()]
                self._looked_at = time.monotonic()
            return self._results[0]


def admin_app(health: Health, path: PathSeen) -> ASGIApp:
    """Return the ASGI app: it answers from ``health``, and from what ``path`` saw."""
    stats = StoreStatsCollector()

    async def store_stats() -> StoreStats | None:
        if health.work is not None:
            with suppress(StoreFailed), anyio.move_on_after(_METRICS_WITHIN_S):
                return await stats.collect(health.work)
        return None

    readiness, seen = Kept(health.readiness), Kept(store_stats)

    async def readyz(_: Request) -> Response:
        found = await readiness.get()
        head = "ready" if found.ready else "not ready"
        return _text("\n".join((head, *found.lines)), 200 if found.ready else 503)

    async def metrics(_: Request) -> Response:
        if not has_metrics():
            return _text(f"metrics need prometheus-client: {INSTALL}", 501)
        targets = () if health.work is None else health.work.targets
        all_of_it = Seen(health.counters, path, targets, await seen.get(), utc_now())
        content, content_type = exposition(all_of_it)
        return Response(content, headers={"content-type": content_type, **_HEADERS})

    return Starlette(
        routes=[
            Route("/healthz", _healthz, methods=["GET"]),
            Route("/readyz", readyz, methods=["GET"]),
            Route("/metrics", metrics, methods=["GET"]),
        ]
    )


async def _healthz(_: Request) -> Response:
    return _text("ok", 200)


def _text(text: str, status: int) -> Response:
    return PlainTextResponse(f"{text}\n", status, headers=_HEADERS)
