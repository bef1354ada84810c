"""The command lines that README, manual and help show: each can be typed."""

import re
import shlex
from typing import Any

from okhook.cli.command_tree import okhook_command

COMMANDS: dict[str, Any] = dict(okhook_command().commands)


def command_of(words: list[str]) -> tuple[Any, list[str]]:
    """Return the command that a line names, also one below another, and what follows it."""
    command: Any = COMMANDS[words[0]]
    rest = words[1:]
    while below := getattr(command, "commands", None):
        command = below[rest[0]]
        rest = rest[1:]
    return command.built(), rest


def command_lines(text: str) -> list[str]:
    """Return the lines of a Markdown page's shell blocks that run okhook."""
    blocks = re.findall(r"^ *```sh\n(.*?)```", text, re.MULTILINE | re.DOTALL)
    lines = "\n".join(blocks).replace("\\\n", " ").splitlines()
    return [line.strip() for line in lines if re.match(r"\s*([A-Z_]+=\S+ )*okhook [a-z]", line)]


def check_example(line: str) -> None:
    """Check that the command and its flags exist."""
    words = shlex.split(re.split(r" [|>&] ", line)[0], comments=True)
    words = words[words.index("okhook") + 1 :]
    command, rest = command_of(words)
    known = {option for parameter in command.params for option in parameter.opts}
    ours = rest[: rest.index("--") if "--" in rest else None]
    used = {word.partition("=")[0] for word in ours if word.startswith("-")}
    assert used <= known, used - known
