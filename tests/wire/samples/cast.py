"""A person, a time and an id source that give the same sample every time."""

import itertools
from datetime import UTC, datetime

from okhook.runtime.ids import IdSource
from okhook.wire.samples.sample import Person

PUBLISHED = datetime(2026, 11, 24, 9, 30, 15, 250_000, tzinfo=UTC)

JANE = Person("00u0000000000jane01", "Jane", "Doe", "jane.doe@hookdeckexample.com")


def counted_ids() -> IdSource:
    """Return ids of Okta's form that count up from 1."""
    numbers = itertools.count(1)
    return IdSource(
        okta=lambda prefix: f"{prefix}{next(numbers):017d}",
        uuid=lambda: f"00000000-0000-4000-8000-{next(numbers):012d}",
    )
