"""Event hook filters: the part of Okta Expression Language that they use.

``event.target.?[type eq 'UserGroup' && displayName eq 'Sales'].size() > 0``: paths into the event,
selections from lists, comparisons, ``&&``, ``||`` and ``!``, or the words for them. The rest of
Okta's language raises ``NotUnderstood``. Filters are Early Access in Okta; if okhook and Okta
differ, Okta decides.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from okhook.filter_language.parser import (
    LITERALS,
    NotUnderstood,
    Parser,
    Term,
    Token,
    number,
    truth,
)
from okhook.filter_language.values import (
    COMPARISONS,
    WITH_ARGUMENT,
    WITHOUT_ARGUMENT,
    element,
    member,
    selection,
)

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

It raises ``NotUnderstood`` if the expression is neither true nor false for this event.
"""

_Step = Callable[[object, object], object]
"""``.name``, ``[0]``, ``.?[…]``, ``.size()``: returns the value that it selects from the first one.

Its second argument is the object whose members an argument can name.
"""


def parse_filter_expression(text: str) -> FilterTest:
    """Parse an expression, or raise ``NotUnderstood``."""
    term = _FilterParser(_LANGUAGE, text, _SIGNS).whole()
    return lambda event: truth(term({_ROOT: _with_debug_data(event)}))


def _with_debug_data(event: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the event with ``debugData`` at the top, as Okta's help writes it."""
    context = event.get("debugContext")
    if "debugData" in event or not isinstance(context, Mapping):
        return event
    return {**event, "debugData": context.get("debugData")}


class _FilterParser(Parser):
    """Outside a selection, a name must be ``event``; inside, it is a member of an element."""

    _selections = 0

    def _comparison(self) -> Term:
        left = self._negatable()
        compare = COMPARISONS.get(self._operator())
        if compare is None:
            return left
        self._take()
        right = self._negatable()
        return lambda scope: compare(left(scope), right(scope))

    def _operand(self) -> Term:
        start = self._start()
        steps: list[_Step] = []
        while self._is_next(".", "?.", "["):
            steps.append(self._step())

        def selected(scope: object) -> object:
            value = start(scope)
            for step in steps:
                value = step(value, scope)
            return value

        return selected if steps else start

    def _start(self) -> Term:
        token = self._next
        match token.kind:
            case "text":
                quote = token.text[0]
                return self._literal(token.text[1:-1].replace(quote * 2, quote))
            case "number":
                return self._literal(number(token.text))
            case "name" if token.text.lower() in LITERALS:
                return self._literal(LITERALS[token.text.lower()])
            case "name":
                return self._named(self._take())
        return self._group()

    def _literal(self, value: str | float | bool | None) -> Term:
        self._take()
        return lambda _: value

    def _named(self, token: Token) -> Term:
        if self._is_next("("):
            raise NotUnderstood(f"the function {token.text}()")
        if self._selections == 0 and token.text != _ROOT:
            raise NotUnderstood(f"{token.text!r} at position {token.position}: expected event")
        return lambda scope: member(scope, token.text)

    def _step(self) -> _Step:
        if self._take().text == "[":
            return self._element()
        if self._is_next("?["):
            return self._selection()
        if self._next.kind != "name":
            raise self._unexpected()
        name = self._take().text
        return self._method(name) if self._is_next("(") else lambda value, _: member(value, name)

    def _element(self) -> _Step:
        token = self._next
        if token.kind != "number" or not token.text.isdigit():
            raise self._unexpected()
        self._take()
        self._expect("]")
        return lambda value, _: element(value, int(token.text))

    def _selection(self) -> _Step:
        self._take()
        self._selections += 1
        test = self._either()
        self._selections -= 1
        self._expect("]")
        return lambda value, _: selection(value, test)

    def _method(self, name: str) -> _Step:
        self._take()
        if name in WITH_ARGUMENT:
            argument, method = self._either(), WITH_ARGUMENT[name]
            self._expect(")")
            return lambda value, scope: method(value, argument(scope))
        if name not in WITHOUT_ARGUMENT:
            raise NotUnderstood(f"the method {name}()")
        self._expect(")")
        return lambda value, _: WITHOUT_ARGUMENT[name](value)
