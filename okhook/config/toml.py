"""Read TOML that may come from a stranger."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

from okhook.errors import InvalidInput
from okhook.text import did_you_mean, plain

_DEEPEST = 32
"""No file of okhook needs more than a few levels."""

_TOKEN = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*(?:""")?'
    r"|'''(?:[^']|'(?!''))*(?:''')?"
    r'|"(?:[^"\\\n]|\\.)*"?'
    r"|'[^'\n]*'?"
    r"|\#[^\n]*"
    r"|[][{}.=,\n]",
    re.DOTALL,
)
"""A string or comment, also one without an end, or a character that makes or ends a level."""


def toml_of(text: str) -> dict[str, Any]:
    """Return the tables in ``text``.

    Raises:
        ValueError: it is not TOML, is nested too deeply, or has a number that is too long.
    """
    _check_depth(text)
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        raise
    except ValueError:
        raise ValueError("a number is too long") from None


def check_names(where: str, table: Mapping[str, Any], known: Sequence[str]) -> None:
    """Raise InvalidInput for a name in a table that is not ``known``; suggest the nearest."""
    for name in table:
        if name in known:
            continue
        next_step = did_you_mean(name, known) or f"expected one of: {', '.join(known)}"
        shown = f"{f'{where}: ' * bool(where)}unknown name {plain(name, limit=80)}"
        raise InvalidInput(shown, next_step=next_step)


def _check_depth(text: str) -> None:
    """Refuse deep nesting, on which ``tomllib`` recurses or, in a dotted key, takes hours."""
    brackets = dots = 0
    for token in _TOKEN.finditer(text):
        match token.group():
            case "[" | "{":
                brackets, dots = brackets + 1, 0
            case "]" | "}":
                brackets, dots = brackets - 1, 0
            case ".":
                dots += 1
            case "=" | "," | "\n":
                dots = 0
        if brackets > _DEEPEST or dots > _DEEPEST:
            raise ValueError("it is nested too deeply")
