"""The admin port on a socket, as a probe, Prometheus and a stranger see it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import anyio
import httpx
import pytest
from prometheus_client import REGISTRY
from prometheus_client.parser import text_string_to_metric_families

from okhook.admin import app as room
from okhook.admin.health import Health, Work
from okhook.admin.running import administered
from okhook.admin.stats import PathSeen
from okhook.errors import StoreFailed
from okhook.records.attempt import Attempt, Forward, ForwardState, Outcome, Purpose
from okhook.runtime.counters import LeaseSeen, ServiceCounters
from okhook.runtime.hub import ActivityHub
from okhook.runtime.sockets import listen, port_of, url_of
from okhook.store.contract import Store
from okhook.store.open import open_store
from okhook.tunnel.activities import TunnelRestarting
from okhook.up.activities import PathProved, StepChanged
from tests.support.metrics import samples_of
from tests.support.okhook_process import PATIENCE_S
from tests.support.records import NOON, stored

pytestmark = pytest.mark.anyio

APP, OTHER = "http://localhost:3000/jane@example.com?token=s3cret", "http://localhost:4000/"


@dataclass
class Rig:
    """An admin port, and what it looks at."""

    health: Health
    hub: ActivityHub
    client: httpx.AsyncClient
    port: int

    async def samples(self) -> dict[str, float]:
        """Return the metrics of okhook: ``name{label=value,…}`` and the value."""
        answer = await self.client.get("/metrics")
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
        return samples_of(answer.text)


@asynccontextmanager
async def rig() -> AsyncIterator[Rig]:
    health, hub = Health(ServiceCounters()), ActivityHub()
    listener = listen("127.0.0.1", 0)
    base, port = url_of(listener), port_of(listener)
    async with (
        administered(health, listener, hub),
        httpx.AsyncClient(base_url=base, trust_env=False) as client,
    ):
        yield Rig(health, hub, client, port)


@pytest.fixture(autouse=True)
def nothing_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look at each request, so that no test waits a second."""
    monkeypatch.setattr(room, "_KEPT_S", -1.0)


async def two_deliveries(store: Store) -> None:
    """Keep a delivery, its duplicate, and a first attempt that failed."""
    for url in (APP, OTHER):
        await store.open_target(url)
    for _ in range(2):
        await store.append(stored("a", "uuid-a"))
    await store.settled()
    attempt = Attempt(1, APP, Purpose.FORWARD, 1, NOON, 0.1, 500)
    waiting = Forward(1, APP, ForwardState.WAITING, 1, NOON)
    await store.settle(attempt, waiting, cursor=1)


async def test_a_probe_gets_the_state_of_the_process_and_of_its_store(tmp_path: Path) -> None:
    """The process lives before it is ready; while it is not, the answer says why."""
    async with rig() as it, open_store(tmp_path / "store.db") as store:
        answer = await it.client.get("/healthz")
        assert (answer.status_code, answer.text) == (200, "ok\n")
        answer = await it.client.get("/readyz")
        assert (answer.status_code, answer.text) == (503, "not ready\nstore: okhook is starting\n")
        with it.health.working(Work(store)):
            answer = await it.client.get("/readyz")
        assert (answer.status_code, answer.text) == (200, "ready\nstore: records can be stored\n")
        assert answer.headers["cache-control"] == "no-store"


async def test_the_metrics_say_what_operators_need(tmp_path: Path) -> None:
    """Requests by answer and their time, commits, backlogs, attempts, the tunnel, the lease."""
    async with rig() as it, open_store(tmp_path / "store.db") as store:
        since = await store.last_seq()
        await two_deliveries(store)
        counters = it.health.counters
        for status, took_s in ((204, 0.004), (204, 2.5), (401, 0.001), (503, 4.0)):
            counters.answered(status, took_s)
        counters.attempted(APP, Outcome.NOT_ACCEPTED)
        sure = [True]
        counters.leases[APP] = LeaseSeen(held=True, is_sure=lambda: sure[-1])
        counters.leases[OTHER] = LeaseSeen(held=False)
        for activity in (
            StepChanged("path", "done", "", 0.1),
            TunnelRestarting(1.0, "it died", -9),
        ):
            it.hub.publish(activity)
        with it.health.working(Work(store, since, (APP, OTHER))):
            found = await it.samples()
            sure.append(False)
            cut_off = await it.samples()
        assert cut_off["okhook_target_lease_held target=1"] == 0
        assert found["okhook_requests_total answer=204"] == 2
        assert found["okhook_requests_total answer=401"] == 1
        assert found["okhook_answer_seconds_bucket le=0.005"] == 2
        assert found["okhook_answer_seconds_bucket le=3.0"] == 3
        assert found["okhook_answer_seconds_count"] == 4
        assert found["okhook_answer_seconds_sum"] == pytest.approx(6.505)
        assert found["okhook_duplicates_total"] == 1
        assert found["okhook_store_commit_seconds_count"] == 5
        assert found["okhook_store_failed_commits_total"] == 0
        assert found["okhook_target_backlog state=pending target=1"] == 1
        assert found["okhook_target_backlog state=waiting target=1"] == 1
        assert found["okhook_target_backlog state=pending target=2"] == 2
        assert found["okhook_target_oldest_seconds target=1"] > 60
        assert found["okhook_target_attempts_total outcome=not_accepted target=1"] == 1
        assert found["okhook_target_attempts_total outcome=accepted target=1"] == 0
        assert found["okhook_target_lease_held target=1"] == 1
        assert found["okhook_target_lease_held target=2"] == 0
        assert found["okhook_tunnel_restarts_total"] == 1
        assert found["okhook_path_proved_timestamp_seconds"] > 1.7e9
        assert found["process_resident_memory_bytes"] > 0


async def test_no_metric_names_a_url_a_person_or_an_id(tmp_path: Path) -> None:
    """Labels are statuses, outcomes, states and the numbers of targets, whatever they are."""
    async with rig() as it, open_store(tmp_path / "store.db") as store:
        await two_deliveries(store)
        it.health.counters.attempted(APP, Outcome.NO_ANSWER)
        with it.health.working(Work(store, 0, (APP,))):
            text = (await it.client.get("/metrics")).text
            ready = (await it.client.get("/readyz")).text
        labels = {
            name
            for family in text_string_to_metric_families(text)
            for sample in family.samples
            for name in sample.labels
        }
        assert labels == {"version", "le", "target", "state", "outcome"}
        for private in ("localhost", "jane", "s3cret", "uuid-a"):
            assert private not in text
        for private in ("jane", "s3cret", "uuid-a", str(tmp_path)):
            assert private not in ready


async def test_duplicates_are_counted_once_however_often_they_are_asked_for(tmp_path: Path) -> None:
    """From the start of the receiver on: what was there before does not count."""
    async with rig() as it, open_store(tmp_path / "store.db") as store:
        await two_deliveries(store)
        with it.health.working(Work(store, since_seq=await store.last_seq())):
            assert (await it.samples())["okhook_duplicates_total"] == 0
            await store.append(stored("a", "uuid-a"))
            await store.settled()
            for _ in range(2):
                assert (await it.samples())["okhook_duplicates_total"] == 1


async def test_metrics_need_no_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When it is away, what the process itself counted is still there."""

    async def fails(*_: object) -> None:
        raise StoreFailed("the store is away")

    async with rig() as it, open_store(tmp_path / "store.db") as store:
        it.health.counters.answered(503, 0.1)
        assert (await it.samples())["okhook_requests_total answer=503"] == 1
        monkeypatch.setattr(store, "duplicates_after", fails)
        with it.health.working(Work(store)):
            found = await it.samples()
        assert found["okhook_requests_total answer=503"] == 1
        assert "okhook_duplicates_total" not in found


async def test_without_the_extra_the_answer_names_the_line_that_installs_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Probes go on: an operator may want only those."""
    monkeypatch.setattr(room, "has_metrics", lambda: False)
    async with rig() as it:
        answer = await it.client.get("/metrics")
        assert answer.status_code == 501
        assert "pip install 'okhook[metrics]'" in answer.text
        assert (await it.client.get("/healthz")).status_code == 200


def test_the_metrics_are_in_no_registry_of_the_process() -> None:
    """Whoever imports okhook in a program of their own gets no metric that they did not ask for."""
    assert find_spec("prometheus_client")
    assert not any(name.startswith("okhook") for name in REGISTRY._names_to_collectors)


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}", 405),
        (b"DELETE /metrics HTTP/1.1\r\nHost: x\r\n\r\n", 405),
        (b"HEAD /readyz HTTP/1.1\r\nHost: x\r\n\r\n", 503),
        (b"GET /healthz HTTP/1.1\r\nHost: evil.example\r\n\r\n", 200),
        (b"GET /healthz HTTP/1.0\r\n\r\n", 200),
        (b"GET /healthz/ HTTP/1.1\r\nHost: x\r\n\r\n", 307),
        (b"GET /%2e%2e/etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n", 404),
        (b"GET /i-1338/api/records HTTP/1.1\r\nHost: x\r\n\r\n", 404),
        (b"GET /okta-webhooks-endpoint HTTP/1.1\r\nHost: x\r\n\r\n", 404),
        (b"GET /" + b"a" * 60_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 404),
        (b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 431),
        (b"\x16\x03\x01 not http\r\n\r\n", 400),
    ],
    ids=lambda value: None if isinstance(value, int) else repr(value[:40]),
)
async def test_strange_requests_get_a_plain_answer(request_: bytes, status: int) -> None:
    """The answer repeats nothing of the request, and the port goes on."""
    async with rig() as it:
        async with await anyio.connect_tcp("127.0.0.1", it.port) as stream:
            await stream.send(request_)
            with anyio.fail_after(PATIENCE_S):
                answer = await stream.receive()
        assert answer.startswith(f"HTTP/1.1 {status} ".encode())
        assert b"evil" not in answer
        assert b"aaaa" not in answer
        assert (await it.client.get("/healthz")).status_code == 200


async def test_many_probes_cost_the_store_one_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A look is a commit: whoever reaches the port must not be able to cause many of them."""
    monkeypatch.setattr(room, "_KEPT_S", 60.0)
    async with rig() as it, open_store(tmp_path / "store.db") as store:
        with it.health.working(Work(store)):
            async with anyio.create_task_group() as tasks:
                for path in ("/readyz", "/metrics") * 10:
                    tasks.start_soon(it.client.get, path)
        assert sum(store.commits.duration_s.counts) == 1


def test_the_path_is_proved_at_the_start_and_again() -> None:
    """Both ways in which ``okhook up`` says it count; other steps do not."""
    path = PathSeen()
    path.notice(StepChanged("path", "waiting"))
    path.notice(StepChanged("hook", "done"))
    assert path.proved_at_s is None
    for proof in (StepChanged("path", "done"), PathProved(0.1)):
        path = PathSeen()
        path.notice(proof)
        assert path.proved_at_s is not None
        assert path.restarts == 0
