"""Filters of event hooks: the part of Okta Expression Language that they are written in.

``event.target.?[type eq 'UserGroup' && displayName eq 'Sales'].size() > 0``: paths into the event,
selections from lists, comparisons, ``&&``, ``||`` and ``!``, and the words for these. Anything else
in Okta's language raises ``NotUnderstood``. Filters are Early Access in Okta, and Okta's own
evaluation is the one that counts.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, final

from okhook.filter_language.tokens import Token, tokens
from okhook.filter_language.values import (
    COMPARISONS,
    WITH_ARGUMENT,
    WITHOUT_ARGUMENT,
    NotUnderstood,
    element,
    member,
    selected,
    takes_argument,
    truth,
)

Term = Callable[[object], object]
"""A part of an expression: its value in a scope, the object whose members it may name."""

Step = Callable[[object, object], object]
"""What follows a value (``.name``, ``[0]``, ``.?[…]``, ``.size()``): its value, in a scope."""

__all__ = ["FilterExpression", "NotUnderstood", "parse_filter_expression"]

MAX_LENGTH: Final = 8_000
"""How many characters an expression may have."""

_MAX_DEPTH: Final = 50
"""How deep parentheses, selections and negations may nest."""

_ROOT = "event"
_LITERALS: Final[Mapping[str, bool | None]] = {"true": True, "false": False, "null": None}
_SIGNS: Final[Mapping[str, str]] = {
    "==": "eq",
    "!=": "ne",
    "<": "lt",
    "<=": "le",
    ">": "gt",
    ">=": "ge",
    "&&": "and",
    "||": "or",
    "!": "not",
}


@final
@dataclass(frozen=True, slots=True)
class FilterExpression:
    """An expression that was read. ``text`` is the expression as it was written."""

    text: str
    _term: Term

    def matches(self, event: Mapping[str, Any]) -> bool:
        """Tell whether a System Log event, in either of its shapes, passes.

        Raises:
            NotUnderstood: for this event the expression is neither true nor false.

        """
        return truth(self._term({_ROOT: _with_debug_data(event)}))


def parse_filter_expression(text: str) -> FilterExpression:
    """Read an expression.

    Raises:
        NotUnderstood: it is not an expression, or has a part that we cannot evaluate.

    """
    if len(text) > MAX_LENGTH:
        raise NotUnderstood(f"more than {MAX_LENGTH} characters")
    return FilterExpression(text, _Parser(list(tokens(text))).whole())


def _with_debug_data(event: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the event with ``debugData`` where Okta's help has it: ``event.debugData.…``."""
    context = event.get("debugContext")
    if "debugData" in event or not isinstance(context, Mapping):
        return event
    return {**event, "debugData": context.get("debugData")}


@final
class _Parser:
    """Recursive descent: ``||`` binds weakest, then ``&&``, then comparisons, then ``!``."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._next = 0
        self._depth = 0
        self._selections = 0

    def whole(self) -> Term:
        """Read all of it."""
        term = self._either()
        if self._peek().kind != "end":
            raise self._unexpected()
        return term

    def _either(self) -> Term:
        terms = self._joined("or", self._every)
        return terms[0] if len(terms) == 1 else lambda scope: any(truth(t(scope)) for t in terms)

    def _every(self) -> Term:
        terms = self._joined("and", self._comparison)
        return terms[0] if len(terms) == 1 else lambda scope: all(truth(t(scope)) for t in terms)

    def _joined(self, operator: str, read: Callable[[], Term]) -> list[Term]:
        terms = [read()]
        while self._operator() == operator:
            self._take()
            terms.append(read())
        return terms

    def _comparison(self) -> Term:
        left = self._one()
        holds = COMPARISONS.get(self._operator())
        if holds is None:
            return left
        self._take()
        right = self._one()
        return lambda scope: holds(left(scope), right(scope))

    def _one(self) -> Term:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise NotUnderstood(f"nesting deeper than {_MAX_DEPTH} levels")
        try:
            if self._operator() != "not":
                return self._path()
            self._take()
            term = self._one()
            return lambda scope: not truth(term(scope))
        finally:
            self._depth -= 1

    def _path(self) -> Term:
        start = self._start()
        steps: list[Step] = []
        while self._is_next(".", "?.", "["):
            steps.append(self._step())

        def value(scope: object) -> object:
            reached = start(scope)
            for step in steps:
                reached = step(reached, scope)
            return reached

        return value if steps else start

    def _start(self) -> Term:
        token = self._peek()
        match token.kind:
            case "text":
                self._take()
                quote = token.text[0]
                return _constant(token.text[1:-1].replace(quote * 2, quote))
            case "number":
                self._take()
                return _constant(float(token.text) if "." in token.text else int(token.text))
            case "name":
                return self._named(self._take())
        self._expect("(")
        inner = self._either()
        self._expect(")")
        return inner

    def _named(self, token: Token) -> Term:
        name = token.text
        if name.lower() in _LITERALS:
            return _constant(_LITERALS[name.lower()])
        if self._is_next("("):
            raise NotUnderstood(f"the function {name}()")
        if self._selections == 0 and name != _ROOT:
            raise NotUnderstood(f"{name!r} at position {token.position}: there is only event")
        return lambda scope: member(scope, name)

    def _step(self) -> Step:
        if self._take().text == "[":
            return self._element()
        if self._is_next("?["):
            return self._selection()
        if self._peek().kind != "name":
            raise self._unexpected()
        name = self._take().text
        return self._method(name) if self._is_next("(") else lambda value, _: member(value, name)

    def _element(self) -> Step:
        token = self._peek()
        if token.kind != "number" or not token.text.isdigit():
            raise self._unexpected()
        self._take()
        self._expect("]")
        return lambda value, _: element(value, int(token.text))

    def _selection(self) -> Step:
        self._take()
        self._selections += 1
        test = self._either()
        self._selections -= 1
        self._expect("]")
        return lambda value, _: selected(value, lambda entry: truth(test(entry)))

    def _method(self, name: str) -> Step:
        self._take()
        if not takes_argument(name):
            self._expect(")")
            return lambda value, _: WITHOUT_ARGUMENT[name](value)
        argument = self._either()
        self._expect(")")
        return lambda value, scope: WITH_ARGUMENT[name](value, argument(scope))

    def _operator(self) -> str:
        """Return the operator that comes next, by its word; "" where none does."""
        token = self._peek()
        if token.kind == "sign":
            return _SIGNS.get(token.text, "")
        return token.text.lower() if token.kind == "name" else ""

    def _peek(self) -> Token:
        return self._tokens[self._next]

    def _take(self) -> Token:
        """Go on to the next token; the end is never taken."""
        token = self._peek()
        self._next += 1
        return token

    def _is_next(self, *signs: str) -> bool:
        token = self._peek()
        return token.kind == "sign" and token.text in signs

    def _expect(self, sign: str) -> None:
        if not self._is_next(sign):
            raise self._unexpected()
        self._take()

    def _unexpected(self) -> NotUnderstood:
        token = self._peek()
        return NotUnderstood(f"{token.text!r} at position {token.position}")


def _constant(value: str | float | bool | None) -> Term:
    return lambda _: value
