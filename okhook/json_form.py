"""Write values as JSON. A dataclass becomes an object with its fields.

``Annotated[..., JsonForm(...)]`` changes the name or form of a field. ``json_fields`` selects other
fields or properties, separated by spaces: ``name=path`` changes the name, and
``delivery.source`` selects a part of a field.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, datetime
from enum import Enum
from functools import cache
from inspect import getattr_static
from operator import attrgetter, methodcaller
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NamedTuple, get_args, get_origin

JsonObject = dict[str, Any]


@dataclass(frozen=True, slots=True)
class JsonForm:
    """The name of a field in JSON, and the form of its value unless that is None."""

    name: str | None = None
    form: Callable[[Any], object] | None = None
    omitted_when_none: bool = False


def rounded(digits: int) -> JsonForm:
    """Round a number to ``digits`` decimal places."""
    return JsonForm(form=lambda number: round(number, digits))


def milliseconds(name: str, digits: int | None = None) -> JsonForm:
    """Write a duration in seconds as milliseconds, with a ``name`` that ends in ``_ms``."""
    return JsonForm(name, lambda duration_s: round(duration_s * 1000, digits))


def text() -> JsonForm:
    """Write bytes as text."""
    return JsonForm(form=lambda content: content.decode("utf-8", "replace"))


def fields_as_json(value: object, *, without: Collection[str] = ()) -> JsonObject:
    """Return the fields of a dataclass as a JSON object, ``without`` some of them."""
    kind: object = type(value)
    written = {}
    for name, read, form, omitted_when_none in written_fields(kind):
        if name in without:
            continue
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
    """Return an aware time in Okta's format: UTC, milliseconds, ``Z``."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def moment_of(text: str) -> datetime | None:
    """Return the time in a text, in UTC, or None. A time without a zone counts as UTC."""
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


class WrittenField(NamedTuple):
    """How to write a part of a dataclass. Without a ``form`` its value is already JSON."""

    name: str
    read: Callable[[object], Any]
    form: Callable[[Any], object] | None
    omitted_when_none: bool


@cache
def written_fields(kind: type[Any]) -> tuple[WrittenField, ...]:
    """Return how to write a dataclass."""
    listed: str = getattr(kind, "json_fields", "")
    entries = listed.split() or [field.name for field in fields(kind)]
    return tuple(_written_field(kind, entry) for entry in entries)


def _written_field(kind: type[Any], entry: str) -> WrittenField:
    name, _, path = entry.rpartition("=")
    annotation = _annotation(kind, path)
    marks = getattr(annotation, "__metadata__", ())
    mark = next((each for each in marks if isinstance(each, JsonForm)), JsonForm())
    return WrittenField(
        name or mark.name or path.rpartition(".")[2],
        attrgetter(path),
        mark.form or (None if _is_json_type(annotation) else as_json),
        mark.omitted_when_none,
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
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _is_json_type(arguments[0])
    if origin is UnionType:
        return all(map(_is_json_type, arguments))
    return origin is Literal or annotation in (str, int, float, bool, NoneType)


@cache
def _form_of(kind: type[Any]) -> Callable[[Any], object]:
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
    raise TypeError(f"{kind.__name__} cannot be written as JSON")
