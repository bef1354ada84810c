"""What operators see of a store, and of the apps that it has deliveries for."""

from dataclasses import dataclass
from datetime import datetime

from okhook.admin.health import Work
from okhook.records.attempt import Backlog
from okhook.store.contract import CommitCounters


@dataclass(frozen=True, slots=True)
class TargetStats:
    """What a target is still to get. ``oldest_at`` is when the oldest of it arrived."""

    backlog: Backlog
    oldest_at: datetime | None


@dataclass(frozen=True, slots=True)
class StoreStats:
    """What a store says about itself, and about each target in their order."""

    commits: CommitCounters
    duplicates: int
    targets: tuple[TargetStats, ...]


class StoreStatsCollector:
    """Collects the statistics, and sums up duplicates, across several stores."""

    def __init__(self) -> None:
        self._counted_to: int | None = None
        self._duplicates = 0

    async def collect(self, work: Work) -> StoreStats:
        """Return what the store says now."""
        counted_to = work.since_seq if self._counted_to is None else self._counted_to
        checked_to, more = await work.store.duplicates_after(counted_to)
        self._counted_to = max(checked_to, counted_to)
        self._duplicates += more
        targets = [
            TargetStats(
                await work.store.backlog(url, duplicates=work.duplicates),
                await work.store.oldest_unsent(url, duplicates=work.duplicates),
            )
            for url in work.targets
        ]
        return StoreStats(work.store.commits, self._duplicates, tuple(targets))
