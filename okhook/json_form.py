"""How values are written as JSON. A dataclass is written as its fields.

Times become timestamps, enums their values, and tuples lists.
``Annotated[..., JsonForm(...)]`` gives a field another name or form. ``json_fields`` says what is
written where that is not simply every field: names of fields or properties, in order, with spaces
between them; ``name=path`` for another name, ``delivery.source`` for a part of a field.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, datetime
from enum import Enum
from functools import cache
from inspect import getattr_static
from operator import attrgetter, methodcaller
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NamedTuple, final, get_args, get_origin

JsonObject = dict[str, Any]


@final
@dataclass(frozen=True, slots=True)
class JsonForm:
    """How a field is written: its name in JSON, and the form of a value that is not None.

    A field that is ``omitted_when_none`` is written only if it has a value.
    """

    name: str | None = None
    form: Callable[[Any], object] | None = None
    omitted_when_none: bool = False


def rounded(digits: int) -> JsonForm:
    """Write a number with that many decimal places."""
    return JsonForm(form=lambda number: round(number, digits))


def milliseconds(name: str, digits: int | None = None) -> JsonForm:
    """Write a duration in seconds as milliseconds, under a name that ends in ``_ms``."""
    return JsonForm(name, lambda duration_s: round(duration_s * 1000, digits))


def text() -> JsonForm:
    """Write bytes as text."""
    return JsonForm(form=lambda content: content.decode("utf-8", "replace"))


def fields_as_json(value: object) -> JsonObject:
    """Return the fields of a dataclass as a JSON object."""
    kind: object = type(value)
    written = {}
    for name, read, form, omitted_when_none in written_fields(kind):
        part = read(value)
        if part is not None:
            written[name] = form(part) if form else part
        elif not omitted_when_none:
            written[name] = None
    return written


def as_json(value: object) -> object:
    """Return a value as JSON."""
    kind: object = type(value)
    return _form_of(kind)(value)


def timestamp(moment: datetime) -> str:
    """Return an aware time as Okta writes it: UTC, milliseconds, ``Z``."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class WrittenField(NamedTuple):
    """How a part of a dataclass is written. Without a ``form`` it is JSON as it is."""

    name: str
    read: Callable[[object], Any]
    form: Callable[[Any], object] | None
    omitted_when_none: bool


@cache
def written_fields(kind: type[Any]) -> tuple[WrittenField, ...]:
    """Return how a dataclass is written."""
    listed: str = getattr(kind, "json_fields", "")
    entries = listed.split() or [field.name for field in fields(kind)]
    return tuple(_written_field(kind, entry) for entry in entries)


def _written_field(kind: type[Any], entry: str) -> WrittenField:
    name, _, path = entry.rpartition("=")
    annotation = _annotation(kind, path)
    marks = getattr(annotation, "__metadata__", ())
    said = next((mark for mark in marks if isinstance(mark, JsonForm)), JsonForm())
    return WrittenField(
        name or said.name or path.rpartition(".")[2],
        attrgetter(path),
        said.form or (None if _is_json_type(annotation) else as_json),
        said.omitted_when_none,
    )


def _annotation(kind: type[Any], path: str) -> object:
    """Return the annotation of the field or property at ``path``; None if it has none."""
    annotation: object = kind
    for name in path.split("."):
        owner = get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation
        annotation = getattr(owner, "__annotations__", {}).get(name)
        if annotation is None:
            member = getattr_static(owner, name, None)
            function = getattr(member, "fget", None) or getattr(member, "func", None)
            annotation = getattr(function, "__annotations__", {}).get("return")
    return annotation


def _is_json_type(annotation: object) -> bool:
    """Return whether every value with this annotation is JSON as it is."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _is_json_type(arguments[0])
    if origin is UnionType:
        return all(map(_is_json_type, arguments))
    return origin is Literal or annotation in (str, int, float, bool, NoneType)


@cache
def _form_of(kind: type[Any]) -> Callable[[Any], object]:
    """Return what turns a value of this type into JSON."""
    if hasattr(kind, "to_json"):
        return methodcaller("to_json")
    if is_dataclass(kind):
        return fields_as_json
    if issubclass(kind, Enum):
        return attrgetter("value")
    if issubclass(kind, datetime):
        return timestamp
    if issubclass(kind, tuple | list):
        return lambda items: [as_json(item) for item in items]
    if issubclass(kind, dict):
        return lambda members: {name: as_json(member) for name, member in members.items()}
    if issubclass(kind, str | int | float | NoneType):
        return lambda value: value
    raise TypeError(f"{kind.__name__} has no form in JSON")
