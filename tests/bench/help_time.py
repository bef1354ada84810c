"""How long ``okhook --help`` and look-ups take beside a one-command Typer program, in one run.

Run by hand: ``.venv/bin/python -m tests.bench.help_time``. The figures are ratios of medians. All
take turns, so that a machine that slows down slows each of them.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.cli.history import fill_store
from tests.support.okhook_process import environment

ROUNDS = 30
HELLO_WORLD = """
import typer

app = typer.Typer()

@app.command()
def hello(name: str = "world") -> None:
    "Say hello."
    print(f"hello {name}")

app()
"""
COMMANDS = {
    "--help": 1.15,
    "deliveries list": 2.0,
    "trace 1": 2.0,
    "types user.lifecycle": 2.0,
    "whoami": 2.0,
    "send-sample --dry-run": 2.0,
}
"""What is measured, and the highest ratio that it may have."""


def main() -> None:
    """Measure and print."""
    okhook = str(Path(sys.executable).with_name("okhook"))
    with tempfile.TemporaryDirectory() as directory:
        hello = Path(directory) / "hello.py"
        hello.write_text(HELLO_WORLD)
        programs = {"hello-world --help": [sys.executable, str(hello), "--help"]}
        programs |= {words: [okhook, *words.split()] for words in COMMANDS}
        home = Path(directory)
        fill_store(home)
        taken: dict[str, list[float]] = {name: [] for name in programs}
        for program in programs.values():
            _seconds(program, home)
        for _ in range(ROUNDS):
            for name, program in programs.items():
                taken[name].append(_seconds(program, home))
    medians = {name: statistics.median(seconds) for name, seconds in taken.items()}
    hello_s = medians.pop("hello-world --help")
    print(f"{'hello-world --help':24} {hello_s * 1000:6.1f} ms")
    for name, median_s in medians.items():
        print(
            f"{name:24} {median_s * 1000:6.1f} ms  ratio {median_s / hello_s:.2f}"
            f" (target: at most {COMMANDS[name]:.2f})"
        )


def _seconds(command: list[str], home: Path) -> float:
    # An installed okhook has its bytecode beside it, as Typer has.
    variables = {k: v for k, v in environment(home).items() if k != "PYTHONDONTWRITEBYTECODE"}
    began = time.perf_counter()
    subprocess.run(
        command,
        env=variables,
        cwd=home,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,  # a look-up that finds nothing, or whoami without an org, says so
    )
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
