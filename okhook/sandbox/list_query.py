"""What the lists of users and groups have in common: filters and cursors over the API's shapes."""

from collections.abc import Sequence
from typing import Any

from okhook.sandbox.paging import first
from okhook.sandbox.refusals import invalid
from okhook.sandbox.scim_filter import InvalidFilter, Test, parse_filter

Shape = dict[str, Any]


def filter_of(params: Sequence[tuple[str, str]]) -> Test | None:
    """Return what ``search`` and ``filter`` ask for together; None where there is neither.

    Raises:
        ApiRefusal: one of them cannot be read.

    """
    tests = [
        _parsed(name, expression, ignore_case=name == "search")
        for name in ("search", "filter")
        if (expression := first(params, name)) is not None
    ]
    return (lambda shape: all(test(shape) for test in tests)) if tests else None


def behind(cursor: str | None, shapes: Sequence[Shape]) -> Sequence[Shape]:
    """Return what follows on the shape whose id is ``cursor``; all of it where there is none.

    Raises:
        ApiRefusal: no page of the list gave such a cursor.

    """
    if cursor is None:
        return shapes
    ids = [shape["id"] for shape in shapes]
    if cursor not in ids:
        raise invalid("after", "after: not a cursor of this list")
    return shapes[ids.index(cursor) + 1 :]


def _parsed(name: str, expression: str, *, ignore_case: bool) -> Test:
    try:
        return parse_filter(expression, ignore_case=ignore_case)
    except InvalidFilter as error:
        raise invalid(name, f"{name}: {error}") from None
