"""Which paths Okta has under ``/api/v1``, so that the sandbox can say which of them it has not."""

from functools import cache
from importlib.resources import files
from typing import Final

_ROOT: Final = "/api/v1/"
_METHODS: Final = {"G": "GET", "P": "POST", "U": "PUT", "A": "PATCH", "D": "DELETE"}
_ANY: Final = "*"

_Node = dict[str, "_Node"]
"""What follows a part of a path: the next parts. A method is a part that nothing follows."""


def okta_methods(path: str) -> set[str]:
    """Return the methods that Okta has for a path; an empty set if it does not have the path."""
    if not path.startswith(_ROOT):
        return set()
    nodes = [_tree()]
    for part in path.removeprefix(_ROOT).split("/"):
        nodes = [node[name] for node in nodes for name in (part, _ANY) if part and name in node]
    return {method for node in nodes for method in node if method in _METHODS.values()}


@cache
def _tree() -> _Node:
    """Read the table: a line continues the nearest line above it that is indented less."""
    text = files("okhook.sandbox").joinpath("okta_paths.txt").read_text(encoding="ascii")
    above: list[_Node] = [{}]
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        depth = len(line) - len(line.lstrip())
        parts, _, letters = line.strip().partition(" ")
        node = above[depth]
        for part in parts.split("/"):
            node = node.setdefault(part, {})
        node.update({_METHODS[letter]: {} for letter in letters})
        above[depth + 1 :] = [node]
    return above[0]
