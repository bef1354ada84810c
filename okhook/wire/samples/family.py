"""A family of event types: who does such a thing, and to what."""

from dataclasses import dataclass
from enum import Enum, auto


class Doer(Enum):
    """Who appears as the actor."""

    ADMIN = auto()
    PERSON = auto()
    SYSTEM = auto()
    CLIENT = auto()


@dataclass(frozen=True, slots=True)
class Family:
    """Event types that are called ``name`` or begin with it and a dot.

    ``noun`` is what their messages are about; ``targets`` are target types, in their order.
    """

    name: str
    noun: str
    targets: tuple[str, ...]
    doer: Doer


def family(name: str, noun: str, targets: str, doer: Doer = Doer.ADMIN) -> Family:
    """Return a family; ``targets`` are target types with commas between them."""
    return Family(name, noun, tuple(targets.split(",")), doer)
