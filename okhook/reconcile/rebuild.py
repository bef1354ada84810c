"""Rebuild the delivery that never came, from the System Log's entry. Pure."""

import uuid
from dataclasses import dataclass

from okhook.okta.event_hooks import EventHook
from okhook.okta.log_entry import LogEntry, hook_event
from okhook.wire.envelope import body_of, envelope, hook_source
from okhook.wire.org import Org


@dataclass(frozen=True, slots=True)
class Reconstruction:
    """A delivery to send: ``event_id`` is its own, made of hook and event alone."""

    entry: LogEntry
    event_id: str
    body: bytes


def reconstruction(entry: LogEntry, hook: EventHook, org: Org) -> Reconstruction:
    """Return the delivery of one entry, in the shape that the hook's deliveries have.

    Its id is the same each time, so that two runs that rebuild one event at the same moment make a
    duplicate that everyone recognises.
    """
    source = hook_source(org.url, hook.id)
    event_id = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{source}#{entry.uuid}"))
    body = envelope(
        [hook_event(entry.raw)], source=source, event_id=event_id, event_time=entry.published
    )
    return Reconstruction(entry, event_id, body_of(body))
