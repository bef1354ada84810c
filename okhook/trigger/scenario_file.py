"""Read a scenario from TOML, and check all of it before anything is done in an org."""

import math
import re
from collections.abc import Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from okhook.config.toml import check_names, toml_of
from okhook.errors import InvalidInput
from okhook.text import did_you_mean
from okhook.trigger.scenario import (
    ACTIONS,
    MEMBERSHIPS,
    UPDATE_PROFILE,
    Profile,
    Scenario,
    Step,
    check_order,
    login_of,
    nearest_first,
)
from okhook.wire.user_attributes import user_attributes

_KEY = re.compile(r"[A-Za-z0-9_-]{1,30}")
_EXAMPLE = "for an example, run okhook trigger --show joiner-mover-leaver"
_SUFFIX = ".toml"
_MOST_STEPS = 200
_LONGEST = 100
_LARGEST_NUMBER = 1 << 63
_ATTRIBUTE = "a string, a number of up to 64 bits, a boolean, or a list of them"

_OURS = ("login", "email")
"""The attributes that okhook sets itself."""


def shipped_names() -> list[str]:
    """Return the names of the scenarios that come with okhook."""
    names = (entry.name for entry in _shipped().iterdir())
    return sorted(name.removesuffix(_SUFFIX) for name in names if name.endswith(_SUFFIX))


def shipped_text(name: str) -> str | None:
    """Return the text of a shipped scenario, or None if there is none of that name."""
    if name not in shipped_names():
        return None
    return _shipped().joinpath(f"{name}{_SUFFIX}").read_text(encoding="utf-8")


def _shipped() -> Traversable:
    return files("okhook").joinpath("trigger", "scenarios")


def read_scenario(text: str, shown: str) -> Scenario:
    """Return the scenario that ``text`` describes; ``shown`` names it in an error.

    Raises:
        InvalidInput: it is not TOML, has unknown names, or has a step that cannot be done.
    """
    try:
        content = toml_of(text)
    except ValueError as error:
        raise InvalidInput(f"{shown}: invalid TOML", why=str(error), next_step=_EXAMPLE) from None
    try:
        return _scenario(shown, content)
    except InvalidInput as wrong:
        raise InvalidInput(
            f"{shown}: {wrong.what}", why=wrong.why, next_step=wrong.next_step or _EXAMPLE
        ) from None


def _scenario(shown: str, content: Mapping[str, Any]) -> Scenario:
    check_names("", content, ("users", "groups", "steps"))
    users = {
        key: _profile(f"[users.{key}]", table) for key, table in _tables("users", content).items()
    }
    groups = {
        key: _group_name(f"[groups.{key}]", key, table)
        for key, table in _tables("groups", content).items()
    }
    _tell_apart("users", {key: login_of(key, "") for key in users})
    _tell_apart("groups", {key: name.casefold() for key, name in groups.items()})
    steps = content.get("steps", [])
    if not isinstance(steps, list) or not steps:
        raise InvalidInput("it has no [[steps]]")
    if len(steps) > _MOST_STEPS:
        raise InvalidInput(f"it has {len(steps)} steps, more than {_MOST_STEPS}")
    numbered = enumerate(steps, start=1)
    read = tuple(_step(f"step {number}", step, users, groups) for number, step in numbered)
    check_order(read)
    return Scenario(shown, users, groups, read)


def _tables(where: str, content: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
    tables = content.get(where, {})
    if not isinstance(tables, dict):
        raise InvalidInput(f"{where} must be tables, like [{where}.NAME]")
    for key, table in tables.items():
        if not _KEY.fullmatch(key):
            raise InvalidInput(
                f"[{where}.{key}]: expected a name of up to 30 letters, digits, - and _"
            )
        if not isinstance(table, dict):
            raise InvalidInput(f"{where}.{key} must be a table")
    return tables


def _tell_apart(where: str, names: Mapping[str, str]) -> None:
    """Refuse two keys that would have the same login or name in the org."""
    first: dict[str, str] = {}
    for key, name in names.items():
        if name in first:
            raise InvalidInput(
                f"[{where}.{key}] would have the same name as [{where}.{first[name]}]"
            )
        first[name] = key


def _profile(where: str, table: Mapping[str, Any]) -> Profile:
    for made in _OURS:
        if made in table:
            raise InvalidInput(f"{where}: okhook sets {made} itself")
    known = [name for name in user_attributes() if name not in _OURS]
    check_names(where, table, (*known, "custom"))
    custom = table.get("custom", {})
    if not isinstance(custom, dict):
        raise InvalidInput(f"{where}: custom must be a table of the org's own attributes")
    profile = {**{k: v for k, v in table.items() if k != "custom"}, **custom}
    for name, value in profile.items():
        parts = value if isinstance(value, list) else [value]
        if name in _OURS or not all(_is_plain(part) for part in parts):
            raise InvalidInput(f"{where}: {name} must be {_ATTRIBUTE}")
    for name in ("firstName", "lastName"):
        if not isinstance(profile.get(name, "-"), str) or not profile.get(name, "-"):
            raise InvalidInput(f"{where}: {name} must be a string")
    return profile


def _is_plain(value: object) -> bool:
    """Return whether a value is a text, a boolean, or a number that JSON and Okta can hold."""
    if isinstance(value, int):
        return abs(value) < _LARGEST_NUMBER
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, str)


def _group_name(where: str, key: str, table: Mapping[str, Any]) -> str:
    check_names(where, table, ("name",))
    name = table.get("name", key)
    if not isinstance(name, str) or not 0 < len(name) <= _LONGEST or not name.isprintable():
        raise InvalidInput(f"{where}: name must be a string of up to {_LONGEST} characters")
    return name


def _step(
    where: str, step: object, users: Mapping[str, Profile], groups: Mapping[str, str]
) -> Step:
    if not isinstance(step, dict):
        raise InvalidInput(f"{where} must be a table")
    check_names(where, step, ("event", "user", "group", "profile"))
    event_type = step.get("event")
    if not isinstance(event_type, str) or event_type not in ACTIONS:
        near = nearest_first(event_type if isinstance(event_type, str) else "")
        raise InvalidInput(
            f"{where}: event must be an event type that can be triggered",
            why="\n".join(near),
            next_step=did_you_mean(event_type, ACTIONS),
        )
    user = _one_of(where, "user", step.get("user"), users)
    if "profile" in step and event_type != UPDATE_PROFILE:
        raise InvalidInput(f"{where}: {event_type} takes no profile")
    if event_type in MEMBERSHIPS:
        return Step(event_type, user, _one_of(where, "group", step.get("group"), groups))
    if "group" in step:
        raise InvalidInput(f"{where}: {event_type} takes no group")
    if "profile" not in step:
        return Step(event_type, user)
    if not isinstance(step["profile"], dict) or not step["profile"]:
        raise InvalidInput(f'{where}: profile must be a table, like {{ department = "Sales" }}')
    return Step(event_type, user, profile=_profile(where, step["profile"]))


def _one_of(where: str, kind: str, key: object, known: Mapping[str, object]) -> str:
    if not isinstance(key, str) or key not in known:
        raise InvalidInput(
            f"{where}: {kind} must be one of those under [{kind}s.NAME]",
            why=f"the file has: {', '.join(known) or 'none'}",
            next_step=did_you_mean(key, known),
        )
    return key
