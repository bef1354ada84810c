"""Which records somebody wants to see."""

from dataclasses import dataclass
from datetime import datetime

from okhook.records.status import RecordStatus


@dataclass(frozen=True, slots=True)
class RecordFilter:
    """What a record must be to be found; what is empty or None does not restrict.

    ``events`` are event types or globs (``user.lifecycle.*``), one of which an event must match;
    ``user`` is the login or id of an actor or target; ``words`` must all occur in the payload, each
    as a word or, where it holds several, as these words in a row. ``since`` and ``until`` bound the
    time of arrival, both included. ``everything`` lets canaries and verifications in as well.
    """

    events: tuple[str, ...] = ()
    user: str | None = None
    words: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    statuses: frozenset[RecordStatus] = frozenset()
    everything: bool = False
