"""How values are written as JSON. A dataclass is written as its fields.

Times become timestamps, enums their values, and tuples lists.
``Annotated[..., JsonForm(...)]`` gives a field another name or form. ``json_fields`` says what is
written where that is not simply every field: names of fields or properties, in order, with spaces
between them; ``name=path`` for another name, ``delivery.source`` for a part of a field.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, datetime
from enum import Enum
from functools import cache
from inspect import getattr_static
from operator import attrgetter, methodcaller
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, final, get_args, get_origin

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
    plan = written_fields(kind)
    written = dict(zip(plan.names, plan.read(value), strict=True))
    for name, form in plan.forms:
        part = written[name]
        if part is not None:
            written[name] = form(part)
    for name in plan.optional:
        if written[name] is None:
            del written[name]
    return written


def as_json(value: object) -> object:
    """Return a value as JSON."""
    kind: object = type(value)
    return _form_of(kind)(value)


def timestamp(moment: datetime) -> str:
    """Return an aware time as Okta writes it: UTC, milliseconds, ``Z``."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@final
@dataclass(frozen=True, slots=True)
class WrittenFields:
    """How a dataclass is written: the names in order, and how the values are read.

    ``forms`` are those of the fields whose values are not written as they are; ``optional`` fields
    are left out where they are None.
    """

    names: tuple[str, ...]
    read: Callable[[object], tuple[Any, ...]]
    forms: tuple[tuple[str, Callable[[Any], object]], ...]
    optional: tuple[str, ...]


@cache
def written_fields(kind: type[Any]) -> WrittenFields:
    """Return how a dataclass is written."""
    listed: str = getattr(kind, "json_fields", "")
    entries = listed.split() or [field.name for field in fields(kind)]
    paths = [entry.rpartition("=")[2] for entry in entries]
    annotations = [_annotation(kind, path) for path in paths]
    said = [_json_form(annotation) for annotation in annotations]
    names = tuple(map(_name, entries, said))
    forms = [
        (name, form.form or as_json)
        for name, form, annotation in zip(names, said, annotations, strict=True)
        if form.form or not _is_json_type(annotation)
    ]
    optional = [name for name, form in zip(names, said, strict=True) if form.omitted_when_none]
    return WrittenFields(names, _reader(paths), tuple(forms), tuple(optional))


def _name(entry: str, form: JsonForm) -> str:
    name, _, path = entry.rpartition("=")
    return name or form.name or path.rpartition(".")[2]


def _reader(paths: Sequence[str]) -> Callable[[object], tuple[Any, ...]]:
    """Return what reads the values at ``paths``; ``attrgetter`` alone gives no tuple for one."""
    if not paths:
        return lambda _: ()
    if len(paths) == 1:
        read = attrgetter(*paths)
        return lambda value: (read(value),)
    return attrgetter(*paths)


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


def _json_form(annotation: object) -> JsonForm:
    marks = getattr(annotation, "__metadata__", ())
    return next((mark for mark in marks if isinstance(mark, JsonForm)), JsonForm())


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
    if issubclass(kind, str | int | float | dict | NoneType):
        return lambda value: value
    raise TypeError(f"{kind.__name__} has no form in JSON")
