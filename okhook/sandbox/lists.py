"""Lists in the API: their query parameters, and pages with ``Link`` headers.

An invalid parameter raises ``ApiRefusal``.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import quote, urlencode

from starlette.responses import Response

from okhook.filter_language.parser import NotUnderstood
from okhook.sandbox.call import Call, Params, json_answer
from okhook.sandbox.refusals import invalid, invalid_search
from okhook.sandbox.scim import Operators, Test, parse_filter
from okhook.sandbox.state import Json

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
    """Return the SCIM filter in a parameter as a test."""
    expression = first(params, name)
    try:
        return None if expression is None else parse_filter(expression)
    except NotUnderstood as error:
        raise invalid(name, f"{name}: {error}") from None


def search_and_filter(params: Params, search: Operators, filters: Operators) -> Test | None:
    """Return one test for ``search``, which ignores case, and ``filter``; None without either.

    Both have only the operators that Okta has for an attribute, and no ``not``.
    """
    tests = []
    for name, operators in (("search", search), ("filter", filters)):
        expression = first(params, name)
        try:
            if expression is not None:
                tests.append(parse_filter(expression, operators, ignore_case=name == "search"))
        except NotUnderstood as error:
            raise invalid_search(f"{name}: {error}") from None
    return (lambda item: all(test(item) for test in tests)) if tests else None


def sorted_as_asked(params: Params, found: list[Json]) -> list[Json]:
    """Sort the answer of a search; equal values are in the order of the ids."""
    sort_by = first(params, "sortBy")
    if sort_by is None or first(params, "search") is None:
        return found
    order = (first(params, "sortOrder") or "asc").lower()
    if order not in ("asc", "desc"):
        raise invalid("sortOrder", "sortOrder: must be asc or desc")

    def key(item: Json) -> tuple[str, str]:
        value: Any = item
        for name in sort_by.split("."):
            value = value.get(name) if isinstance(value, dict) else None
        return ("" if value is None else str(value).casefold(), item["id"])

    return sorted(found, key=key, reverse=order == "desc")


def expanded(call: Call, known: Sequence[str]) -> list[str]:
    """Return what ``expand`` asks to embed; only a GET can ask."""
    asked = first(call.params, "expand") if call.request.method == "GET" else None
    names = [name.strip() for name in (asked or "").split(",") if name.strip()]
    if unknown := [name for name in names if name not in known]:
        raise invalid("expand", f"expand: {unknown[0]} cannot be embedded here")
    return names


def begins_with(q: str | None, *values: object) -> bool:
    """Tell whether a value begins with ``q``, ignoring case. Without ``q``, any does."""
    texts = [value.casefold() for value in values if isinstance(value, str)]
    return q is None or any(text.startswith(q.casefold()) for text in texts)


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
    return json_answer(page, links_of(call, _cursor(rest, limit) if more else None))


def links_of(call: Call, next_cursor: str | None) -> list[str]:
    """Return the ``Link`` headers of a page; ``next_cursor`` starts the next one."""
    links = [_link(call, call.params, "self")]
    if next_cursor is not None:
        others = [(key, value) for key, value in call.params if key != "after"]
        links.append(_link(call, [("after", next_cursor), *others], "next"))
    return links


def _link(call: Call, params: Params, rel: str) -> str:
    url = f"{call.origin}{call.request.url.path}"
    query = urlencode(list(params), quote_via=quote)  # nothing in it can end the <…>
    return f'<{url}?{query}>; rel="{rel}"' if query else f'<{url}>; rel="{rel}"'


def _cursor(items: Sequence[Json], limit: int) -> str:
    """Return a cursor behind ``limit`` items: the last id of the page and the first of the next.

    A client that deletes or deactivates what it has just read removes the last one from the list.
    """
    return f"{items[limit - 1]['id']}.{items[limit]['id']}"


def _items_after(cursor: str | None, items: Sequence[Json]) -> Sequence[Json]:
    if cursor is None:
        return items
    last, _, following = cursor.partition(".")
    ids = [item["id"] for item in items]
    if last in ids:
        return items[ids.index(last) + 1 :]
    if following in ids:
        return items[ids.index(following) :]
    raise invalid("after", "after: not a cursor of this list")
