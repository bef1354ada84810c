"""The status of a record."""

from enum import StrEnum


class RecordStatus(StrEnum):
    """A record in one word. If several apply, it is the one that matters most."""

    STORED = "stored"
    DUPLICATE = "duplicate"
    REFUSED = "refused"
    MALFORMED = "malformed"
    FORWARDED = "forwarded"
    FAILED = "failed"
