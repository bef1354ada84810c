"""What operators see of a store, of the apps that it has deliveries for, and of the path."""

import time
from dataclasses import dataclass
from datetime import datetime

from okhook.activity import Published
from okhook.admin.health import Work
from okhook.records.attempt import Backlog
from okhook.runtime.hub import ActivityHub
from okhook.store.contract import CommitCounters
from okhook.tunnel.activities import TunnelRestarting
from okhook.up.activities import PathProved, StepChanged


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


class PathSeen:
    """What happened to the path from the webhook URL to the receiver, as far as operators count it.

    How often the tunnel restarted, and when the path was proved last, in seconds since 1970.
    """

    def __init__(self) -> None:
        self.restarts = 0
        self.proved_at_s: float | None = None

    async def follow(self, hub: ActivityHub) -> None:
        """Notice what a hub publishes, until it ends."""
        with hub.subscribe() as published:
            while batch := await published.batch():
                for activity in batch:
                    self.notice(activity)

    def notice(self, activity: Published) -> None:
        """Count an activity of the path. Others do not matter."""
        if isinstance(activity, TunnelRestarting):
            self.restarts += 1
        elif isinstance(activity, PathProved) or _is_first_proof(activity):
            self.proved_at_s = time.time()


def _is_first_proof(activity: Published) -> bool:
    return isinstance(activity, StepChanged) and (activity.step, activity.state) == ("path", "done")
