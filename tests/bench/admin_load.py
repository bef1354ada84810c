"""What the admin port costs: deliveries without it, and with probes and scrapes.

Run by hand: ``.venv/bin/python -m tests.bench.admin_load``. Both take turns, on one store each.
With the port, ``/readyz`` and ``/metrics`` are asked every second: some ten times as often as a
platform does. Target: per second of its processor time, okhook takes at least 0.95 times as many
deliveries as without. That can be measured on a busy machine; deliveries per second cannot.
"""

import statistics
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import psutil

from tests.bench.contestants import okhook, running
from tests.bench.measuring import generator, measure
from tests.bench.receiver_load import DISK
from tests.support.ports import free_port

ROUNDS = 6
SECONDS = 4.0
CONNECTIONS = 32
LEAST_SHARE = 0.95


def main() -> None:
    """Measure and print; exit 1 if the port costs more than it may."""
    print(f"{generator()}, {CONNECTIONS} connections, {ROUNDS} rounds of {SECONDS:g} s")
    shares = []
    with tempfile.TemporaryDirectory(dir=DISK) as directory:
        for number in range(ROUNDS):
            without, seen = (
                _rates(Path(directory) / name, is_seen=name == "seen")
                for name in (("without", "seen"))
            )
            shares.append(seen.per_cpu_s / without.per_cpu_s)
            print(f"{number + 1}: without {without}, with {seen}: {shares[-1]:.3f}")
    share = statistics.median(shares)
    print(f"median {share:.3f}, at least {LEAST_SHARE} is wanted")
    sys.exit(0 if share >= LEAST_SHARE else 1)


@dataclass(frozen=True, slots=True)
class Rates:
    """Deliveries per second, and per second of processor time."""

    per_s: float
    per_cpu_s: float

    def __str__(self) -> str:
        return f"{self.per_s:6,.0f}/s, {self.per_cpu_s:6,.0f} per s of CPU"


def _rates(state: Path, *, is_seen: bool) -> Rates:
    state.mkdir(exist_ok=True)
    contestant, port = okhook(state), free_port()
    if is_seen:
        command = [*contestant.command, "--admin", f"127.0.0.1:{port}"]
        contestant = replace(contestant, command=command)
    with running(contestant) as server, _asking(port) if is_seen else nullcontext():
        measure(server.url, connections=CONNECTIONS, seconds=1.0)
        began_s = _cpu_s(server.process)
        load = measure(server.url, connections=CONNECTIONS, seconds=SECONDS)
        return Rates(load.rate, load.answers / (_cpu_s(server.process) - began_s))


def _cpu_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


@contextmanager
def _asking(port: int) -> Iterator[None]:
    """Ask the admin port every second, for as long as the block lasts."""
    stopped = threading.Event()

    def ask() -> None:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
            while not stopped.wait(1.0):
                for path in ("/readyz", "/metrics"):
                    client.get(path, timeout=10).raise_for_status()

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        yield
    finally:
        stopped.set()
        asking.join()


if __name__ == "__main__":
    main()
