"""The form that a value has in JSON: that of a dataclass is its fields.

Times, enums, tuples and other dataclasses get the form that JSON has for them.
``Annotated[..., JsonForm(...)]`` gives a field another name or form. ``json_fields`` says what is
written where that is not simply every field: names of fields or properties, in their order,
``"name=path"`` for another name and ``"delivery.source"`` for a part of a field.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, datetime
from enum import Enum
from functools import cache
from operator import attrgetter, methodcaller
from types import NoneType
from typing import Any, final

JsonObject = dict[str, Any]
JsonFields = tuple[str, ...]


@final
@dataclass(frozen=True, slots=True)
class JsonForm:
    """How a field stands in JSON: its name there, and the form of a value that is not None.

    A field that is ``omitted_when_none`` stands there only where it has a value.
    """

    name: str | None = None
    form: Callable[[Any], object] | None = None
    omitted_when_none: bool = False


def rounded(digits: int) -> JsonForm:
    """Write a number with so many decimal places."""
    return JsonForm(form=lambda number: round(number, digits))


def milliseconds(name: str, digits: int | None = None) -> JsonForm:
    """Write a duration in seconds as milliseconds, under a name that ends in ``_ms``."""
    return JsonForm(name, lambda duration_s: round(duration_s * 1000, digits))


def text() -> JsonForm:
    """Write bytes as text."""
    return JsonForm(form=lambda content: content.decode("utf-8", "replace"))


def fields_as_json(value: object) -> JsonObject:
    """Return the fields of a dataclass, as they are written, as a JSON object."""
    kind: object = type(value)
    written: JsonObject = {}
    for field in written_fields(kind):
        part = field.read(value)
        if part is not None:
            written[field.name] = field.form(part)
        elif not field.omitted_when_none:
            written[field.name] = None
    return written


def as_json(value: object) -> object:
    """Return a value in the form that JSON has for it."""
    kind: object = type(value)
    return _form_of(kind)(value)


def timestamp(moment: datetime) -> str:
    """Return an aware time as Okta writes it: UTC, milliseconds, ``Z``."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@final
@dataclass(frozen=True, slots=True)
class WrittenField:
    """A field of a dataclass as it is written: its name, and how its value is read and put."""

    name: str
    read: Callable[[object], Any]
    form: Callable[[Any], object]
    omitted_when_none: bool


@cache
def written_fields(kind: type[Any]) -> tuple[WrittenField, ...]:
    """Return the fields of a dataclass as they are written, in their order."""
    every = [field.name for field in fields(kind)]
    return tuple(_field(kind, entry) for entry in getattr(kind, "json_fields", None) or every)


def _field(kind: type[Any], entry: str) -> WrittenField:
    name, _, path = entry.rpartition("=")
    form = _annotated_form(kind, path)
    return WrittenField(
        name or form.name or path.rpartition(".")[2],
        attrgetter(path),
        form.form or as_json,
        form.omitted_when_none,
    )


def _annotated_form(kind: type[Any], path: str) -> JsonForm:
    """Return what the annotation of the field at ``path`` says; nothing for a property."""
    owner: object = kind
    marks: tuple[object, ...] = ()
    for name in path.split("."):
        annotation = getattr(owner, "__annotations__", {}).get(name)
        marks = getattr(annotation, "__metadata__", ())
        owner = getattr(annotation, "__origin__", annotation)
    return next((mark for mark in marks if isinstance(mark, JsonForm)), JsonForm())


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
    if issubclass(kind, str | int | float | dict | NoneType):
        return lambda value: value
    raise TypeError(f"{kind.__name__} has no form in JSON")
