"""Every command that can be run, also one that is added later."""

from collections.abc import Iterator
from typing import Any


def commands_below(group: Any, above: str = "") -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - Typer exports no type
    """Yield each command with the words that name it."""
    for name in group.commands:
        one = group.commands[name]
        if hasattr(one, "commands"):
            yield from commands_below(one, f"{name} ")
        else:
            yield f"{above}{name}", one
