"""What a record is, in one word."""

from enum import StrEnum


class RecordStatus(StrEnum):
    """What a record is worth a look for: one word, the most telling one."""

    STORED = "stored"
    DUPLICATE = "duplicate"
    REFUSED = "refused"
    MALFORMED = "malformed"
    FORWARDED = "forwarded"
    FAILED = "failed"
