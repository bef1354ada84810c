"""Questions to the lists of groups and of their users: ``q``, ``search``, ``filter``, and pages."""

from collections.abc import Sequence
from dataclasses import dataclass

from okhook.sandbox.list_query import Shape, behind, filter_of
from okhook.sandbox.paging import first, limit_of

_MAX_GROUPS = 10_000
_MAX_OF_Q = 300
_MAX_MEMBERS = 1000


@dataclass(frozen=True, slots=True)
class ListPage:
    """An answer. ``next_cursor`` is None where there is no next page."""

    shapes: list[Shape]
    next_cursor: str | None


def group_page(params: Sequence[tuple[str, str]], groups: Sequence[Shape]) -> ListPage:
    """Return the page of ``groups`` (as the API shapes them, oldest first) that is asked for.

    ``q`` finds names that begin so, and its answer has no second page, as in Okta.

    Raises:
        ApiRefusal: a parameter cannot be meant.

    """
    q, test = first(params, "q"), filter_of(params)
    found = [
        group
        for group in groups
        if (test is None or test(group)) and _begins_with(group["profile"]["name"], q)
    ]
    if q is not None:
        limit = limit_of(params, default=_MAX_OF_Q, maximum=_MAX_GROUPS)
        return ListPage(found[:limit], None)
    return _page(params, found, _MAX_GROUPS)


def member_page(params: Sequence[tuple[str, str]], users: Sequence[Shape]) -> ListPage:
    """Return the page of a group's ``users`` that is asked for.

    Raises:
        ApiRefusal: a parameter cannot be meant.

    """
    return _page(params, users, _MAX_MEMBERS)


def _page(params: Sequence[tuple[str, str]], found: Sequence[Shape], maximum: int) -> ListPage:
    limit = limit_of(params, default=maximum, maximum=maximum)
    rest = behind(first(params, "after"), found)
    page = list(rest[:limit])
    more = len(rest) > len(page) > 0
    return ListPage(page, page[-1]["id"] if more else None)


def _begins_with(name: str, q: str | None) -> bool:
    return q is None or name.casefold().startswith(q.casefold())
