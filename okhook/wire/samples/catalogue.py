"""What is known of event types: who does such a thing, to what, how it ends, and its wording.

The tables are the ``.txt`` files beside this module: a line for each thing, its fields between
bars.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Final


class Doer(StrEnum):
    """Who appears as the actor."""

    ADMIN = "admin"
    PERSON = "person"
    SYSTEM = "system"
    CLIENT = "client"


@dataclass(frozen=True, slots=True)
class Family:
    """Event types that are called ``name`` or begin with it and a dot.

    ``noun`` is what their messages are about; ``targets`` are target types, in their order.
    """

    name: str
    doer: Doer
    noun: str
    targets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """``outcome`` and ``severity`` are values of Okta's enums; ``reason`` may be absent."""

    outcome: str = "SUCCESS"
    reason: str | None = None
    severity: str = "INFO"


GENERIC: Final = Family("", Doer.ADMIN, "", ("User",))
"""For event types that the catalogue does not know: an administrator does it to a user."""


@cache
def table(name: str) -> dict[str, list[str]]:
    """Return the rows of the table ``name``, by their first field."""
    text = files("okhook.wire.samples").joinpath(f"{name}.txt").read_text(encoding="ascii")
    lines = (line for line in text.splitlines() if line and not line.startswith("#"))
    rows = ([field.strip() for field in line.split("|")] for line in lines)
    return {first: rest for first, *rest in rows}


def family_of(event_type: str) -> Family | None:
    """Return the family with the longest name that fits; None for an unknown event type."""
    name = _longest_name("families", event_type)
    if not name:
        return None
    doer, noun, targets = table("families")[name]
    return Family(name, Doer(doer), noun, tuple(targets.split(", ")))


def result_of(event_type: str) -> Result:
    """Return how events of this type end; SUCCESS and INFO where its name says nothing else."""
    known = table("results")
    for name in (event_type, *event_type.split(".")):
        if name in known:
            outcome, reason, severity = known[name]
            return Result(outcome, reason or None, severity)
    return Result()


def request_path_of(event_type: str) -> str:
    """Return the path of the request that causes an event of this type."""
    name = _longest_name("request_paths", event_type)
    return table("request_paths")[name][0] if name else "/api/internal/v1"


def message_of(event_type: str) -> str:
    """Return the display message: verb, noun of the family, and what else the type names."""
    if message := table("messages").get(event_type):
        return message[0]
    family = family_of(event_type)
    if family is None:
        return _capitalised(_words(event_type))
    beyond = event_type.removeprefix(family.name).strip(".") or event_type.rpartition(".")[2]
    *rest, verb = beyond.removeprefix("lifecycle.").split(".")
    spoken = " ".join(part for part in (_words(verb), family.noun, _words(".".join(rest))) if part)
    return _capitalised(spoken)


def legacy_type_of(event_type: str) -> str | None:
    """Return the event type's name in Okta's older Events API, where it is known to have one."""
    row = table("legacy_names").get(event_type)
    return row[0] if row else None


def _longest_name(of_table: str, event_type: str) -> str:
    """Return the longest beginning of an event type, up to a dot, that the table has; or ""."""
    name = event_type
    while name and name not in table(of_table):
        name = name.rpartition(".")[0]
    return name


def _words(name: str) -> str:
    return name.replace(".", " ").replace("_", " ").strip()


def _capitalised(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]
