"""Facts about event types: actor, targets, result and message.

The tables are the ``.txt`` files in this directory, with a row per line and bars between fields.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Final


class ActorKind(StrEnum):
    """The kind of actor."""

    ADMIN = "admin"
    PERSON = "person"
    SYSTEM = "system"
    CLIENT = "client"


@dataclass(frozen=True, slots=True)
class Family:
    """The event types ``name`` and ``name.*``. ``noun`` is the subject of their messages."""

    name: str
    actor_kind: ActorKind
    noun: str
    targets: tuple[str, ...]


GENERIC: Final = Family("", ActorKind.ADMIN, "", ("User",))
"""The family of unknown event types."""


@cache
def table(name: str) -> dict[str, list[str]]:
    """Return the rows of a table, by their first field."""
    text = files("okhook.wire.samples").joinpath(f"{name}.txt").read_text(encoding="ascii")
    lines = (line for line in text.splitlines() if line and not line.startswith("#"))
    rows = ([field.strip() for field in line.split("|")] for line in lines)
    return {first: rest for first, *rest in rows}


def family_of(event_type: str) -> Family | None:
    """Return the family with the longest matching name; None for an unknown event type."""
    name = _longest_name("families", event_type)
    if not name:
        return None
    actor_kind, noun, targets = table("families")[name]
    return Family(name, ActorKind(actor_kind), noun, tuple(targets.split(", ")))


def result_of(event_type: str) -> tuple[str, str | None, str]:
    """Return an event's outcome, its reason and its severity, as its name implies them."""
    known = table("results")
    for name in (event_type, *event_type.split(".")):
        if name in known:
            outcome, reason, severity = known[name]
            return outcome, reason or None, severity
    return "SUCCESS", None, "INFO"


def request_path_of(event_type: str) -> str:
    """Return the path of the request that causes an event of this type."""
    name = _longest_name("request_paths", event_type)
    return table("request_paths")[name][0] if name else "/api/internal/v1"


def message_of(event_type: str) -> str:
    """Return the display message: the verb, the noun of the family, and the rest of the name."""
    if message := table("messages").get(event_type):
        return message[0]
    family = family_of(event_type)
    parts: tuple[str, ...] = (_words(event_type),)
    if family is not None:
        beyond = event_type.removeprefix(family.name).strip(".") or event_type.rpartition(".")[2]
        *rest, verb = beyond.removeprefix("lifecycle.").split(".")
        parts = (_words(verb), family.noun, _words(".".join(rest)))
    sentence = " ".join(filter(None, parts))
    return sentence[:1].upper() + sentence[1:]


def legacy_type_of(event_type: str) -> str | None:
    """Return the event type's name in Okta's older Events API, if it has one."""
    row = table("legacy_names").get(event_type)
    return row[0] if row else None


def _longest_name(of_table: str, event_type: str) -> str:
    name = event_type
    while name and name not in table(of_table):
        name = name.rpartition(".")[0]
    return name


def _words(name: str) -> str:
    return name.replace(".", " ").replace("_", " ").strip()
