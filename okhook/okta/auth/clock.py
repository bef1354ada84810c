"""The org's clock, which decides whether a signed time is valid. Ours may be minutes off."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import final

from okhook.http.client import Answer

_NOTICEABLE = timedelta(seconds=5)
"""``Date`` is in whole seconds and takes time to arrive: a smaller difference means nothing."""

_MATTERS = timedelta(seconds=30)
"""How wrong a signed time may be. Okta does not document its own limit."""


@final
@dataclass(slots=True)
class OrgClock:
    """Our own clock ``here``, corrected by ``offset``, which comes from the org's ``Date``."""

    here: Callable[[], datetime]
    offset: timedelta = timedelta()

    def hear(self, answer: Answer) -> None:
        """Set the offset from an answer, if it has a date."""
        date = date_of(answer)
        if date is not None:
            offset = date - self.here()
            self.offset = offset if abs(offset) >= _NOTICEABLE else timedelta()

    def now(self) -> datetime:
        """Return the org's time, in UTC."""
        return self.here() + self.offset

    def has_moved_from(self, offset: timedelta) -> bool:
        """Tell whether a time that was signed with ``offset`` should be signed again."""
        return abs(self.offset - offset) > _MATTERS

    def fault(self) -> str | None:
        """Describe how wrong this machine's clock is; None if it is right enough."""
        if abs(self.offset) <= _MATTERS:
            return None
        seconds = f"{abs(self.offset).total_seconds():.0f}"
        if self.offset < timedelta():
            return f"this machine's clock is {seconds} s ahead of the org's"
        return f"this machine's clock is {seconds} s behind the org's"


def date_of(answer: Answer) -> datetime | None:
    """Return an answer's ``Date`` in UTC; None if it is missing or invalid."""
    try:
        date = parsedate_to_datetime(answer.header("date") or "")
        return date.astimezone(UTC) if date.tzinfo else date.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
