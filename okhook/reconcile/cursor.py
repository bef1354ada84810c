"""Which part of the System Log to read, and where the next run starts."""

import hashlib
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Final

from okhook.json_form import JsonForm
from okhook.okta.system_log import RETENTION_DAYS
from okhook.runtime.state_file import StateFile
from okhook.wire.org import Org

DEFAULT_SPAN: Final = timedelta(hours=24)

LATE_ENTRIES: Final = timedelta(minutes=10)
"""Okta may log an entry after younger ones, so each run reads the newest entries again."""


@dataclass(frozen=True, slots=True)
class Window:
    """The time to read; an event younger than ``grace`` may still arrive."""

    since: datetime
    until: datetime
    grace: timedelta

    @property
    def missed_before(self) -> datetime:
        """An event before this time that is not in the store is missed."""
        try:
            return self.until - self.grace
        except OverflowError:
            return datetime.min.replace(tzinfo=UTC)

    def complete_until(
        self, *, reached: datetime | None, unsettled: datetime | None
    ) -> datetime | None:
        """Return the time before which the store is complete; None if the run read nothing.

        ``reached`` is the time up to which the run read the log; ``unsettled`` is the time of the
        first event that is not in the store.
        """
        if reached is None:
            return None if unsettled is None else self.since
        complete = max(reached - LATE_ENTRIES, self.since)
        return complete if unsettled is None else min(complete, unsettled)


@dataclass(frozen=True, slots=True)
class _Complete:
    org: str
    hook_id: str
    complete_until: Annotated[datetime, JsonForm(form=datetime.isoformat)]


class ReconcileCursor:
    """The time before which the store has all events of one hook, kept in a file."""

    def __init__(self, state: Path, org: Org, hook_id: str) -> None:
        self._org_url = org.url
        self._hook_id = hook_id
        name = hashlib.sha256(f"{org.url} {hook_id}".encode()).hexdigest()[:16]
        self._file = StateFile(state / "reconcile" / f"{name}.json", _Complete)

    def window(self, *, since: datetime | None, now: datetime, grace: timedelta) -> Window:
        """Return the window from ``since``, by default a day, or longer if a run left gaps."""
        if since is None:
            since = min(now - DEFAULT_SPAN, self.read() or now)
        return Window(since=max(since, _oldest(now)), until=now, grace=grace)

    def advance(
        self, window: Window, *, reached: datetime | None, unsettled: datetime | None
    ) -> None:
        """Move the start of the next run, unless that would skip entries that nobody has read."""
        known = self.read()
        leaves_a_gap = known is not None and max(known, _oldest(window.until)) < window.since
        complete = window.complete_until(reached=reached, unsettled=unsettled)
        if complete is not None and complete != known and not leaves_a_gap:
            self.write(complete)

    def read(self) -> datetime | None:
        """Return the time before which the store is complete, None before the first run."""
        known = self._file.read()
        return None if known is None else known.complete_until

    def write(self, complete_until: datetime) -> None:
        """Write the time; if that fails, the next run reads more of the log."""
        with suppress(OSError):
            self._file.write(_Complete(self._org_url, self._hook_id, complete_until))


def _oldest(now: datetime) -> datetime:
    return now - timedelta(days=RETENTION_DAYS)
