"""SCIM filters (RFC 7644, 3.4.2.2) over JSON objects, as System Log and Users API take them.

``eventType eq "user.lifecycle.create" and (outcome.result eq "FAILURE" or not actor.id pr)``: every
operator but the brackets, as Okta's System Log has it. A path that meets an array is true for it
when it is true for one of its elements.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, final

Literal = str | int | float | bool | None
Test = Callable[[Mapping[str, Any]], bool]

MAX_LENGTH = 8_000
"""How many characters a filter may have."""

_MAX_DEPTH = 50
"""How deep parentheses and ``not`` may nest."""

_COMPARISONS = frozenset({"eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"})
_TOKEN = re.compile(
    r"""\s*(?:
        (?P<text>"(?:[^"\\]|\\.)*")
      | (?P<open>\() | (?P<close>\))
      | (?P<number>-?[0-9]+(?:\.[0-9]+)?(?![A-Za-z0-9_.:-]))
      | (?P<word>[A-Za-z_$][A-Za-z0-9_$.:-]*)
    )""",
    re.VERBOSE,
)


class InvalidFilter(ValueError):
    """The filter cannot be read; the message says what is wrong, and where."""


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    position: int


def parse_filter(expression: str, *, ignore_case: bool = False) -> Test:
    """Return a test for JSON objects; with ``ignore_case`` texts are compared without it.

    Raises:
        InvalidFilter: the expression is not a filter.

    """
    if len(expression) > MAX_LENGTH:
        raise InvalidFilter(f"a filter has at most {MAX_LENGTH} characters")
    return _Parser(list(_tokens(expression)), ignore_case=ignore_case).whole()


@final
class _Parser:
    """Recursive descent: ``or`` binds weakest, then ``and``, then ``not``."""

    def __init__(self, tokens: list[_Token], *, ignore_case: bool) -> None:
        self._tokens = tokens
        self._next = 0
        self._depth = 0
        self._fold: Callable[[str], str] = str.casefold if ignore_case else str

    def whole(self) -> Test:
        test = self._either()
        rest = self._peek()
        if rest.kind != "end":
            raise InvalidFilter(f"unexpected {rest.text!r} at position {rest.position}")
        return test

    def _either(self) -> Test:
        tests = [self._both()]
        while self._take_word("or"):
            tests.append(self._both())
        return tests[0] if len(tests) == 1 else lambda item: any(test(item) for test in tests)

    def _both(self) -> Test:
        tests = [self._one()]
        while self._take_word("and"):
            tests.append(self._one())
        return tests[0] if len(tests) == 1 else lambda item: all(test(item) for test in tests)

    def _one(self) -> Test:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise InvalidFilter(f"nested deeper than {_MAX_DEPTH} levels")
        try:
            if self._take_word("not"):
                inner = self._one()
                return lambda item: not inner(item)
            if self._peek().kind == "open":
                return self._group()
            return self._comparison()
        finally:
            self._depth -= 1

    def _group(self) -> Test:
        self._take()
        test = self._either()
        self._expect("close", "')'")
        return test

    def _comparison(self) -> Test:
        path = self._expect("word", "an attribute").text
        names = path.split(".")
        if not all(names):
            raise InvalidFilter(f"{path!r} is not an attribute")
        operator = self._expect("word", "an operator")
        name = operator.text.lower()
        if name == "pr":
            return lambda item: any(value is not None for value in _values(item, names))
        if name not in _COMPARISONS:
            raise InvalidFilter(
                f"{operator.text!r} at position {operator.position} is not an operator"
            )
        wanted = self._literal()
        compare = _comparison(name, wanted, self._fold)
        if name == "ne":
            return lambda item: not any(compare(value) for value in _values(item, names))
        return lambda item: any(compare(value) for value in _values(item, names))

    def _literal(self) -> Literal:
        token = self._take()
        match token.kind:
            case "text":
                try:
                    return str(json.loads(token.text))
                except ValueError:
                    raise InvalidFilter(
                        f"the text at position {token.position} has an escape that JSON has not"
                    ) from None
            case "number":
                return float(token.text) if "." in token.text else int(token.text)
            case "word" if token.text in ("true", "false", "null"):
                return {"true": True, "false": False, "null": None}[token.text]
        raise InvalidFilter(f"expected a value at position {token.position}")

    def _peek(self) -> _Token:
        return self._tokens[self._next]

    def _take(self) -> _Token:
        token = self._tokens[self._next]
        if token.kind != "end":
            self._next += 1
        return token

    def _take_word(self, word: str) -> bool:
        token = self._peek()
        if token.kind == "word" and token.text.lower() == word:
            self._next += 1
            return True
        return False

    def _expect(self, kind: str, what: str) -> _Token:
        token = self._take()
        if token.kind != kind:
            raise InvalidFilter(f"expected {what} at position {token.position}")
        return token


def _tokens(expression: str) -> Iterator[_Token]:
    position = 0
    end = len(expression.rstrip())
    while position < end:
        match = _TOKEN.match(expression, position)
        if match is None or match.lastgroup is None:
            raise InvalidFilter(f"cannot be read at position {position}")
        yield _Token(match.lastgroup, match[match.lastgroup], match.start(match.lastgroup))
        position = match.end()
    yield _Token("end", "the end", end)


def _values(item: Any, names: list[str]) -> Iterator[Any]:  # noqa: ANN401 - JSON
    """Yield what stands at the path; each element of an array on the way, and of one at its end."""
    if isinstance(item, list):
        for element in item:
            yield from _values(element, names)
    elif not names:
        yield item
    elif isinstance(item, Mapping) and names[0] in item:
        yield from _values(item[names[0]], names[1:])


def _comparison(name: str, wanted: Literal, fold: Callable[[str], str]) -> Callable[[Any], bool]:
    if name in ("eq", "ne"):
        return lambda value: _equal(value, wanted, fold)
    if name in ("co", "sw", "ew"):
        return lambda value: _text_comparison(name, value, wanted, fold)
    return lambda value: _ordered(name, value, wanted, fold)


def _equal(value: object, wanted: Literal, fold: Callable[[str], str]) -> bool:
    if isinstance(value, str) and isinstance(wanted, str):
        return fold(value) == fold(wanted)
    if _is_number(value) and _is_number(wanted):
        return value == wanted
    return type(value) is type(wanted) and value == wanted


def _text_comparison(name: str, value: object, wanted: Literal, fold: Callable[[str], str]) -> bool:
    if not isinstance(value, str) or not isinstance(wanted, str):
        return False
    if name == "co":
        return fold(wanted) in fold(value)
    if name == "sw":
        return fold(value).startswith(fold(wanted))
    return fold(value).endswith(fold(wanted))


def _ordered(name: str, value: object, wanted: Literal, fold: Callable[[str], str]) -> bool:
    """Compare times as times, numbers as numbers, other texts as texts; unlike ones never match."""
    left: Any
    right: Any
    if isinstance(value, str) and isinstance(wanted, str):
        times = _time(value), _time(wanted)
        left, right = times if None not in times else (fold(value), fold(wanted))
    elif _is_number(value) and _is_number(wanted):
        left, right = value, wanted
    else:
        return False
    match name:
        case "gt":
            return bool(left > right)
        case "ge":
            return bool(left >= right)
        case "lt":
            return bool(left < right)
        case _:
            return bool(left <= right)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _time(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None
