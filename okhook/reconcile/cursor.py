"""What to look at in the System Log, and up to where a hook is known to be complete."""

import hashlib
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Final, final

from okhook.json_form import JsonForm
from okhook.okta.system_log import RETENTION_DAYS
from okhook.runtime.state_file import StateFile
from okhook.wire.org import Org

DEFAULT_SPAN: Final = timedelta(hours=24)
DEFAULT_GRACE: Final = timedelta(minutes=10)

LATE_ENTRIES: Final = timedelta(minutes=10)
"""An entry may turn up in the log after younger ones, so the newest are looked at twice."""


@dataclass(frozen=True, slots=True)
class Window:
    """What is looked at: from ``since`` to ``until``; what is younger than ``grace`` may come."""

    since: datetime
    until: datetime
    grace: timedelta

    @property
    def missed_before(self) -> datetime:
        """What happened before this moment and is not here is missed."""
        try:
            return self.until - self.grace
        except OverflowError:
            return datetime.min.replace(tzinfo=UTC)

    def complete_until(
        self, *, reached: datetime | None, unsettled: datetime | None
    ) -> datetime | None:
        """Return the moment before which a look left nothing open; None where it came nowhere.

        ``reached`` is how far it looked, ``unsettled`` when the first event happened that is not
        here.
        """
        if reached is None:
            return None if unsettled is None else self.since
        complete = max(reached - LATE_ENTRIES, self.since)
        return complete if unsettled is None else min(complete, unsettled)


@dataclass(frozen=True, slots=True)
class _Complete:
    """What the file says."""

    org: str
    hook_id: str
    complete_until: Annotated[datetime, JsonForm(form=datetime.isoformat)]


@final
class ReconcileCursor:
    """Up to where one hook is complete, in a file that outlasts the run.

    A file that is lost costs no more than reading the log again.
    """

    def __init__(self, state: Path, org: Org, hook_id: str) -> None:
        self._org_url = org.url
        self._hook_id = hook_id
        name = hashlib.sha256(f"{org.url} {hook_id}".encode()).hexdigest()[:16]
        self._file = StateFile(state / "reconcile" / f"{name}.json", _Complete)

    def window(self, *, since: datetime | None, now: datetime, grace: timedelta) -> Window:
        """Return what to look at: from ``since``, else a day, or more where a run left some open.

        The log reaches no further back than Okta keeps it.
        """
        if since is None:
            since = min(now - DEFAULT_SPAN, self.read() or now)
        return Window(since=max(since, _oldest(now)), until=now, grace=grace)

    def advance(
        self, window: Window, *, reached: datetime | None, unsettled: datetime | None
    ) -> None:
        """Have the next run begin where this look left something open.

        A look that began after the cursor says nothing of what lies between, unless the log no
        longer has that.
        """
        known = self.read()
        leaves_a_gap = known is not None and max(known, _oldest(window.until)) < window.since
        complete = window.complete_until(reached=reached, unsettled=unsettled)
        if complete is not None and complete != known and not leaves_a_gap:
            self.write(complete)

    def read(self) -> datetime | None:
        """Return the moment before which nothing is open; None where nobody has looked yet."""
        known = self._file.read()
        return None if known is None else known.complete_until

    def write(self, complete_until: datetime) -> None:
        """Keep the moment; where it cannot be written the next run reads more."""
        with suppress(OSError):
            self._file.write(_Complete(self._org_url, self._hook_id, complete_until))


def _oldest(now: datetime) -> datetime:
    return now - timedelta(days=RETENTION_DAYS)
