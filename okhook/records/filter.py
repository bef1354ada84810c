"""Which records to look for."""

from dataclasses import dataclass
from datetime import datetime

from okhook.records.status import RecordStatus


@dataclass(frozen=True, slots=True)
class RecordFilter:
    """The conditions that a record must meet; one that is empty or None restricts nothing.

    ``events`` are event types or globs (``user.lifecycle.*``), one of which an event must match;
    ``user`` is the login or id of an actor or target; ``words`` must all occur in the payload, each
    as a word or, if it has several, as a phrase. ``since`` and ``until`` bound the
    time of arrival, both included. ``everything`` includes canaries and verifications.
    """

    events: tuple[str, ...] = ()
    user: str | None = None
    words: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    statuses: frozenset[RecordStatus] = frozenset()
    everything: bool = False
