"""The commands that messages tell a person to paste."""

import json
import shlex
from collections.abc import Iterator
from typing import Any

from okhook.cli.command_tree import LazyCommand, command_line
from okhook.cli.remedies import commands_in
from okhook.errors import InvalidInput

_STEPS = ("next_step", "remedy", "mend", "removing", "next_steps", "text")


def remedies(stdout: str, stderr: str) -> list[str]:
    """Return each command that the output of another one tells to run, in order."""
    lines = [*stderr.splitlines(), *(line for line in stdout.splitlines() if "→ okhook" in line)]
    for line in stdout.splitlines():
        if line.startswith("{"):
            lines += _texts(json.loads(line))
    found = [text[slice(*span)].strip() for text in lines for span in commands_in(text)]
    return list(dict.fromkeys(found))


def check_command(command: str) -> None:
    """Assert that okhook has this command, with these options; do not run it."""
    words = shlex.split(command.partition(" > ")[0])
    found: Any = command_line()
    rest = words[1:]
    while rest and not isinstance(found, LazyCommand):
        assert rest[0] in found.commands, f"no such command: {command}"
        found, rest = found.commands[rest[0]], rest[1:]
    try:
        found.make_context(words[0], rest)
    except InvalidInput as error:
        raise AssertionError(f"a remedy that does not work: {command}: {error.what}") from error


def _texts(value: object, name: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _texts(each, key)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each, name)
    elif isinstance(value, str) and name in _STEPS:
        yield from value.splitlines()
