"""Event types: which of them an event hook can have, and which come close to a mistyped one.

The lists are ``event_types_eligible.txt`` and ``event_types_not_eligible.txt``. Okta adds and
retires event types every month: one that is in neither list is unusual, never wrong.
"""

import difflib
from functools import cache
from typing import Final

RELEASE: Final = "2026.08.1"
"""The Okta release whose event types these are."""

DEFAULT_EVENT_TYPE: Final = "user.lifecycle.create"
"""A user was created: the event type of Okta's guide."""

_CLOSE_ENOUGH = 0.6
"""The similarity (0…1, difflib's ratio) from which two event types can be mistaken."""


@cache
def eligible() -> frozenset[str]:
    """Return the event types that a hook can subscribe to."""
    return frozenset(_read("event_types_eligible.txt"))


def is_eligible(event_type: str) -> bool:
    """Tell whether a hook can subscribe to ``event_type``, as far as this list knows."""
    return event_type in eligible()


def not_eligible() -> frozenset[str]:
    """Return the event types of the System Log that no hook can have, read anew each time."""
    return frozenset(_read("event_types_not_eligible.txt"))


def nearest(event_type: str, count: int = 3) -> list[str]:
    """Return up to ``count`` eligible event types that ``event_type`` may have meant, best first.

    A type whose last words were typed alone (``lifecycle.create``) is near, as one with a slip of
    the finger is. Nothing similar gives an empty list; an eligible type is nearest to itself.
    """
    typed = event_type.strip().lower()
    if not typed or count < 1:
        return []
    spelled = {known.lower(): known for known in sorted(eligible())}
    endings = [known for known in spelled if f".{known}".endswith(f".{typed}")]
    similar = difflib.get_close_matches(
        typed, spelled, n=count + len(endings), cutoff=_CLOSE_ENOUGH
    )
    return [spelled[known] for known in dict.fromkeys([*endings, *similar])][:count]


def starting_with(beginning: str) -> list[str]:
    """Return the eligible event types that start with ``beginning``, for a shell's completion."""
    return [known for known in sorted(eligible()) if known.startswith(beginning)]


def _read(name: str) -> list[str]:
    """Read event types: each line has the beginning that some share, and then their ends."""
    from importlib.resources import files

    text = files("okhook.wire").joinpath(name).read_text(encoding="ascii")
    lines = (line.split() for line in text.splitlines())
    return [f"{group}.{rest}" for group, *rests in lines for rest in rests]
