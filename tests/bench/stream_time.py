"""How many stored deliveries a second okhook forwards: to an app, as CloudEvents, to a stream.

Run it as ``python -m tests.bench.stream_time [--count N] [--rounds N]``. Each delivery has one
event. All get the same deliveries, each from a process of its own, and take turns; the app and the
``nats-server`` run on this machine.
"""

import argparse
import asyncio
import tempfile
from pathlib import Path
from statistics import median

import nats

from tests.bench.sending_time import DISK, app, forwarded, in_a_process
from tests.support.nats_server import nats_server
from tests.support.okhook_process import PATIENCE_S

WORKERS = (1, 8)


async def _create_stream(url: str) -> None:
    client = await nats.connect(url)
    await client.jetstream().add_stream(name="OKTA", subjects=["okta.>"])
    await client.close()


def main() -> None:
    """Measure and print the rates."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=2000, help="deliveries of each measurement")
    parser.add_argument("--rounds", type=int, default=3, help="how often all take their turn")
    options = parser.parse_args()
    DISK.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=DISK) as state, nats_server(Path(state)) as server:
        asyncio.run(asyncio.wait_for(_create_stream(server.url), PATIENCE_S))
        with app() as url:
            targets = {
                "app": url,
                "app that gets CloudEvents": f"{url}#cloudevents",
                "stream": f"{server.url}/okta.events",
            }
            for workers in WORKERS:
                print(f"--concurrency {workers}")
                rates: dict[str, list[float]] = {name: [] for name in targets}
                for _ in range(options.rounds):
                    for name, target in targets.items():
                        rate = in_a_process(forwarded, target, options.count, workers)
                        rates[name].append(rate)
                for name, found in rates.items():
                    print(f"  {name}: {median(found):,.0f}/s")


if __name__ == "__main__":
    main()
