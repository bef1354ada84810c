"""Small JSON files in the state directory."""

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Generic, Literal, TypeVar, cast, get_args, get_origin

from okhook.json_form import as_json
from okhook.runtime.atomic_write import atomic_write
from okhook.runtime.unix import lock

_Content = TypeVar("_Content")


@dataclass(frozen=True, slots=True)
class StateFile(Generic[_Content]):
    """A file that only its owner may read. ``synced`` writes return when they are on the disk."""

    path: Path
    kind: type[_Content]
    synced: bool = False

    def read(self) -> _Content | None:
        """Return the content; None if the file is missing or damaged."""
        try:
            content = json.loads(self.path.read_text(encoding="utf-8"))
            return read_as(self.kind, content)
        except (OSError, ValueError, OverflowError, RecursionError):
            return None

    def write(self, content: _Content) -> None:
        """Replace the content. A reader sees all of it or none of it."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with atomic_write(self.path, synced=self.synced) as file:
            json.dump(as_json(content), file, indent=2)

    def change(self, change: Callable[[_Content | None], _Content]) -> None:
        """Replace the content with ``change(content)``, while no other process changes it."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        name = f"{self.path.name}.lock"
        descriptor = os.open(self.path.with_name(name), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            lock(descriptor)
            self.write(change(self.read()))
        finally:
            os.close(descriptor)


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
