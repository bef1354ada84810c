"""The event types that an event hook can subscribe to, and suggestions for mistyped ones.

Okta changes its event types every month, so an event type that is in neither list is not an error.
"""

import difflib
from functools import cache
from typing import Final

RELEASE: Final = "2026.08.1"
"""The Okta release of the lists."""

DEFAULT_EVENT_TYPE: Final = "user.lifecycle.create"
"""The event type of Okta's guide."""

_CLOSE_ENOUGH = 0.6
"""The least similarity (0…1, difflib's ratio) of a suggestion."""


@cache
def eligible() -> frozenset[str]:
    """Return the event types that a hook can subscribe to."""
    return frozenset(_read("event_types_eligible.txt"))


def is_eligible(event_type: str) -> bool:
    """Return whether the list contains ``event_type``."""
    return event_type in eligible()


def not_eligible() -> frozenset[str]:
    """Return the event types of the System Log that no hook can subscribe to."""
    return frozenset(_read("event_types_not_eligible.txt"))


def nearest(event_type: str, count: int = 3) -> list[str]:
    """Return up to ``count`` eligible event types that end with it or resemble it, best first."""
    typed = event_type.strip().lower()
    if not typed or count < 1:
        return []
    spelled = {known.lower(): known for known in sorted(eligible())}
    endings = [known for known in spelled if f".{known}".endswith(f".{typed}")]
    similar = difflib.get_close_matches(
        typed, spelled, n=count + len(endings), cutoff=_CLOSE_ENOUGH
    )
    return [spelled[known] for known in dict.fromkeys([*endings, *similar])][:count]


def meant(event_type: str) -> str:
    """Return the question whether similar event types are meant; empty for one that exists."""
    near = [] if is_eligible(event_type) or "*" in event_type else nearest(event_type)
    return f"did you mean {' or '.join(near)}?" if near else ""


def _read(name: str) -> list[str]:
    """Read event types: each line has a common beginning, and then the endings."""
    from importlib.resources import files

    text = files("okhook.wire").joinpath(name).read_text(encoding="ascii")
    lines = (line.split() for line in text.splitlines())
    return [f"{group}.{rest}" for group, *rests in lines for rest in rests]
