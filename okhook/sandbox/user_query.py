"""Questions to the list of users: ``q``, ``search``, ``filter``, and pages."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from okhook.sandbox.list_query import Shape, behind, filter_of
from okhook.sandbox.paging import first, limit_of
from okhook.sandbox.refusals import invalid
from okhook.sandbox.scim_filter import Test

MAX_LIMIT = 200
_DEFAULT_LIMIT_OF_Q = 10
_Q_ATTRIBUTES = ("firstName", "lastName", "email")


@dataclass(frozen=True, slots=True)
class UserPage:
    """An answer. ``next_cursor`` is None where there is no next page."""

    users: list[Shape]
    next_cursor: str | None


def user_page(params: Sequence[tuple[str, str]], users: Sequence[Shape]) -> UserPage:
    """Return the page of ``users`` (as the API shapes them, oldest first) that is asked for.

    Without ``search`` and ``filter`` the DEPROVISIONED are left out, as in Okta.

    Raises:
        ApiRefusal: a parameter cannot be meant.

    """
    q = first(params, "q")
    test = _test(params)
    found = [user for user in users if test(user) and _begins_with(user, q)]
    found = _sorted(params, found)
    default = MAX_LIMIT if q is None else _DEFAULT_LIMIT_OF_Q
    limit = limit_of(params, default=default, maximum=MAX_LIMIT)
    rest = behind(first(params, "after"), found)
    page = list(rest[:limit])
    more = len(rest) > len(page) > 0 and q is None
    return UserPage(page, page[-1]["id"] if more else None)


def _test(params: Sequence[tuple[str, str]]) -> Test:
    return filter_of(params) or (lambda user: user["status"] != "DEPROVISIONED")


def _begins_with(user: Shape, q: str | None) -> bool:
    if q is None:
        return True
    wanted = q.casefold()
    values = (user["profile"].get(name) for name in _Q_ATTRIBUTES)
    return any(isinstance(v, str) and v.casefold().startswith(wanted) for v in values)


def _sorted(params: Sequence[tuple[str, str]], users: list[Shape]) -> list[Shape]:
    """Sort the answer of a search; users with the same value are ordered by id."""
    sort_by = first(params, "sortBy")
    if sort_by is None or first(params, "search") is None:
        return users
    order = (first(params, "sortOrder") or "asc").lower()
    if order not in ("asc", "desc"):
        raise invalid("sortOrder", "sortOrder: must be asc or desc")
    return sorted(users, key=_sort_key(sort_by.split(".")), reverse=order == "desc")


def _sort_key(names: Sequence[str]) -> Callable[[Shape], tuple[str, str]]:
    def key(user: Shape) -> tuple[str, str]:
        value: Any = user
        for name in names:
            value = value.get(name) if isinstance(value, dict) else None
        return ("" if value is None else str(value).casefold(), user["id"])

    return key
