"""Lists in the API: their query parameters, SCIM filters, and pages with ``Link`` headers.

An invalid parameter raises ``ApiRefusal``. A filter (RFC 7644, 3.4.2.2) such as ``eventType eq
"user.lifecycle.create" and (outcome.result eq "FAILURE" or not actor.id pr)`` has every operator
except the brackets, as in Okta's System Log. A path through an array matches if one element does.
"""

import json
import operator
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote, urlencode

from starlette.responses import Response

from okhook.filter_language.parser import LITERALS, NotUnderstood, Parser, Term, number, truth
from okhook.sandbox.call import Call, Params, json_answer
from okhook.sandbox.refusals import invalid
from okhook.sandbox.state import Json

Test = Callable[[Mapping[str, Any]], bool]

_WHOLE_NUMBER = re.compile(r"[0-9]{1,18}")


def first(params: Params, name: str) -> str | None:
    """Return the first query parameter called ``name`` that is not empty."""
    return next((value for key, value in params if key == name and value), None)


def whole_number(text: str) -> int | None:
    """Return the number in decimal digits, or None."""
    return int(text) if _WHOLE_NUMBER.fullmatch(text) else None


def limit_of(params: Params, *, default: int, maximum: int) -> int:
    """Return ``limit``."""
    text = first(params, "limit")
    limit = default if text is None else whole_number(text)
    if limit is None or limit > maximum:
        raise invalid("limit", f"limit: must be a whole number from 0 to {maximum}")
    return limit


def filter_in(params: Params, name: str) -> Test | None:
    """Return the SCIM filter in a parameter as a test; ``search`` ignores case."""
    expression = first(params, name)
    if expression is None:
        return None
    try:
        return parse_filter(expression, ignore_case=name == "search")
    except NotUnderstood as error:
        raise invalid(name, f"{name}: {error}") from None


def search_and_filter(params: Params) -> Test | None:
    """Return one test for ``search`` and ``filter``; None without either."""
    tests = [test for name in ("search", "filter") if (test := filter_in(params, name))]
    return (lambda item: all(test(item) for test in tests)) if tests else None


def begins_with(text: object, q: str) -> bool:
    """Tell whether a value begins with ``q``, ignoring case."""
    return isinstance(text, str) and text.casefold().startswith(q.casefold())


def check_unused(attribute: str, profile: Json, others: Iterable[Json]) -> None:
    """Refuse a profile if another one has the same value of the attribute, ignoring case."""
    value = profile[attribute].casefold()
    if any(other["profile"][attribute].casefold() == value for other in others):
        cause = "An object with this field already exists in the current organization"
        raise invalid(attribute, f"{attribute}: {cause}")


def page_answer(
    call: Call, items: Sequence[Json], *, default: int, maximum: int, has_next: bool = True
) -> Response:
    """Answer with the requested page of ``items``, and links to it and to the next page."""
    limit = limit_of(call.params, default=default, maximum=maximum)
    rest = _items_after(first(call.params, "after"), items)
    page = rest[:limit]
    more = len(rest) > len(page) > 0 and has_next
    return json_answer(page, links_of(call, page[-1]["id"] if more else None))


def links_of(call: Call, next_cursor: str | None) -> list[str]:
    """Return the ``Link`` headers of a page; ``next_cursor`` starts the next one."""
    links = [_link(call, call.params, "self")]
    if next_cursor is not None:
        others = [(key, value) for key, value in call.params if key != "after"]
        links.append(_link(call, [("after", next_cursor), *others], "next"))
    return links


def _link(call: Call, params: Params, rel: str) -> str:
    url = f"{call.org.url}{call.request.url.path}"
    query = urlencode(list(params), quote_via=quote)  # nothing in it can end the <…>
    return f'<{url}?{query}>; rel="{rel}"' if query else f'<{url}>; rel="{rel}"'


def _items_after(cursor: str | None, items: Sequence[Json]) -> Sequence[Json]:
    if cursor is None:
        return items
    ids = [item["id"] for item in items]
    if cursor not in ids:
        raise invalid("after", "after: not a cursor of this list")
    return items[ids.index(cursor) + 1 :]


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


def parse_filter(expression: str, *, ignore_case: bool = False) -> Test:
    """Return a test for JSON objects; raise ``NotUnderstood`` if this is not a filter."""
    term = _ScimParser(expression, str.casefold if ignore_case else str).whole()
    return lambda item: truth(term(item))


class _ScimParser(Parser):
    def __init__(self, expression: str, fold: Callable[[str], str]) -> None:
        super().__init__(_LANGUAGE, expression)
        self._fold = fold

    def _operand(self) -> Term:
        if self._is_next("("):
            return self._group()
        path = self._name().split(".")
        if not all(path):
            raise NotUnderstood(f"{'.'.join(path)!r} is not an attribute")
        position, word = self._next.position, self._name()
        name = word.lower()
        if name == "pr":
            return lambda item: any(value is not None for value in _values(item, path))
        if name not in _COMPARISONS:
            raise NotUnderstood(f"{word!r} at position {position} is not an operator")
        wanted, fold = self._literal(), self._fold

        def matches(item: Mapping[str, Any]) -> bool:
            return any(_compare(name, value, wanted, fold) for value in _values(item, path))

        return (lambda item: not matches(item)) if name == "ne" else matches

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
    if isinstance(value, str) and isinstance(wanted, str):
        times = (_time(value), _time(wanted)) if name in _ORDERS else (None, None)
        return _COMPARISONS[name](*(times if None not in times else (fold(value), fold(wanted))))
    if _is_number(value) and _is_number(wanted):
        return name in ("eq", "ne", *_ORDERS) and _COMPARISONS[name](value, wanted)
    return name in ("eq", "ne") and type(value) is type(wanted) and value == wanted


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _time(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None
