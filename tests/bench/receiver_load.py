"""How many deliveries a second okhook's receiver takes, beside servers that keep nothing.

Run by hand: ``.venv/bin/python -m tests.bench.receiver_load [--minute]``. In one run, on one
machine, with one load generator: okhook (each delivery is committed to the disk before it is
answered), a bare Starlette handler, and the shape of Okta's sample app in Express. They take turns,
so that a machine that slows down slows all. Targets: at least 1.5 times Express, 0.4 times the bare
handler, p99 under 25 ms at 32 connections, and a minute as good as five seconds.
"""

import argparse
import os
import platform
import sqlite3
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import final

import psutil

from tests.bench.contestants import (
    Contestant,
    bare,
    express,
    installed_express,
    missing_for_express,
    okhook,
    running,
)
from tests.bench.figures import LoadFigures, Medians, medians_of
from tests.bench.measuring import generator, measure
from tests.load.deliveries import sample_template
from tests.load.kept import count_kept

TIMES_EXPRESS = 1.5
TIMES_BARE = 0.4
P99_MS = 25.0
WARM_UP_S = 1.0
MINUTE_S = 60.0
DISK = Path("/var/tmp")
"""Where the store is unless told otherwise: on a disk, where ``/tmp`` may be memory."""


def main() -> None:
    """Measure and print; exit 1 where a delivery was not accepted or not kept."""
    options = _options()
    with ExitStack() as held:
        state = Path(held.enter_context(tempfile.TemporaryDirectory(dir=options.directory)))
        _introduce(state, options.connections)
        contestants = [okhook(state), bare(), *_express(held)]
        run = Run(options.connections)
        medians = run.medians(contestants, options.rounds, options.seconds)
        _print_medians(medians)
        if options.minute:
            _print_minute(run.measured(contestants[0], MINUTE_S), medians["okhook"])
        valid = run.all_accepted and _all_kept(state / "store.db", run.accepted["okhook"])
    print("valid" if valid else "INVALID")
    sys.exit(0 if valid else 1)


@final
class Run:
    """The loads of one run. Those that warm a server up are not measured, and count as the rest."""

    def __init__(self, connections: int) -> None:
        self.accepted: dict[str, int] = {}
        self.all_accepted = True
        self._connections = connections

    def medians(
        self, contestants: Sequence[Contestant], rounds: int, seconds: float
    ) -> dict[str, Medians]:
        """Let all take their turn so many times, and return the medians of each."""
        loads = [
            {each.name: self.measured(each, seconds) for each in contestants} for _ in range(rounds)
        ]
        return {each.name: medians_of([load[each.name] for load in loads]) for each in contestants}

    def measured(self, contestant: Contestant, seconds: float) -> LoadFigures:
        """Start a contestant, warm it up, measure it, and print a line."""
        with running(contestant) as server:
            before_bytes = server.rss_bytes
            warm_up = self._load(contestant, server.url, WARM_UP_S)
            load = self._load(contestant, server.url, seconds)
            memory = f"{before_bytes / 1e6:.0f} → {server.rss_bytes / 1e6:.0f} MB"
        print(f"{contestant.name:15} {_shown(load)}  RSS {memory}{_faults([warm_up, load])}")
        return load

    def _load(self, contestant: Contestant, url: str, seconds: float) -> LoadFigures:
        load = measure(url, connections=self._connections, seconds=seconds)
        self.accepted[contestant.name] = self.accepted.get(contestant.name, 0) + load.accepted
        self.all_accepted &= load.is_valid
        return load


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5.0, help="how long each load lasts")
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--rounds", type=int, default=3, help="how often all take their turn")
    parser.add_argument("--minute", action="store_true", help="load okhook for a minute as well")
    parser.add_argument("--directory", type=Path, default=DISK, help="where the store is made")
    return parser.parse_args()


def _introduce(state: Path, connections: int) -> None:
    body_bytes = len(sample_template().filled("-" * 36, "-" * 36).body)
    print(f"{generator()}, {connections} connections, deliveries of {body_bytes} bytes")
    print(
        f"{os.cpu_count()} cores, {platform.system()} {platform.release()},"
        f" Python {platform.python_version()}, SQLite {sqlite3.sqlite_version},"
        f" store on {_file_system(state)}"
    )


def _file_system(path: Path) -> str:
    """Name the file system: on one in memory a commit costs nothing, and the result says little."""
    mounts = [
        part for part in psutil.disk_partitions(all=True) if path.is_relative_to(part.mountpoint)
    ]
    return max(mounts, key=lambda part: len(part.mountpoint)).fstype if mounts else "unknown"


def _express(held: ExitStack) -> list[Contestant]:
    missing = missing_for_express()
    if missing is not None:
        print(f"Express is left out: {missing} is not installed")
        return []
    return [express(held.enter_context(installed_express()))]


def _shown(load: LoadFigures) -> str:
    return (
        f"{load.rate:8,.0f}/s  p50 {load.p50_s * 1e3:6.2f}  p99 {load.p99_s * 1e3:6.2f}"
        f"  worst {load.worst_s * 1e3:6.1f} ms"
    )


def _faults(loads: Sequence[LoadFigures]) -> str:
    if all(load.is_valid for load in loads):
        return ""
    not_2xx = sum(load.not_2xx for load in loads)
    socket_errors = sum(load.socket_errors for load in loads)
    return f"  NOT VALID: {not_2xx} not 2xx, {socket_errors} socket errors"


def _print_medians(medians: dict[str, Medians]) -> None:
    print("medians")
    for name, median in medians.items():
        print(
            f"{name:15} {median.rate:8,.0f}/s  p50 {median.p50_s * 1e3:6.2f}"
            f"  p99 {median.p99_s * 1e3:6.2f} ms"
        )
    ours = medians["okhook"]
    for name, target in (("Express", TIMES_EXPRESS), ("bare Starlette", TIMES_BARE)):
        if name in medians:
            ratio = ours.rate / medians[name].rate
            print(
                f"okhook is {ratio:.2f} x {name} (at least {target}: {_verdict(ratio >= target)})"
            )
    p99_ms = ours.p99_s * 1e3
    print(f"okhook's p99 is {p99_ms:.2f} ms (under {P99_MS:g}: {_verdict(p99_ms < P99_MS)})")


def _print_minute(minute: LoadFigures, short: Medians) -> None:
    print(
        f"a minute is {minute.rate / short.rate:.2f} x the rate of the short loads,"
        f" p99 {minute.p99_s * 1e3:.2f} ms beside {short.p99_s * 1e3:.2f} ms"
    )


def _all_kept(store_file: Path, accepted: int) -> bool:
    kept = count_kept(store_file)
    print(
        f"{accepted:,} answered 2xx, {kept:,} records in the store ({_verdict(kept >= accepted)})"
    )
    return kept >= accepted


def _verdict(held: bool) -> str:
    return "yes" if held else "NO"


if __name__ == "__main__":
    main()
