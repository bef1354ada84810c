"""How fast okhook sends, beside plain httpx: samples, and deliveries that are forwarded.

Run it as ``python -m tests.bench.sending_time [--count N] [--rounds N]``. In one run, all send the
same bodies to the same trivial app, each from a process of its own, and take turns. Plain httpx
has one client for each worker. The targets are ratios: samples at least 0.8 of plain httpx with 1,
8 and 32 workers, forwarding at least 0.65 with each attempt noted durably.
"""

import argparse
import asyncio
import json
import multiprocessing
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import AsyncExitStack, contextmanager
from itertools import islice
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median

import anyio
import httpx

from okhook.activity import Activity
from okhook.forward.forwarder import ForwardConfig
from okhook.forward.running import forwarding
from okhook.records.activities import Forwarded
from okhook.records.record import AuthOutcome, NewRecord, RecordKind
from okhook.runtime.ids import utc_now
from okhook.runtime.shutdown import Shutdown, run_fast
from okhook.store.open import open_store
from okhook.wire.delivery import InboundRequest
from okhook.wire.hook_call import delivery_headers
from tests.load.deliveries import fresh_deliveries
from tests.support.okhook_process import environment

DISK = Path.home() / ".cache"
"""Where the store is made: on a disk, where ``/tmp`` may be memory."""

_ANSWER = b"HTTP/1.1 204 No Content\r\n\r\n"


class _App(asyncio.Protocol):
    """Answers each request 204, as soon as its body is there, and does nothing else."""

    def __init__(self) -> None:
        self._received = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, found, body = self._received.partition(b"\r\n\r\n")
        if not found:
            return
        _, _, rest = head.lower().partition(b"content-length:")
        if len(body) >= int(rest.partition(b"\r\n")[0]):
            self._received.clear()
            self._transport.write(_ANSWER)  # type: ignore[attr-defined]


def serve_app(port: Connection) -> None:
    """Serve the app until the process is ended; send its port."""

    async def serve() -> None:
        server = await asyncio.get_running_loop().create_server(_App, "127.0.0.1", 0)
        port.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(serve())


@contextmanager
def app() -> Iterator[str]:
    """Run the app in a process of its own; the block gets its URL."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.Process(target=serve_app, args=(theirs,), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{ours.recv()}/hook"
    finally:
        process.terminate()
        process.join()


def plain_httpx(url: str, count: int, workers: int) -> float:
    """Return how many deliveries a second plain httpx sends, with one client for each worker."""
    bodies = [delivery.body for delivery in islice(fresh_deliveries(), count)]
    waiting = iter(bodies)

    async def work(client: httpx.AsyncClient) -> None:
        for body in waiting:
            answer = await client.post(url, content=body, headers=delivery_headers("id"))
            assert answer.status_code == 204

    async def work_all() -> float:
        async with AsyncExitStack() as opened:
            clients = [
                await opened.enter_async_context(httpx.AsyncClient(trust_env=False))
                for _ in range(workers)
            ]
            began = time.perf_counter()
            await asyncio.gather(*map(work, clients))
            return count / (time.perf_counter() - began)

    return asyncio.run(work_all())


def samples(url: str, count: int, workers: int) -> float:
    """Return how many samples a second ``okhook send-sample`` sends, as it says itself."""
    arguments = ("--to", url, "--count", str(count), "--concurrency", str(workers))
    with tempfile.TemporaryDirectory() as home:
        done = subprocess.run(
            [sys.executable, "-m", "okhook", "send-sample", *arguments, "--output", "json"],
            env=environment(Path(home)),
            check=True,
            capture_output=True,
        )
    summary = json.loads(done.stdout.splitlines()[-1])
    assert summary["ok"] == count, summary
    return float(summary["rate"])


def forwarded(url: str, count: int, workers: int) -> float:
    """Return how many stored deliveries a second are forwarded, in the event loop of ``serve``."""
    rates: list[float] = []
    config = ForwardConfig((url,), concurrency=workers)
    left, done = count, anyio.Event()

    def publish(activity: Activity) -> None:
        nonlocal left
        left -= isinstance(activity, Forwarded)
        if left == 0:
            done.set()

    async def work(_: Shutdown) -> None:
        with tempfile.TemporaryDirectory(dir=DISK) as state:
            async with open_store(Path(state) / "store.db") as store:
                await store.open_target(url)
                bodies = (delivery.body for delivery in islice(fresh_deliveries(), count))
                await asyncio.gather(*(store.append(_record(body)) for body in bodies))
                await store.settled()
                began = time.perf_counter()
                async with forwarding(config, store=store, auth=None, publish=publish, now=utc_now):
                    await done.wait()
                    rates.append(count / (time.perf_counter() - began))

    run_fast(work)
    return rates[0]


def _record(body: bytes) -> NewRecord:
    headers = tuple((name.encode(), value.encode()) for name, value in delivery_headers("id"))
    request = InboundRequest("POST", "/hook", headers, body, utc_now())
    return NewRecord(RecordKind.DELIVERY, request, 204, None, AuthOutcome.NOT_ASKED)


Sender = Callable[[str, int, int], float]


def in_a_process(sender: Sender, url: str, count: int, workers: int) -> float:
    """Run a sender in a fresh process, and return its rate."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(sender, url, count, workers).result()


def main() -> None:
    """Measure and print the rates and ratios; exit 1 where a target was missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=3000, help="deliveries of each measurement")
    parser.add_argument("--rounds", type=int, default=3, help="how often all take their turn")
    options = parser.parse_args()
    DISK.mkdir(exist_ok=True)
    missed = False
    with app() as url:
        for workers in WORKERS:
            rates: dict[str, list[float]] = {name: [] for name in SENDERS}
            for _ in range(options.rounds):
                for name, sender in SENDERS.items():
                    rates[name].append(in_a_process(sender, url, options.count, workers))
            plain = rates.pop("plain httpx")
            print(f"{workers} workers: plain httpx {median(plain):,.0f}/s")
            for name, found in rates.items():
                ratio = median(rate / base for rate, base in zip(found, plain, strict=True))
                missed |= ratio < TARGETS[name]
                shown = f"{median(found):,.0f}/s, {ratio:.2f} of it (at least {TARGETS[name]})"
                print(f"  {name}: {shown}")
    sys.exit(missed)


SENDERS: dict[str, Sender] = {
    "plain httpx": plain_httpx,
    "samples": samples,
    "forwarding": forwarded,
}
TARGETS = {"samples": 0.8, "forwarding": 0.65}
WORKERS = (1, 8, 32)

if __name__ == "__main__":
    main()
