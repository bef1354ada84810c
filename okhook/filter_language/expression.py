"""Filters of event hooks: the part of Okta Expression Language that they are written in.

``event.target.?[type eq 'UserGroup' && displayName eq 'Sales'].size() > 0``: paths into the event,
selections from lists, comparisons, ``&&``, ``||`` and ``!``, and the words for these. Anything else
in Okta's language raises ``NotUnderstood``. Filters are Early Access in Okta, and Okta's own
evaluation is the one that counts.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, final

from okhook.filter_language.tokens import NotAToken, Token, Tokens
from okhook.filter_language.values import (
    COMPARISONS,
    WITH_ARGUMENT,
    WITHOUT_ARGUMENT,
    NotUnderstood,
    element,
    member,
    selection,
    truth,
)

__all__ = ["FilterTest", "NotUnderstood", "parse_filter_expression"]

MAX_LENGTH: Final = 8_000
"""How many characters an expression may have."""

_MAX_DEPTH: Final = 50
"""How deep parentheses, selections and negations may nest."""

_LANGUAGE = re.compile(
    r"""\s*(?:
        (?P<text>'(?:[^']|'')*'|"(?:[^"]|"")*")
      | (?P<number>-?[0-9]{1,15}(?:\.[0-9]{1,15})?(?![A-Za-z0-9_.]))
      | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
      | (?P<sign>\?\[|\?\.|&&|\|\||[=!<>]=|[<>!.()\[\]])
    )""",
    re.VERBOSE,
)
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

FilterTest = Callable[[Mapping[str, Any]], bool]
"""Tells whether a System Log event, in either of its shapes, passes.

It raises ``NotUnderstood`` if for this event the expression is neither true nor false.
"""

_Term = Callable[[object], object]
"""A part of an expression: gives its value for the object whose names it may use."""

_Join = Callable[[Iterable[bool]], bool]

_Step = Callable[[object, object], object]
"""``.name``, ``[0]``, ``.?[…]``, ``.size()``: gives where it leads to from the value on its left.

Its second argument is the object whose names an argument may use.
"""


def parse_filter_expression(text: str) -> FilterTest:
    """Read an expression.

    Raises:
        NotUnderstood: it is not an expression, or has a part that we cannot evaluate.
    """
    if len(text) > MAX_LENGTH:
        raise NotUnderstood(f"more than {MAX_LENGTH} characters")
    try:
        tokens = Tokens(_LANGUAGE, text)
    except NotAToken as error:
        blanks = len(text[error.position :]) - len(text[error.position :].lstrip())
        raise NotUnderstood(f"what stands at position {error.position + blanks}") from None
    term = _Parser(tokens).whole()
    return lambda event: truth(term({_ROOT: _with_debug_data(event)}))


def _with_debug_data(event: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the event with ``debugData`` where Okta's help has it: ``event.debugData.…``."""
    context = event.get("debugContext")
    if "debugData" in event or not isinstance(context, Mapping):
        return event
    return {**event, "debugData": context.get("debugData")}


@final
class _Parser:
    """Recursive descent: ``||`` binds weakest, then ``&&``, then comparisons, then ``!``.

    Inside a selection names stand for members of the list's elements, so any name may be there.
    """

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self._depth = 0
        self._selections = 0

    def whole(self) -> _Term:
        term = self._either()
        if self._tokens.next.kind != "end":
            raise self._unexpected()
        return term

    def _either(self) -> _Term:
        return self._joined("or", self._every, any)

    def _every(self) -> _Term:
        return self._joined("and", self._comparison, all)

    def _joined(self, operator: str, part: Callable[[], _Term], joined: _Join) -> _Term:
        terms = [part()]
        while self._operator() == operator:
            self._tokens.take()
            terms.append(part())
        if len(terms) == 1:
            return terms[0]
        return lambda scope: joined(truth(term(scope)) for term in terms)

    def _comparison(self) -> _Term:
        left = self._one()
        compare = COMPARISONS.get(self._operator())
        if compare is None:
            return left
        self._tokens.take()
        right = self._one()
        return lambda scope: compare(left(scope), right(scope))

    def _one(self) -> _Term:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise NotUnderstood(f"nesting deeper than {_MAX_DEPTH} levels")
        try:
            if self._operator() != "not":
                return self._path()
            self._tokens.take()
            negated = self._one()
            return lambda scope: not truth(negated(scope))
        finally:
            self._depth -= 1

    def _path(self) -> _Term:
        start = self._start()
        steps: list[_Step] = []
        while self._is_next(".", "?.", "["):
            steps.append(self._step())

        def reached(scope: object) -> object:
            value = start(scope)
            for step in steps:
                value = step(value, scope)
            return value

        return reached if steps else start

    def _start(self) -> _Term:
        token = self._tokens.next
        match token.kind:
            case "text":
                quote = token.text[0]
                return self._literal(token.text[1:-1].replace(quote * 2, quote))
            case "number":
                return self._literal(float(token.text) if "." in token.text else int(token.text))
            case "name" if token.text.lower() in _LITERALS:
                return self._literal(_LITERALS[token.text.lower()])
            case "name":
                return self._named(self._tokens.take())
        self._expect("(")
        inner = self._either()
        self._expect(")")
        return inner

    def _literal(self, value: str | float | bool | None) -> _Term:
        self._tokens.take()
        return lambda _: value

    def _named(self, token: Token) -> _Term:
        if self._is_next("("):
            raise NotUnderstood(f"the function {token.text}()")
        if self._selections == 0 and token.text != _ROOT:
            raise NotUnderstood(f"{token.text!r} at position {token.position}: there is only event")
        return lambda scope: member(scope, token.text)

    def _step(self) -> _Step:
        if self._tokens.take().text == "[":
            return self._element()
        if self._is_next("?["):
            return self._selection()
        if self._tokens.next.kind != "name":
            raise self._unexpected()
        name = self._tokens.take().text
        return self._method(name) if self._is_next("(") else lambda value, _: member(value, name)

    def _element(self) -> _Step:
        token = self._tokens.next
        if token.kind != "number" or not token.text.isdigit():
            raise self._unexpected()
        self._tokens.take()
        self._expect("]")
        return lambda value, _: element(value, int(token.text))

    def _selection(self) -> _Step:
        self._tokens.take()
        self._selections += 1
        test = self._either()
        self._selections -= 1
        self._expect("]")
        return lambda value, _: selection(value, test)

    def _method(self, name: str) -> _Step:
        self._tokens.take()
        if name in WITH_ARGUMENT:
            argument, method = self._either(), WITH_ARGUMENT[name]
            self._expect(")")
            return lambda value, scope: method(value, argument(scope))
        if name not in WITHOUT_ARGUMENT:
            raise NotUnderstood(f"the method {name}()")
        self._expect(")")
        return lambda value, _: WITHOUT_ARGUMENT[name](value)

    def _operator(self) -> str:
        """Return the operator that comes next, by its word; "" for anything else."""
        token = self._tokens.next
        if token.kind == "sign":
            return _SIGNS.get(token.text, "")
        return token.text.lower() if token.kind == "name" else ""

    def _is_next(self, *signs: str) -> bool:
        token = self._tokens.next
        return token.kind == "sign" and token.text in signs

    def _expect(self, sign: str) -> None:
        if not self._is_next(sign):
            raise self._unexpected()
        self._tokens.take()

    def _unexpected(self) -> NotUnderstood:
        token = self._tokens.next
        return NotUnderstood(f"{token.text!r} at position {token.position}")
