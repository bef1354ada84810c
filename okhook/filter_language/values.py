"""The values of a filter expression: how they compare, their members and their methods.

Okta's expressions are SpEL, which works on Java objects. Over JSON, a missing member is null, null
has no elements, and null contains nothing. A value of the wrong kind raises ``NotUnderstood``.
"""

import operator
from collections.abc import Callable, Mapping
from types import UnionType
from typing import Any, Final

from okhook.filter_language.parser import NotUnderstood, kind_of, truth

Comparison = Callable[[object, object], bool]


def member(value: object, name: str) -> object:
    """Return a member of an object, null if it is missing."""
    if value is None:
        return None
    if not isinstance(value, Mapping):
        raise NotUnderstood(f"{name!r} of {kind_of(value)}")
    return value.get(name)


def element(value: object, index: int) -> object:
    """Return an element of a list, null if it is missing."""
    elements = _elements(value, f"[{index}]")
    return elements[index] if index < len(elements) else None


def selection(value: object, test: Callable[[object], object]) -> object:
    """Return the elements of a list for which ``test`` is true."""
    return [each for each in _elements(value, ".?[…]") if truth(test(each))]


def _elements(value: object, step: str) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise NotUnderstood(f"{step} of {kind_of(value)}")
    return value


def _equal(left: object, right: object) -> bool:
    if isinstance(left, list | Mapping) and isinstance(right, list | Mapping):
        raise NotUnderstood(f"{kind_of(left)} compared with {kind_of(right)}")
    if isinstance(left, bool) != isinstance(right, bool):
        return False
    return left == right


def _ordered(compare: Callable[[Any, Any], bool]) -> Comparison:
    def compared(left: object, right: object) -> bool:
        kinds = kind_of(left), kind_of(right)
        if kinds not in (("a number", "a number"), ("a text", "a text")):
            raise NotUnderstood(f"{kinds[0]} compared with {kinds[1]}")
        return compare(left, right)

    return compared


def _method(
    name: str, kinds: type | UnionType, apply: Callable[[Any], object]
) -> Callable[[object], object]:
    def method(value: object) -> object:
        if not isinstance(value, kinds):
            raise NotUnderstood(f"{name} of {kind_of(value)}")
        return apply(value)

    return method


def _contains(value: object, wanted: object) -> object:
    if value is None:
        return False
    if isinstance(value, list):
        return any(_equal(element, wanted) for element in value)
    return _text(wanted, "contains()") in _text(value, "contains()")


def _text(value: object, method: str) -> str:
    if not isinstance(value, str):
        raise NotUnderstood(f"{method} of {kind_of(value)}")
    return value


def _of_texts(name: str, compare: Callable[[str, str], bool]) -> Callable[[object, object], object]:
    def compared(value: object, wanted: object) -> object:
        return value is not None and compare(_text(value, name), _text(wanted, name))

    return compared


COMPARISONS: Final[Mapping[str, Comparison]] = {
    "eq": _equal,
    "ne": lambda left, right: not _equal(left, right),
    "lt": _ordered(operator.lt),
    "le": _ordered(operator.le),
    "gt": _ordered(operator.gt),
    "ge": _ordered(operator.ge),
}

WITHOUT_ARGUMENT: Final[Mapping[str, Callable[[object], object]]] = {
    "size": _method("size()", list | Mapping | None, lambda value: len(value or ())),
    "length": _method("length()", str, len),
    "isEmpty": _method("isEmpty()", list | str | Mapping | None, operator.not_),
    "toLowerCase": _method("toLowerCase()", str, str.lower),
    "toUpperCase": _method("toUpperCase()", str, str.upper),
}

WITH_ARGUMENT: Final[Mapping[str, Callable[[object, object], object]]] = {
    "contains": _contains,
    "startsWith": _of_texts("startsWith()", str.startswith),
    "endsWith": _of_texts("endsWith()", str.endswith),
}
