"""What is wrong with an argument, in words."""

from okhook.wire.event_types import is_eligible, meant, not_eligible


def event_type_fault(event_type: str) -> str | None:
    """Return why no event hook can have the event type; None if one can."""
    if is_eligible(event_type):
        return None
    if event_type in not_eligible():
        return f"event hooks cannot subscribe to {event_type!r}: only the System Log has it"
    question = meant(event_type)
    return f"unknown event type {event_type!r}" + (f": {question}" if question else "")
