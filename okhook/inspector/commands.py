"""Run an okhook command for the page, and read the JSON lines that it writes."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence

import anyio

from okhook.config.store_location import DatabaseUrl, StoreLocation
from okhook.errors import InvalidInput, Unavailable
from okhook.json_form import JsonObject

_LONGEST_S = 90.0


async def lines_of(words: Sequence[str], store: StoreLocation) -> list[JsonObject]:
    """Return the JSON lines of ``okhook WORDS`` on a store. It must end within 90 seconds.

    It is a process of its own, because a command handles signals and prints.

    Raises:
        InvalidInput: the command refused its words.
        Unavailable: it did not end in time, or wrote nothing.
    """
    command = [sys.executable, "-m", "okhook", *words, "--output", "json"]
    where = store.reveal() if isinstance(store, DatabaseUrl) else str(store)
    environ = {**os.environ, "OKHOOK_STORE": where}  # not in argv: it may have a password
    done = None
    with anyio.move_on_after(_LONGEST_S):
        done = await anyio.run_process(command, env=environ, stdin=subprocess.DEVNULL, check=False)
    shown = f"okhook {words[0]}"
    if done is None:
        raise Unavailable(f"{shown} took longer than {_LONGEST_S:g} s")
    lines: list[JsonObject] = [json.loads(line) for line in done.stdout.splitlines()]
    if not lines:
        raise Unavailable(f"{shown} wrote nothing", next_step=f"run `{shown}` in a terminal")
    last = lines[-1]
    if last.get("type") == "error":
        raise InvalidInput(last["what"], why=last["why"], next_step=last["next_step"])
    return lines
