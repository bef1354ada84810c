"""SCIM filters (RFC 7644, 3.4.2.2) over JSON objects, as System Log and Users API take them.

``eventType eq "user.lifecycle.create" and (outcome.result eq "FAILURE" or not actor.id pr)``: every
operator but the brackets, as Okta's System Log has it. A path that meets an array is true for it
when it is true for one of its elements.
"""

import json
import operator
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final, final

from okhook.filter_language.tokens import NotAToken, Tokens

Test = Callable[[Mapping[str, Any]], bool]

MAX_LENGTH = 8_000
"""How many characters a filter may have."""

_MAX_DEPTH = 50
"""How deep parentheses and ``not`` may nest."""

_LANGUAGE = re.compile(
    r"""\s*(?:
        (?P<text>"(?:[^"\\]|\\.)*")
      | (?P<open>\() | (?P<close>\))
      | (?P<number>-?[0-9]+(?:\.[0-9]+)?(?![A-Za-z0-9_.:-]))
      | (?P<word>[A-Za-z_$][A-Za-z0-9_$.:-]*)
    )""",
    re.VERBOSE,
)
_LITERALS: Final[Mapping[str, bool | None]] = {"true": True, "false": False, "null": None}
_OF_TEXTS: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "co": operator.contains,
    "sw": str.startswith,
    "ew": str.endswith,
}
_OF_ORDER: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "gt": operator.gt,
    "ge": operator.ge,
    "lt": operator.lt,
    "le": operator.le,
}


class InvalidFilter(ValueError):
    """The filter cannot be read; the message says what is wrong, and where."""


def parse_filter(expression: str, *, ignore_case: bool = False) -> Test:
    """Return a test for JSON objects; with ``ignore_case`` texts are compared without it.

    Raises:
        InvalidFilter: the expression is not a filter.
    """
    if len(expression) > MAX_LENGTH:
        raise InvalidFilter(f"a filter has at most {MAX_LENGTH} characters")
    try:
        tokens = Tokens(_LANGUAGE, expression)
    except NotAToken as error:
        raise InvalidFilter(f"cannot be read at position {error.position}") from None
    return _Parser(tokens, str.casefold if ignore_case else str).whole()


@final
class _Parser:
    """Recursive descent: ``or`` binds weakest, then ``and``, then ``not``."""

    def __init__(self, tokens: Tokens, fold: Callable[[str], str]) -> None:
        self._tokens = tokens
        self._fold = fold
        self._depth = 0

    def whole(self) -> Test:
        test = self._either()
        rest = self._tokens.next
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
            if self._tokens.next.kind != "open":
                return self._comparison()
            self._tokens.take()
            test = self._either()
            self._expect("close", "')'")
            return test
        finally:
            self._depth -= 1

    def _comparison(self) -> Test:
        path = self._expect("word", "an attribute")
        names = path.split(".")
        if not all(names):
            raise InvalidFilter(f"{path!r} is not an attribute")
        position = self._tokens.next.position
        word = self._expect("word", "an operator")
        name = word.lower()
        if name == "pr":
            return lambda item: any(value is not None for value in _values(item, names))
        if name not in ("eq", "ne", *_OF_TEXTS, *_OF_ORDER):
            raise InvalidFilter(f"{word!r} at position {position} is not an operator")
        compare = _comparison(name, self._literal(), self._fold)
        if name == "ne":
            return lambda item: not any(compare(value) for value in _values(item, names))
        return lambda item: any(compare(value) for value in _values(item, names))

    def _literal(self) -> object:
        token = self._tokens.take()
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
            case "word" if token.text in _LITERALS:
                return _LITERALS[token.text]
        raise InvalidFilter(f"expected a value at position {token.position}")

    def _take_word(self, word: str) -> bool:
        token = self._tokens.next
        if token.kind == "word" and token.text.lower() == word:
            self._tokens.take()
            return True
        return False

    def _expect(self, kind: str, what: str) -> str:
        token = self._tokens.take()
        if token.kind != kind:
            raise InvalidFilter(f"expected {what} at position {token.position}")
        return token.text


def _values(item: Any, names: list[str]) -> Iterator[Any]:  # noqa: ANN401 - JSON
    """Yield what stands at the path; each element of an array on the way, and of one at its end."""
    if isinstance(item, list):
        for element in item:
            yield from _values(element, names)
    elif not names:
        yield item
    elif isinstance(item, Mapping) and names[0] in item:
        yield from _values(item[names[0]], names[1:])


def _comparison(name: str, wanted: object, fold: Callable[[str], str]) -> Callable[[object], bool]:
    if name in _OF_TEXTS:
        compare = _OF_TEXTS[name]
        return lambda value: (
            isinstance(value, str)
            and isinstance(wanted, str)
            and compare(fold(value), fold(wanted))
        )
    if name in _OF_ORDER:
        return lambda value: _ordered(_OF_ORDER[name], value, wanted, fold)
    return lambda value: _equal(value, wanted, fold)


def _equal(value: object, wanted: object, fold: Callable[[str], str]) -> bool:
    if isinstance(value, str) and isinstance(wanted, str):
        return fold(value) == fold(wanted)
    if _is_number(value) and _is_number(wanted):
        return value == wanted
    return type(value) is type(wanted) and value == wanted


def _ordered(
    compare: Callable[[Any, Any], bool], value: object, wanted: object, fold: Callable[[str], str]
) -> bool:
    """Compare times as times, numbers as numbers, other texts as texts; unlike ones never match."""
    if isinstance(value, str) and isinstance(wanted, str):
        times = _time(value), _time(wanted)
        return compare(*(times if None not in times else (fold(value), fold(wanted))))
    return _is_number(value) and _is_number(wanted) and compare(value, wanted)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _time(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None
