"""Read TOML that may come from a stranger."""

import re
import tomllib
from typing import Any

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
