"""Read JSON as typed values."""

from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
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
        return _first_that_reads(arguments, value)
    if origin in (list, tuple) and isinstance(value, list):
        return origin(_readable(arguments[0], value))
    if origin is dict and isinstance(value, dict):
        return {
            key: read for key, part in value.items() for read in _readable(arguments[1], [part])
        }
    if origin is Literal and value in arguments:
        return value
    if kind is datetime and isinstance(value, str):
        return _moment(value)
    if isinstance(kind, type) and is_dataclass(kind) and isinstance(value, dict):
        return kind(**_arguments(kind, value))
    if kind in (str, int, float, bool, NoneType) and type(value) is kind:
        return value
    raise ValueError(f"not a {kind}")


def _first_that_reads(kinds: tuple[Any, ...], value: object) -> object:
    for kind in kinds:
        for read in _readable(kind, [value]):
            return read
    raise ValueError(f"none of {kinds}")


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
        if field.name not in arguments and _is_required(field):
            raise ValueError(f"no {field.name}")
    return arguments


def _is_required(field: Field[Any]) -> bool:
    return field.default is MISSING and field.default_factory is MISSING


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a time without its offset")
    return moment.astimezone(UTC)
