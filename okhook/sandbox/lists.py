"""Lists in the API: their query parameters, and pages with ``Link`` headers.

An invalid parameter raises ``ApiRefusal``.
"""

import re
from collections.abc import Iterable, Sequence
from urllib.parse import quote, urlencode

from starlette.responses import Response

from okhook.filter_language.parser import NotUnderstood
from okhook.sandbox.call import Call, Params, json_answer
from okhook.sandbox.refusals import invalid
from okhook.sandbox.scim_filter import Test, parse_filter
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
