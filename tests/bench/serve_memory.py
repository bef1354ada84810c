"""Whether the memory of ``okhook serve`` stays flat over 200,000 deliveries.

Run by hand: ``.venv/bin/python -m tests.bench.serve_memory``. Target: after the first 5,000
deliveries the resident memory stays within 20 MB of what it was then.
"""

import argparse
import sys
import tempfile
from itertools import islice
from pathlib import Path

import anyio

from tests.bench.contestants import RunningContestant, okhook, running
from tests.bench.receiver_load import DISK
from tests.load.deliveries import fresh_deliveries
from tests.load.generator import post_all
from tests.load.kept import count_kept
from tests.load.outcomes import Outcomes

SETTLED_AFTER = 5_000
WITHIN_MB = 20.0
CONNECTIONS = 32
SAMPLE_EVERY_S = 0.1


def main() -> None:
    """Measure and print; exit 1 where the memory moved too far, or a delivery was not accepted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--deliveries", type=int, default=200_000)
    parser.add_argument("--directory", type=Path, default=DISK, help="where the store is made")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.directory) as state:
        with running(okhook(Path(state))) as server:
            memory, outcomes = anyio.run(_load, server, options.deliveries)
        kept = count_kept(Path(state) / "store.db")
    print(f"{outcomes.summary()}; {kept:,} kept")
    far_mb = max(abs(memory.highest - memory.settled), abs(memory.end - memory.settled)) / 1e6
    print(memory)
    flat = far_mb <= WITHIN_MB
    print(f"at most {far_mb:.1f} MB from there (target: {WITHIN_MB:g}: {'yes' if flat else 'NO'})")
    sys.exit(0 if flat and not outcomes.refused and not outcomes.unknown else 1)


class Memory:
    """The resident memory over a load, in bytes: at the start, once settled, at most, at last."""

    def __init__(self, start: int) -> None:
        self.start = start
        self.settled = start
        self.highest = start
        self.end = start

    def settle(self, now: int) -> None:
        """Note what the process holds once it has all that it needs."""
        self.settled = self.highest = self.end = now

    def sample(self, now: int) -> None:
        """Note what the process holds now."""
        self.highest = max(self.highest, now)
        self.end = now

    def __str__(self) -> str:
        return (
            f"start {self.start / 1e6:.1f} MB, after {SETTLED_AFTER:,} {self.settled / 1e6:.1f} MB,"
            f" at most {self.highest / 1e6:.1f} MB, end {self.end / 1e6:.1f} MB"
        )


async def _load(server: RunningContestant, count: int) -> tuple[Memory, Outcomes]:
    memory = Memory(server.rss_bytes)
    outcomes = Outcomes()
    deliveries = fresh_deliveries()

    async def post(number: int) -> None:
        await post_all(server.url, islice(deliveries, number), outcomes, connections=CONNECTIONS)

    await post(SETTLED_AFTER)
    memory.settle(server.rss_bytes)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(_sample, server, memory)
        await post(count - SETTLED_AFTER)
        tasks.cancel_scope.cancel()
    memory.sample(server.rss_bytes)
    return memory, outcomes


async def _sample(server: RunningContestant, memory: Memory) -> None:
    while True:
        await anyio.sleep(SAMPLE_EVERY_S)
        memory.sample(server.rss_bytes)


if __name__ == "__main__":
    main()
