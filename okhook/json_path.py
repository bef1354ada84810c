"""Set values in a JSON document at paths such as ``data.events[0].actor.displayName``.

``["a name"]`` is a name with dots or brackets, ``[0]`` an entry of an array, and ``[*]`` every
entry. A path may start with ``$.`` as in JSONPath, or with ``.`` as in jq. Errors are
:class:`NotAPath`.
"""

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from types import NoneType
from typing import Any, Final

Step = str | int | None
"""A name, the index of an entry, or None for ``[*]``: every entry."""

_STEP: Final = re.compile(
    r"""
      \[ (?P<index> \d{1,9} ) \]
    | \[ (?P<every> \* ) \]
    | \[ (?P<quoted> "(?:[^"\\]|\\.)*" ) \]
    | (?P<dot> \.? ) (?P<name> [^.\[\]="\s]+ )
    """,
    re.VERBOSE,
)


_KINDS: Final = {
    NoneType: "null",
    bool: "a boolean",
    int: "a number",
    float: "a number",
    str: "a string",
    list: "an array",
}


class NotAPath(ValueError):
    """The path is invalid, or does not fit the document. The message names the path."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """A path as it was written, its steps, and the value to set there."""

    path: str
    steps: tuple[Step, ...]
    value: Any


def parse_assignment(text: str) -> Assignment:
    """Read ``PATH=JSON``. A value that is not JSON, as in ``a.b=yes``, is a string.

    Raises NotAPath for an invalid path, and for a value that begins like JSON and is none.
    """
    steps, end = _steps(text)
    if not steps or text[end : end + 1] != "=":
        raise NotAPath(_fault(text, end))
    value: Any = text[end + 1 :]
    try:
        value = strict_json(value)
    except ValueError:
        if value.lstrip().startswith(("{", "[", '"')):
            raise NotAPath(f"{text[:end]}: the value is not valid JSON") from None
    return Assignment(text[:end], tuple(steps), value)


def assigned(document: Any, assignment: Assignment) -> Any:  # noqa: ANN401 - any JSON value
    """Return a copy of ``document`` with the value set at the path.

    Missing names are added, and so is the next entry of an array. A null on the way becomes an
    object or array.
    """
    return _with(document, assignment, 0)


@dataclass(frozen=True, slots=True)
class Addition:
    """A path that was not in a document, up to its first new part, and the name that it resembles.

    ``meant`` is the path with that name; None if the document has none like it.
    """

    path: str
    meant: str | None


def addition(document: Any, assignment: Assignment) -> Addition | None:  # noqa: ANN401
    """Return what :func:`assigned` adds to ``document``; None if the path is there already."""
    present = [document]
    for depth, step in enumerate(assignment.steps):
        found = [each for value in present for each in _found(value, step)]
        if not found:
            return _addition(present, assignment.steps[: depth + 1])
        present = found
    return None


def _addition(around: Sequence[Any], steps: Sequence[Step]) -> Addition | None:
    """Return the addition whose last step is new, in each of the values ``around`` it."""
    name = steps[-1]
    if name is None:  # there is no entry to change
        return None
    if not isinstance(name, str):
        return Addition(_written(steps), None)
    import difflib  # slow to import, and seldom needed

    names = dict.fromkeys(known for value in around if isinstance(value, dict) for known in value)
    near = difflib.get_close_matches(name, names, n=1)
    return Addition(_written(steps), _written([*steps[:-1], near[0]]) if near else None)


def _found(value: Any, step: Step) -> list[Any]:  # noqa: ANN401 - any JSON value
    """Return what is at a step from a value: nothing, one value, or every entry."""
    match step:
        case str() if isinstance(value, dict) and step in value:
            return [value[step]]
        case int() if isinstance(value, list) and step < len(value):
            return [value[step]]
        case None if isinstance(value, list):
            return value
    return []


def strict_json(text: str | bytes) -> Any:  # noqa: ANN401 - any JSON value
    """Read JSON without NaN, and without numbers too large for a double.

    Raises:
        ValueError: it is not such JSON, is not UTF-8, or is nested too deeply.
    """
    try:
        return json.loads(text, parse_constant=_finite, parse_float=_finite)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def json_object_in(text: str | bytes) -> dict[str, Any]:
    """Return the JSON object in a text; an empty one if it is anything else."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _with(value: Any, assignment: Assignment, depth: int) -> Any:  # noqa: ANN401
    if depth == len(assignment.steps):
        return assignment.value
    match assignment.steps[depth]:
        case str(name):
            members = _container(value, dict, assignment, depth)
            return {**members, name: _with(members.get(name), assignment, depth + 1)}
        case int(index):
            entries = list(_container(value, list, assignment, depth))
            if index > len(entries):
                where = _written(assignment.steps[:depth])
                size = len(entries)
                raise NotAPath(f"{assignment.path}: {where} has no [{index}] (size {size})")
            present = entries[index] if index < len(entries) else None
            entries[index : index + 1] = [_with(present, assignment, depth + 1)]
            return entries
        case None:
            entries = _container(value, list, assignment, depth)
            return [_with(entry, assignment, depth + 1) for entry in entries]


def _container(value: Any, kind: type, assignment: Assignment, depth: int) -> Any:  # noqa: ANN401
    if value is None:
        return kind()
    if isinstance(value, kind):
        return value
    where = _written(assignment.steps[:depth])
    needed = "an object" if kind is dict else "an array"
    raise NotAPath(f"{assignment.path}: {where} is {json_kind(value)}, not {needed}")


def _steps(text: str) -> tuple[list[Step], int]:
    """Return the steps at the beginning of ``text``, and where they end."""
    position = 1 if text.startswith("$") else 0
    steps: list[Step] = []
    while found := _STEP.match(text, position):
        name_needs_dot = bool(steps) or text.startswith("$")
        if found["name"] and name_needs_dot and not found["dot"]:
            break
        steps.append(_step(found, text))
        position = found.end()
    return steps, position


def _step(found: re.Match[str], text: str) -> Step:
    if found["index"]:
        return int(found["index"])
    if found["every"]:
        return None
    if found["quoted"]:
        try:
            return str(json.loads(found["quoted"]))
        except ValueError:
            raise NotAPath(_fault(text, found.start())) from None
    return found["name"]


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text} is not a finite number")
    return number


def _fault(text: str, position: int) -> str:
    path, equals, _ = text.partition("=")
    if not path or not equals:
        return f"{text}: expected FIELD=VALUE"
    return f"{path}: invalid path at character {position + 1}"


def _written(steps: Sequence[Step]) -> str:
    """Return a path as a person would write it."""
    written = ""
    for step in steps:
        written += f".{step}" if isinstance(step, str) else f"[{'*' if step is None else step}]"
    return written.removeprefix(".") or "the payload"


def json_kind(value: object) -> str:
    """Return the kind of a JSON value with its article: ``a string``, ``an array``."""
    return _KINDS.get(type(value), "an object")
