"""Read JSON as typed values."""

from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import UTC, datetime
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeVar, cast, get_args, get_origin

_Value = TypeVar("_Value")


def read_as(kind: type[_Value], value: object) -> _Value:
    """Return JSON as a value of ``kind``: a dataclass, a list, tuple or dict of them, or a scalar.

    An invalid item is skipped, and an invalid field gets its default.

    Raises:
        ValueError: the value as a whole is invalid.
    """
    return cast("_Value", _read(kind, value))


def _read(kind: object, value: object) -> object:
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return _read(arguments[0], value)
    if origin is UnionType:
        for read in (read for each in arguments for read in _readable(each, [value])):
            return read
    if origin in (list, tuple) and isinstance(value, list):
        return origin(_readable(arguments[0], value))
    if origin is dict and isinstance(value, dict):
        return {
            key: read for key, part in value.items() for read in _readable(arguments[1], [part])
        }
    if kind is datetime and isinstance(value, str):
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
    if isinstance(kind, type) and is_dataclass(kind) and isinstance(value, dict):
        return kind(**_arguments(kind, value))
    is_scalar = kind in (str, int, float, bool, NoneType) and type(value) is kind
    if is_scalar or (origin is Literal and value in arguments):
        return value
    raise ValueError(f"not a {kind}")


def _readable(kind: object, values: list[Any]) -> list[object]:
    read = []
    for value in values:
        try:
            read.append(_read(kind, value))
        except (ValueError, OverflowError):
            continue
    return read


def _arguments(kind: type[Any], content: Mapping[str, object]) -> dict[str, object]:
    arguments = {}
    for field in fields(kind):
        present = [content[field.name]] if field.name in content else []
        for read in _readable(field.type, present):
            arguments[field.name] = read
        if field.name not in arguments and field.default is field.default_factory is MISSING:
            raise ValueError(f"no {field.name}")
    return arguments
