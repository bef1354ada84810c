"""Read values of the org's file; each raises ``TypeError`` or ``ValueError`` for another kind."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

SavedObject = dict[str, Any]
T = TypeVar("T")


def optional(value: Any, read: Callable[[Any], T]) -> T | None:  # noqa: ANN401 - JSON
    """Return what ``read`` makes of a value, None for null."""
    return None if value is None else read(value)


def as_text(value: object) -> str:
    """Return a text."""
    if not isinstance(value, str):
        raise TypeError(f"expected a text, not {type(value).__name__}")
    return value


def as_number(value: object) -> int:
    """Return a whole number."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"expected a whole number, not {type(value).__name__}")
    return value


def as_truth(value: object) -> bool:
    """Return true or false."""
    if not isinstance(value, bool):
        raise TypeError(f"expected true or false, not {type(value).__name__}")
    return value


def as_list(value: object) -> list[Any]:
    """Return an array."""
    if not isinstance(value, list):
        raise TypeError(f"expected an array, not {type(value).__name__}")
    return value


def as_object(value: object) -> SavedObject:
    """Return an object."""
    if not isinstance(value, dict):
        raise TypeError(f"expected an object, not {type(value).__name__}")
    return value


def as_time(value: object) -> datetime:
    """Return an aware time."""
    moment = datetime.fromisoformat(as_text(value))
    if moment.tzinfo is None:
        raise ValueError("a time has no time zone")
    return moment
