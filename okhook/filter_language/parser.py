"""What the parsers of event hook filters and of SCIM filters have in common."""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

MAX_LENGTH: Final = 8_000
"""How many characters an expression may have."""

_MAX_DEPTH: Final = 50
"""How deep parentheses, selections and negations may nest."""

LITERALS: Final[Mapping[str, bool | None]] = {"true": True, "false": False, "null": None}

Term = Callable[[Any], object]
"""A parsed part of an expression: returns its value for the object that the expression is about."""


class NotUnderstood(ValueError):
    """An expression cannot be read or evaluated; the message names the part."""


@dataclass(frozen=True, slots=True)
class Token:
    """``kind`` is a group of the language's pattern, or ``end``."""

    kind: str
    text: str
    position: int


def truth(value: object) -> bool:
    """Return a value that must be true or false."""
    if not isinstance(value, bool):
        raise NotUnderstood(f"{kind_of(value)} where true or false is needed")
    return value


def kind_of(value: object) -> str:
    """Return the kind of a value for a message; the value itself may be confidential."""
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case str():
            return "a text"
        case int() | float():
            return "a number"
        case list():
            return "a list"
    return "an object"


class Parser(ABC):
    """A recursive descent parser: ``or`` binds weakest, then ``and``, comparisons, and ``not``.

    ``language`` matches one token and the blanks before it; the name of its group is the kind.
    ``operators`` maps signs to the words that mean the same. Parsing raises ``NotUnderstood``.
    """

    def __init__(
        self, language: re.Pattern[str], text: str, operators: Mapping[str, str] | None = None
    ) -> None:
        self._tokens = _tokens(language, text)
        self._next = next(self._tokens)
        self._operators = operators or {}
        self._depth = 0

    def whole(self) -> Term:
        """Parse the whole expression."""
        term = self._either()
        if self._next.kind != "end":
            raise self._unexpected()
        return term

    @abstractmethod
    def _operand(self) -> Term: ...

    def _comparison(self) -> Term:
        return self._negatable()

    def _either(self) -> Term:
        return self._joined("or", self._every, any)

    def _every(self) -> Term:
        return self._joined("and", self._comparison, all)

    def _joined(
        self, operator: str, part: Callable[[], Term], join: Callable[[Iterable[bool]], bool]
    ) -> Term:
        terms = [part()]
        while self._operator() == operator:
            self._take()
            terms.append(part())
        if len(terms) == 1:
            return terms[0]
        return lambda scope: join(truth(term(scope)) for term in terms)

    def _negatable(self) -> Term:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise NotUnderstood(f"nesting deeper than {_MAX_DEPTH} levels")
        try:
            if self._operator() != "not":
                return self._operand()
            self._take()
            negated = self._negatable()
            return lambda scope: not truth(negated(scope))
        finally:
            self._depth -= 1

    def _group(self) -> Term:
        self._expect("(")
        inner = self._either()
        self._expect(")")
        return inner

    def _operator(self) -> str:
        """Return the next token as an operator in words; "" if it cannot be one."""
        if self._next.kind == "sign":
            return self._operators.get(self._next.text, "")
        return self._next.text.lower() if self._next.kind == "name" else ""

    def _take(self) -> Token:
        token = self._next
        self._next = next(self._tokens, token)
        return token

    def _is_next(self, *signs: str) -> bool:
        return self._next.kind == "sign" and self._next.text in signs

    def _expect(self, sign: str) -> None:
        if not self._is_next(sign):
            raise self._unexpected()
        self._take()

    def _unexpected(self) -> NotUnderstood:
        shown = "end" if self._next.kind == "end" else repr(self._next.text)
        return NotUnderstood(f"unexpected {shown} at position {self._next.position}")


def number(text: str) -> float:
    """Return a number as it is written."""
    return float(text) if "." in text else int(text)


def _tokens(language: re.Pattern[str], text: str) -> Iterator[Token]:
    if len(text) > MAX_LENGTH:
        raise NotUnderstood(f"more than {MAX_LENGTH} characters")
    position, end = 0, len(text.rstrip())
    while position < end:
        match = language.match(text, position)
        if match is None or match.lastgroup is None:
            blanks = len(text[position:]) - len(text[position:].lstrip())
            raise NotUnderstood(f"unexpected text at position {position + blanks}")
        yield Token(match.lastgroup, match[match.lastgroup], match.start(match.lastgroup))
        position = match.end()
    yield Token("end", "", end)
