"""SCIM filters (RFC 7644, 3.4.2.2): ``eventType eq "user.lifecycle.create" and not actor.id pr``.

They have every operator except the brackets, as in Okta's System Log. A path through an array
matches if one element does.
"""

import json
import operator
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from okhook.filter_language.parser import LITERALS, NotUnderstood, Parser, Term, number, truth
from okhook.json_form import moment_of

Test = Callable[[Mapping[str, Any]], bool]

Operators = Mapping[str, Sequence[str]]
"""The operators that Okta takes for an attribute; ``profile.*`` stands for any other one in it."""

EQUAL: Final = ("eq",)
TIMES: Final = ("eq", "gt", "ge", "lt", "le")
SEARCHES: Final = ("eq", "sw", "pr", "gt", "ge", "lt", "le")
CONTAINS: Final = (*SEARCHES, "co")

_OF_TIME: Final = (
    *("created", "activated", "statusChanged", "lastUpdated", "lastMembershipUpdated"),
    *("lastLogin", "passwordChanged", "published"),
)
"""Attributes that are times, however a filter spells the time."""

_LANGUAGE = re.compile(
    r"""\s*(?:
        (?P<text>"(?:[^"\\]|\\.)*")
      | (?P<sign>[()])
      | (?P<number>-?[0-9]{1,30}(?:\.[0-9]{1,30})?(?![A-Za-z0-9_.:-]))
      | (?P<name>[A-Za-z_$][A-Za-z0-9_$.:-]*)
    )""",
    re.VERBOSE,
)
_ORDERS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "gt": operator.gt,
    "ge": operator.ge,
    "lt": operator.lt,
    "le": operator.le,
}
_COMPARISONS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "eq": operator.eq,
    "ne": operator.eq,
    "co": operator.contains,
    "sw": str.startswith,
    "ew": str.endswith,
    **_ORDERS,
}


def parse_filter(
    expression: str, operators: Operators | None = None, *, ignore_case: bool = False
) -> Test:
    """Return a test for JSON objects; raise ``NotUnderstood`` if this is not a filter."""
    term = _ScimParser(expression, operators, str.casefold if ignore_case else str).whole()
    return lambda item: truth(term(item))


class _ScimParser(Parser):
    def __init__(
        self, expression: str, operators: Operators | None, fold: Callable[[str], str]
    ) -> None:
        super().__init__(_LANGUAGE, expression)
        self._known_operators = operators
        self._fold = fold

    def _negatable(self) -> Term:
        if self._known_operators is not None and self._operator() == "not":
            raise NotUnderstood("not is not supported")
        return super()._negatable()

    def _operand(self) -> Term:
        if self._is_next("("):
            return self._group()
        path = self._name().split(".")
        if not all(path):
            raise NotUnderstood(f"{'.'.join(path)!r} is not an attribute")
        position, word = self._next.position, self._name()
        name = word.lower()
        self._check_operator(path, name)
        if name == "pr":
            return lambda item: any(value is not None for value in _values(item, path))
        if name not in _COMPARISONS:
            raise NotUnderstood(f"{word!r} at position {position} is not an operator")
        wanted, fold = self._literal(), self._fold
        if path[0] in _OF_TIME and name in (*TIMES, "ne") and wanted is not None:
            wanted = _moment(path[0], wanted)

        def matches(item: Mapping[str, Any]) -> bool:
            return any(_compare(name, value, wanted, fold) for value in _values(item, path))

        return (lambda item: not matches(item)) if name == "ne" else matches

    def _check_operator(self, path: list[str], operator: str) -> None:
        if self._known_operators is None:
            return
        attribute = ".".join(path)
        known = self._known_operators.get(attribute)
        if known is None and len(path) == 2:
            known = self._known_operators.get(f"{path[0]}.*")
        if known is None:
            raise NotUnderstood(f"{attribute} is not an attribute that can be searched")
        if operator not in known:
            raise NotUnderstood(f"{attribute} has only the operators {', '.join(known)}")

    def _name(self) -> str:
        if self._next.kind != "name":
            raise self._unexpected()
        return self._take().text

    def _literal(self) -> object:
        token = self._next
        match token.kind:
            case "text":
                try:
                    value: object = json.loads(token.text)
                except ValueError:
                    at = f"at position {token.position}"
                    raise NotUnderstood(f"the text {at} is not a JSON string") from None
            case "number":
                value = number(token.text)
            case "name" if token.text in LITERALS:
                value = LITERALS[token.text]
            case _:
                raise self._unexpected()
        self._take()
        return value


def _values(item: Any, names: list[str]) -> Iterator[Any]:  # noqa: ANN401 - JSON
    """Yield the values at the path, with each element of the arrays on the way and at its end."""
    if isinstance(item, list):
        for element in item:
            yield from _values(element, names)
    elif not names:
        yield item
    elif isinstance(item, Mapping):
        try:
            member = item[names[0]]
        except KeyError:
            return
        yield from _values(member, names[1:])


def _compare(name: str, value: object, wanted: object, fold: Callable[[str], str]) -> bool:
    """Compare two times, texts or numbers; values of different kinds never match."""
    if isinstance(wanted, datetime):
        moment = _time(value) if isinstance(value, str) else None
        return moment is not None and _COMPARISONS[name](moment, wanted)
    if isinstance(value, str) and isinstance(wanted, str):
        times = (_time(value), _time(wanted)) if name in _ORDERS else (None, None)
        return _COMPARISONS[name](*(times if None not in times else (fold(value), fold(wanted))))
    if _is_number(value) and _is_number(wanted):
        return name in ("eq", "ne", *_ORDERS) and _COMPARISONS[name](value, wanted)
    return name in ("eq", "ne") and type(value) is type(wanted) and value == wanted


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _moment(attribute: str, literal: object) -> datetime:
    moment = moment_of(literal) if isinstance(literal, str) else None
    if moment is None:
        like = "2026-01-31T12:00:00.000Z"
        raise NotUnderstood(f"{attribute} is compared with a time such as {like}")
    return moment


def _time(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None
