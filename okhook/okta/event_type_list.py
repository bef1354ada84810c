"""List event types, and whether an org's hooks or the store have them. Pure."""

from collections.abc import Collection, Sequence

from okhook.okta.activities import EventTypeListed
from okhook.okta.event_hooks import EventHook
from okhook.wire.event_types import eligible, not_eligible


def event_types_listed(
    search: str, *, hooks: Sequence[EventHook] | None, seen: Collection[str]
) -> list[EventTypeListed]:
    """Return the event types that contain each word of ``search``, eligible ones first.

    ``hooks`` is None if no org was asked. The list includes types that only a hook or the store
    has, because Okta adds new ones every month.
    """
    beyond = not_eligible()
    subscribed = {event_type for hook in hooks or () for event_type in hook.events}
    everything = eligible() | beyond | subscribed | frozenset(seen)
    words = search.lower().split()
    wanted = [name for name in everything if all(word in name.lower() for word in words)]
    return [
        EventTypeListed(
            event_type=name,
            eligible=name in eligible() or (False if name in beyond else None),
            subscribed=None if hooks is None else tuple(h for h in hooks if name in h.events),
            seen=name in seen,
        )
        for name in sorted(wanted, key=lambda name: (name in beyond, name))
    ]
