"""How long okhook takes to look into a store with a million deliveries.

Run by hand: ``.venv/bin/python -m tests.bench.store_size --directory DIR``. The store is filled at
the first run (3.5 GB, some six minutes) and kept in DIR. Target: each command takes at most 150 ms
longer than its own help, which starts the same program and opens no store; beside it stands how
much longer than ``--version``, the least that okhook can do, and how long ``serve`` takes on an
empty store. They take turns, so that a machine that slows down slows all.
"""

import argparse
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.bench.filling import Filled, filled
from tests.support.signals import default_signals

TARGET_MS = 150.0
LEAST = "--version"
HELP = "deliveries --help"
OKHOOK = str(Path(sys.executable).with_name("okhook"))

Measured = Callable[[Mapping[str, str]], float]


def main() -> None:
    """Fill, measure and print; exit 1 where a command took too long."""
    options = _options()
    state = options.directory.absolute()
    state.mkdir(parents=True, exist_ok=True)
    found = filled(state, options.deliveries, forwarded=options.forwarded)
    env = _environment(state)
    size_bytes = (state / "store.db").stat().st_size
    print(f"{found.deliveries:,} deliveries, {size_bytes / 1e9:.2f} GB, median of {options.runs}")
    with tempfile.TemporaryDirectory() as empty:
        wanted = _subjects(found, Path(empty))
        within = _measure(wanted, env, options.runs)
    sys.exit(0 if all(within) and len(within) == len(wanted) else 1)


def _measure(wanted: Mapping[str, Measured], env: Mapping[str, str], runs: int) -> list[bool]:
    """Print a row for each that works, and tell which of them are within the target."""
    subjects = _that_work(wanted, env)
    taken_s: dict[str, list[float]] = {name: [] for name in subjects}
    for _ in range(runs):
        for name, subject in subjects.items():
            taken_s[name].append(subject(env))
    least_ms, help_ms = (statistics.median(taken_s[name]) * 1e3 for name in (LEAST, HELP))
    print(f"{'':24} {'median':>10}  {'+ --version':>11}  {'+ --help':>11}")
    return [_print_line(name, taken_s[name], least_ms, help_ms) for name in subjects]


class Failed(Exception):
    """The command did not do what it is measured at."""


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--directory", type=Path, required=True, help="where the store is kept")
    parser.add_argument("--deliveries", type=int, default=1_000_000)
    parser.add_argument("--forwarded", type=int, default=100_000, help="how many were forwarded")
    parser.add_argument("--runs", type=int, default=9)
    return parser.parse_args()


def _environment(state: Path) -> dict[str, str]:
    return {**os.environ, "OKHOOK_HOME": str(state), "OKHOOK_CONFIG": str(state / "none.toml")}


def _subjects(found: Filled, empty: Path) -> dict[str, Measured]:
    commands = {
        LEAST: ("--version",),
        HELP: ("deliveries", "--help"),
        "list": ("deliveries", "list"),
        "list --event GLOB": ("deliveries", "list", "--event", "group.*"),
        "list --event, rare": ("deliveries", "list", "--event", "certification.campaign.*"),
        "list --user, common": ("deliveries", "list", "--user", "unknown"),
        "list --user, rare": ("deliveries", "list", "--user", found.rare_login),
        "list --user, absent": ("deliveries", "list", "--user", "nobody@people.example"),
        "list --status failed": ("deliveries", "list", "--status", "failed"),
        "list --status malformed": ("deliveries", "list", "--status", "malformed"),
        "list --since 1d": ("deliveries", "list", "--since", "1d"),
        "search, in all": ("deliveries", "search", "SUCCESS"),
        "search, common": ("deliveries", "search", found.common_word),
        "search, rare": ("deliveries", "search", found.rare_login),
        "search, absent": ("deliveries", "search", "nowhere"),
        "show ID": ("deliveries", "show", found.event_id),
    }
    subjects = {name: _command(*arguments) for name, arguments in commands.items()}
    return {
        **subjects,
        "serve, empty store": lambda _: _start_up_s(_environment(empty)),
        "serve, until ready": _start_up_s,
    }


def _that_work(subjects: Mapping[str, Measured], env: Mapping[str, str]) -> dict[str, Measured]:
    """Run each once, so that none is measured on a cold cache, and leave out those that fail."""
    working = {}
    for name, subject in subjects.items():
        try:
            first_s = subject(env)
        except Failed as error:
            print(f"{name:24} FAILED: {error}")
        else:
            print(f"{name:24} {first_s * 1e3:7.1f} ms the first time")
            working[name] = subject
    return working


def _command(*arguments: str) -> Measured:
    def seconds(env: Mapping[str, str]) -> float:
        began = time.perf_counter()
        done = subprocess.run(
            [OKHOOK, *arguments], env=env, capture_output=True, text=True, check=False
        )
        taken_s = time.perf_counter() - began
        if done.returncode not in (0, 1):
            raise Failed(f"okhook {' '.join(arguments)}: {' '.join(done.stderr.split())}")
        return taken_s

    return seconds


def _start_up_s(env: Mapping[str, str]) -> float:
    began = time.perf_counter()
    with (
        default_signals(),
        subprocess.Popen(
            [OKHOOK, "serve", "--port", "0", "--output", "json"],
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        ) as popen,
    ):
        assert popen.stdout is not None
        line = popen.stdout.readline()
        taken_s = time.perf_counter() - began
        popen.send_signal(signal.SIGINT)
        popen.communicate()
    if b'"ready"' not in line:
        raise Failed(f"okhook serve: {line.decode()}")
    return taken_s


def _print_line(name: str, taken_s: list[float], least_ms: float, help_ms: float) -> bool:
    """Print a row and tell whether it is within the target."""
    median_ms = statistics.median(taken_s) * 1e3
    within = median_ms - help_ms <= TARGET_MS
    print(
        f"{name:24} {median_ms:7.1f} ms  {median_ms - least_ms:+8.1f} ms"
        f"  {median_ms - help_ms:+8.1f} ms  ({min(taken_s) * 1e3:.1f} to {max(taken_s) * 1e3:.1f})"
        f"{'' if within else f'  OVER {TARGET_MS:g} ms'}"
    )
    return within


if __name__ == "__main__":
    main()
