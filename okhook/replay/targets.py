"""Where a delivery is sent again: the app that a person means, and the number of the attempt."""

from typing import Final

from okhook.errors import InvalidInput
from okhook.records.record import RecordKind
from okhook.secret import HIDDEN
from okhook.store.contract import Reader
from okhook.text import plain
from okhook.wire.target_url import targets_shown_as

WITH_BODY: Final = (RecordKind.DELIVERY, RecordKind.MALFORMED, RecordKind.CANARY)
"""The records that can be sent again."""


def meant_target(reader: Reader, url: str, seq: int | None = None, *, next_step: str) -> str:
    """Return the app that ``url`` means, as okhook shows it: one of the store, or of a record.

    Raises:
        InvalidInput: a part of the URL is hidden, and not exactly one app has such a URL.
    """
    if HIDDEN.decode() not in url:
        return url
    known = [target.url for target in reader.targets()]
    tried = [] if seq is None else [attempt.target for attempt in reader.attempts(seq)]
    found = targets_shown_as(url, (*known, *tried))
    if len(found) == 1:
        return found.pop()
    raise InvalidInput(
        f"cannot tell which app {plain(url, limit=200)} is",
        why=f"a part of it is hidden, and okhook sent to {len(found)} apps with such a URL",
        next_step=next_step,
    )


def next_number(reader: Reader, seq: int, target: str) -> int:
    """Return the number of the next attempt to send a delivery to a target."""
    return 1 + sum(attempt.target == target for attempt in reader.attempts(seq))
