"""Event types: which of them an event hook can have, and what a mistyped one may have meant."""

import difflib
from importlib.resources import files
from typing import Final

from okhook.wire.event_type_catalogue import GROUPS

DEFAULT_EVENT_TYPE: Final = "user.lifecycle.create"
"""A user was created: the event type of Okta's guide."""

ELIGIBLE_IN_ORDER: Final[tuple[str, ...]] = tuple(
    sorted(f"{group}.{rest}" for group, rests in GROUPS.items() for rest in rests.split())
)
"""The event types that a hook can subscribe to, alphabetically."""

ELIGIBLE: Final[frozenset[str]] = frozenset(ELIGIBLE_IN_ORDER)

_CLOSE_ENOUGH = 0.6
"""The similarity (0…1, difflib's ratio) from which two event types can be mistaken."""


def is_eligible(event_type: str) -> bool:
    """Tell whether ``event_type`` is one that a hook can subscribe to, by this catalogue."""
    return event_type in ELIGIBLE


def not_eligible() -> frozenset[str]:
    """Return the event types of the System Log that no hook can have. Read from a file each time.

    Each line of it is the common beginning of some event types, and what comes after it.
    """
    text = files("okhook.wire").joinpath("event_types_not_eligible.txt").read_text(encoding="ascii")
    lines = (line.split() for line in text.splitlines())
    return frozenset(f"{group}.{rest}" for group, *rests in lines for rest in rests)


def nearest(event_type: str, count: int = 3) -> list[str]:
    """Return up to ``count`` eligible event types that ``event_type`` may have meant, best first.

    A type whose last words were typed alone (``lifecycle.create``) is near, as one with a slip of
    the finger is. Nothing similar gives an empty list; an eligible type is nearest to itself.
    """
    typed = event_type.strip().lower()
    if not typed or count < 1:
        return []
    spelled = {known.lower(): known for known in ELIGIBLE_IN_ORDER}
    endings = [known for known in spelled if f".{known}".endswith(f".{typed}")]
    similar = difflib.get_close_matches(
        typed, spelled, n=count + len(endings), cutoff=_CLOSE_ENOUGH
    )
    return [spelled[known] for known in dict.fromkeys([*endings, *similar])][:count]


def starting_with(beginning: str) -> list[str]:
    """Return the eligible event types that start with ``beginning``, for a shell's completion."""
    return [known for known in ELIGIBLE_IN_ORDER if known.startswith(beginning)]
