"""The org's clock, which counts where a time is signed; ours may be minutes off."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import final

from okhook.http.client import Answer

_NOTICEABLE = timedelta(seconds=5)
"""A ``Date`` is in whole seconds and some time on its way: less than this says nothing."""

_MATTERS = timedelta(seconds=30)
"""What a signed time may be wrong by; Okta does not say how much it allows."""


@final
@dataclass(slots=True)
class OrgClock:
    """Our own clock, put right by the ``Date`` of the org's answers.

    ``here`` is our own time; ``offset`` is how far the org's clock is ahead of it.
    """

    here: Callable[[], datetime]
    offset: timedelta = timedelta()

    def hear(self, answer: Answer) -> None:
        """Take the time from an answer that has one."""
        date = date_of(answer)
        if date is None:
            return
        offset = date - self.here()
        self.offset = offset if abs(offset) >= _NOTICEABLE else timedelta()

    def now(self) -> datetime:
        """Return the org's time, by its answers so far; aware UTC."""
        return self.here() + self.offset

    def has_moved_from(self, offset: timedelta) -> bool:
        """Tell whether what was signed when the offset was ``offset`` is worth signing again."""
        return abs(self.offset - offset) > _MATTERS

    def fault(self) -> str | None:
        """Say by how much this machine's clock is wrong; None where that does not matter."""
        if abs(self.offset) <= _MATTERS:
            return None
        seconds = f"{abs(self.offset).total_seconds():.0f}"
        if self.offset < timedelta():
            return f"this machine's clock is {seconds} s ahead of the org's"
        return f"this machine's clock is {seconds} s behind the org's"


def date_of(answer: Answer) -> datetime | None:
    """Return an answer's ``Date``, aware; None where it is missing or not a date."""
    value = answer.header("date")
    if value is None:
        return None
    try:
        date = parsedate_to_datetime(value)
        return date.astimezone(UTC) if date.tzinfo else date.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
