"""How many deliveries a second okhook's receiver takes with its store in PostgreSQL.

Run by hand: ``.venv/bin/python -m tests.bench.postgres_load``. In one run, on one machine: okhook
with PostgreSQL on loopback, which waits for the disk; okhook with SQLite; and a receiver that
commits each delivery by itself through psycopg, with one connection and with a pool of ten. Then
two of okhook's receivers on one store, loaded at once. Targets: at least 3 times the naive one, and
p99 under 50 ms at 32 connections.
"""

import argparse
import os
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

from tests.bench.contestants import Contestant, okhook, running
from tests.bench.figures import LoadFigures, Medians
from tests.bench.measuring import generator, measure
from tests.bench.receiver_load import DISK, Run
from tests.support.postgres import Cluster, running_cluster, server_programs

TIMES_NAIVE = 3.0
P99_MS = 50.0

_KEPT = "SELECT count(*) FROM okhook.record"


def main() -> None:
    """Measure and print; exit 1 where a delivery was not accepted or not kept."""
    options = _options()
    programs = server_programs()
    if programs is None:
        sys.exit("found no PostgreSQL server: install Debian's package postgresql")
    with ExitStack() as held:
        cluster = held.enter_context(running_cluster(programs, below=options.directory, syncs=True))
        state = Path(held.enter_context(tempfile.TemporaryDirectory(dir=options.directory)))
        print(f"{generator()}, {options.connections} connections, {os.cpu_count()} cores,", end=" ")
        print(f"load {os.getloadavg()[0]:.1f} before, PostgreSQL {_version(cluster)}")
        contestants = _contestants(cluster, state)
        run = Run(options.connections)
        medians = run.medians(contestants, options.rounds, options.seconds)
        _print_medians(medians)
        together = _two_receivers(cluster, state, options.connections, options.seconds)
        accepted = run.accepted["PostgreSQL"] + sum(each.accepted for each in together)
        kept = _number(cluster, _KEPT)
        print(f"{accepted:,} answered 2xx, {kept:,} records in the store")
        valid = run.all_accepted and all(each.is_valid for each in together) and kept >= accepted
    print("valid" if valid else "INVALID")
    sys.exit(0 if valid else 1)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5.0, help="how long each load lasts")
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--rounds", type=int, default=3, help="how often all take their turn")
    parser.add_argument("--directory", type=Path, default=DISK, help="where the stores are made")
    return parser.parse_args()


def _contestants(cluster: Cluster, state: Path) -> list[Contestant]:
    return [
        _with_postgres("PostgreSQL", cluster, state / "one"),
        _named(okhook(state / "sqlite"), "SQLite"),
        _naive("naive, 1", cluster, 1),
        _naive("naive, pool of 10", cluster, 10),
    ]


def _with_postgres(name: str, cluster: Cluster, state: Path) -> Contestant:
    plain = okhook(state)
    store = {"OKHOOK_STORE": cluster.url("postgres"), "OKHOOK_RECEIVER": "bench"}
    return Contestant(name, plain.command, {**plain.env, **store})


def _naive(name: str, cluster: Cluster, connections: int) -> Contestant:
    module = "tests.bench.naive_postgres_receiver"
    env = {"DATABASE_URL": cluster.url("postgres"), "CONNECTIONS": str(connections)}
    return Contestant(name, [sys.executable, "-m", module, "{port}", "{path}"], env)


def _named(contestant: Contestant, name: str) -> Contestant:
    return Contestant(name, contestant.command, contestant.env)


def _two_receivers(
    cluster: Cluster, state: Path, connections: int, seconds: float
) -> list[LoadFigures]:
    """Load two receivers of one name at once, with half of the connections each."""
    with (
        running(_with_postgres("one", cluster, state / "one")) as one,
        running(_with_postgres("two", cluster, state / "two")) as two,
        ThreadPoolExecutor(2) as threads,
    ):
        loads = list(
            threads.map(
                lambda url: measure(url, connections=connections // 2, seconds=seconds),
                (one.url, two.url),
            )
        )
    rate, p99_ms = sum(each.rate for each in loads), max(each.p99_s for each in loads) * 1e3
    print(f"two receivers      {rate:8,.0f}/s together, p99 {p99_ms:.2f} ms")
    return loads


def _print_medians(medians: dict[str, Medians]) -> None:
    print("medians")
    for name, median in medians.items():
        print(
            f"{name:18} {median.rate:8,.0f}/s  p50 {median.p50_s * 1e3:6.2f}"
            f"  p99 {median.p99_s * 1e3:6.2f} ms"
        )
    ours = medians["PostgreSQL"]
    for name in ("naive, 1", "naive, pool of 10", "SQLite"):
        print(f"okhook with PostgreSQL is {ours.rate / medians[name].rate:.2f} x {name}")
    is_met = ours.rate >= TIMES_NAIVE * medians["naive, 1"].rate and ours.p99_s * 1e3 < P99_MS
    print(f"{TIMES_NAIVE:g} x naive and p99 under {P99_MS:g} ms: {'yes' if is_met else 'NO'}")


def _version(cluster: Cluster) -> str:
    with cluster.connect() as connection:
        return str(connection.info.parameter_status("server_version"))


def _number(cluster: Cluster, question: str) -> int:
    with cluster.connect() as connection:
        (row,) = connection.execute(question.encode()).fetchall()
    return int(str(row[0]))


if __name__ == "__main__":
    main()
