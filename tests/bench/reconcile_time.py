"""How long a reconciliation of a long System Log takes, and how much memory.

Run it as ``python -m tests.bench.reconcile_time [ENTRIES]``. A sandbox org is given so many entries
of its log (100,000), half of which a store has, and ``okhook reconcile`` is measured as a process
beside one over a tenth of them: time and memory are told as ratios too. The target is under 60
seconds for 100,000, and memory that has a bound: the uuids of the last 100,000 to 200,000 entries
are remembered, as eight bytes each in a set, and nothing else grows with the log.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import anyio
import psutil

from okhook.okta.system_log import hook_event
from okhook.records.record import AuthOutcome, NewRecord, RecordKind
from okhook.runtime.ids import new_uuid, utc_now
from okhook.sandbox.state import Json
from okhook.store.open import open_store
from okhook.wire.delivery import InboundRequest, body_of, envelope
from tests.sandbox.seeding import Seed, every, seed_file, seeded_hook
from tests.support.okhook_process import environment, running_okhook
from tests.support.signals import default_signals

ENTRIES = 100_000
_TYPE = "user.lifecycle.create"
_STEP = timedelta(milliseconds=700)
_LOOK_EVERY_S = 0.05


@dataclass(frozen=True)
class Measured:
    """One run: seconds from start to exit, the process's peak of memory, what it found."""

    seconds: float
    peak_bytes: int
    read: int
    missed: int


def measure(entries: int, home: Path) -> Measured:
    """Reconcile a log of so many entries, every second of which the store has."""
    home.mkdir(parents=True)
    hook = seeded_hook("http://127.0.0.1:9/", [_TYPE], created=utc_now() - timedelta(days=30))
    until = utc_now() - timedelta(minutes=20)
    seeds = every(_STEP, entries, until=until, event_type=_TYPE, hook_ids=(hook["id"],))
    seed_file(home / "org.json", seeds, hooks=[hook])
    anyio.run(_fill, home, hook, seeds[::2])
    with _sandbox(home):
        arguments = ("reconcile", "--org", "sandbox", "--hook", hook["id"], "--output", "json")
        return _run((*arguments, "--since", "2d"), home)


async def _fill(home: Path, hook: Json, seeds: list[Seed]) -> None:
    path = Path(environment(home)["OKHOOK_HOME"]) / "store.db"
    async with open_store(path) as store:
        for start in range(0, len(seeds), 1000):
            async with anyio.create_task_group() as tasks:
                for seed in seeds[start : start + 1000]:
                    tasks.start_soon(store.append, _record(hook, seed))
        await store.settled()


def _record(hook: Json, seed: Seed) -> NewRecord:
    body = envelope(
        [hook_event(seed.entry())],
        source=f"http://127.0.0.1/api/v1/eventHooks/{hook['id']}",
        event_id=new_uuid(),
        event_time=seed.published,
    )
    request = InboundRequest("POST", "/", (), body_of(body), seed.published)
    return NewRecord(RecordKind.DELIVERY, request, 204, None, AuthOutcome.NOT_ASKED)


@contextmanager
def _sandbox(home: Path) -> Iterator[None]:
    arguments = ("sandbox", "--port", "0", "--rate-limit", "1000000", "--output", "json")
    data = ("--data", str(home / "org.json"))
    with default_signals(), running_okhook(*arguments, *data, home=home) as sandbox:
        sandbox.wait_for_json("ready")
        yield


def _run(arguments: tuple[str, ...], home: Path) -> Measured:
    out = home / "out.jsonl"
    began = time.monotonic()
    with out.open("wb") as stdout:
        process = psutil.Popen(
            [sys.executable, "-m", "okhook", *arguments],
            env=environment(home),
            cwd=home,
            stdout=stdout,
            stderr=subprocess.DEVNULL,
        )
        peak_bytes = 0
        while process.poll() is None:
            with suppress(psutil.Error):
                peak_bytes = max(peak_bytes, process.memory_info().rss)
            time.sleep(_LOOK_EVERY_S)
    seconds = time.monotonic() - began
    lines = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    (summed,) = [line for line in lines if line["type"] == "reconciled"]
    return Measured(seconds, peak_bytes, summed["read"], summed["missed"])


def main() -> None:
    """Measure a tenth of the log and all of it, and print both."""
    entries = int(sys.argv[1]) if len(sys.argv) > 1 else ENTRIES
    with tempfile.TemporaryDirectory() as directory:
        tenth = measure(entries // 10, Path(directory) / "tenth")
        whole = measure(entries, Path(directory) / "whole")
    for measured in (tenth, whole):
        print(
            f"{measured.read:>7} entries  {measured.missed:>6} missed"
            f"  {measured.seconds:6.1f} s  peak {measured.peak_bytes / 1e6:.0f} MB"
        )
    print(
        f"ten times the log: {whole.seconds / tenth.seconds:.1f} x the time,"
        f" {whole.peak_bytes / tenth.peak_bytes:.2f} x the memory"
    )


if __name__ == "__main__":
    main()
