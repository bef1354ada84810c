"""The tokens of a filter expression."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from okhook.filter_language.values import NotUnderstood

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<text>'(?:[^']|'')*'|"(?:[^"]|"")*")
      | (?P<number>-?[0-9]{1,15}(?:\.[0-9]{1,15})?(?![A-Za-z0-9_.]))
      | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
      | (?P<sign>\?\[|\?\.|&&|\|\||[=!<>]=|[<>!.()\[\]])
    )""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Token:
    """``kind`` is text, number, name, sign or end; ``text`` is the token as it stands there."""

    kind: str
    text: str
    position: int


def tokens(text: str) -> Iterator[Token]:
    """Yield the tokens of an expression, and one for its end.

    Raises:
        NotUnderstood: something in it is no token.

    """
    position, end = 0, len(text.rstrip())
    while position < end:
        match = _TOKEN.match(text, position)
        if match is None or match.lastgroup is None:
            blanks = len(text[position:]) - len(text[position:].lstrip())
            raise NotUnderstood(f"what stands at position {position + blanks}")
        kind = match.lastgroup
        yield Token(kind, match[kind], match.start(kind))
        position = match.end()
    yield Token("end", "the end", end)
