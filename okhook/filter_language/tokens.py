"""The tokens of a small language, for parsers that read it from left to right."""

import re
from dataclasses import dataclass
from typing import final


class NotAToken(ValueError):
    """No token begins at ``position``, or behind the blanks there."""

    def __init__(self, position: int) -> None:
        super().__init__(position)
        self.position = position


@dataclass(frozen=True, slots=True)
class Token:
    """``kind`` is a group of the language's pattern, or ``end``; ``text`` is as it was written."""

    kind: str
    text: str
    position: int


@final
class Tokens:
    """The tokens of ``text`` and one for its end, of which a parser takes one after another.

    ``language`` matches one token, with blanks before it; the name of the group is its kind.

    Raises:
        NotAToken: something in the text is no token.
    """

    def __init__(self, language: re.Pattern[str], text: str) -> None:
        self._tokens: list[Token] = []
        self._taken = 0
        position, end = 0, len(text.rstrip())
        while position < end:
            match = language.match(text, position)
            if match is None or match.lastgroup is None:
                raise NotAToken(position)
            kind = match.lastgroup
            self._tokens.append(Token(kind, match[kind], match.start(kind)))
            position = match.end()
        self._tokens.append(Token("end", "the end", end))

    @property
    def next(self) -> Token:
        """The next token, which stays the next one."""
        return self._tokens[self._taken]

    def take(self) -> Token:
        """Return the next token and go on to the one behind it; the end stays where it is."""
        token = self.next
        if token.kind != "end":
            self._taken += 1
        return token
