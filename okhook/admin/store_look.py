"""What a store says about itself and about the apps that it has deliveries for."""

from dataclasses import dataclass
from datetime import datetime

from okhook.admin.health import Work
from okhook.records.attempt import Backlog
from okhook.store.contract import CommitCounters


@dataclass(frozen=True, slots=True)
class TargetSeen:
    """What a target is still to get. ``oldest_at`` is when the oldest of it arrived."""

    backlog: Backlog
    oldest_at: datetime | None


@dataclass(frozen=True, slots=True)
class StoreSeen:
    """What a store says about itself, and about each target in their order."""

    commits: CommitCounters
    duplicates: int
    targets: tuple[TargetSeen, ...]


class StoreLook:
    """Looks at a store. It counts duplicates from one look to the next, across several stores."""

    def __init__(self) -> None:
        self._looked_to: int | None = None
        self._duplicates = 0

    async def seen(self, work: Work) -> StoreSeen:
        """Read what the store says now."""
        looked_to = work.since_seq if self._looked_to is None else self._looked_to
        checked_to, more = await work.store.duplicates_after(looked_to)
        self._looked_to = max(checked_to, looked_to)
        self._duplicates += more
        targets = [
            TargetSeen(
                await work.store.backlog(url, duplicates=work.duplicates),
                await work.store.oldest_unsent(url, duplicates=work.duplicates),
            )
            for url in work.targets
        ]
        return StoreSeen(work.store.commits, self._duplicates, tuple(targets))
