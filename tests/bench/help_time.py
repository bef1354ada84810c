"""How long ``okhook --help`` takes beside a one-command Typer program, in one run.

Run by hand: ``.venv/bin/python -m tests.bench.help_time``. The target is a ratio of medians of at
most 1.25. The two take turns, so that a machine that slows down slows both.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

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


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as directory:
        hello = Path(directory) / "hello.py"
        hello.write_text(HELLO_WORLD)
        commands = {
            "hello-world": [sys.executable, str(hello), "--help"],
            "okhook": [str(Path(sys.executable).with_name("okhook")), "--help"],
        }
        for command in commands.values():
            _seconds(command)
        taken: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(ROUNDS):
            for name, command in commands.items():
                taken[name].append(_seconds(command))
    for name, seconds in taken.items():
        print(
            f"{name:12} median {statistics.median(seconds) * 1000:6.1f} ms"
            f"  ({min(seconds) * 1000:.1f} to {max(seconds) * 1000:.1f})"
        )
    ratio = statistics.median(taken["okhook"]) / statistics.median(taken["hello-world"])
    print(f"ratio {ratio:.2f} (target: at most 1.25)")


def _seconds(command: list[str]) -> float:
    # An installed okhook has its bytecode beside it, as Typer has.
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    began = time.perf_counter()
    subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
