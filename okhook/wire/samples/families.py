"""Families of event types: who does such a thing, and to what. The table is ``families.txt``."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Final

from okhook.wire.samples.tables import table


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


GENERIC: Final = Family("", Doer.ADMIN, "", ("User",))
"""For event types that the catalogue does not know: an administrator does it to a user."""


@cache
def families() -> Mapping[str, Family]:
    """Return all families by their name."""
    return {
        name: Family(name, Doer(doer), noun, tuple(targets.split(", ")))
        for name, (doer, noun, targets) in table("families").items()
    }


def family_of(event_type: str) -> Family | None:
    """Return the family with the longest name that fits; None for an unknown event type."""
    name = event_type
    while name:
        if name in families():
            return families()[name]
        name = name.rpartition(".")[0]
    return None
