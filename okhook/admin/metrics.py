"""The metrics in Prometheus' text format. Labels are statuses, outcomes and numbers: no names.

prometheus-client is an extra, and imported only where a scrape needs it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.util import find_spec
from itertools import accumulate
from typing import TYPE_CHECKING

from okhook.admin.stats import PathSeen, StoreStats
from okhook.records.attempt import Outcome
from okhook.runtime.counters import Histogram, ServiceCounters
from okhook.version import __version__

if TYPE_CHECKING:
    from prometheus_client import Metric

INSTALL = "pip install 'okhook[metrics]'"
"""The line that installs what :func:`exposition` needs."""


def has_metrics() -> bool:
    """Return whether prometheus-client is installed."""
    return find_spec("prometheus_client") is not None


@dataclass(frozen=True, eq=False, slots=True)
class Seen:
    """All that the metrics are made of. ``store`` is None if it could not be read."""

    counters: ServiceCounters
    path: PathSeen
    targets: Sequence[str]
    store: StoreStats | None
    now: datetime

    def collect(self) -> "Iterator[Metric]":
        """Yield every metric: what prometheus-client asks a collector for."""
        from prometheus_client.core import GaugeMetricFamily

        info = GaugeMetricFamily("okhook_info", "The version of okhook", labels=["version"])
        info.add_metric([__version__], 1)
        yield info
        yield from self._of_requests()
        yield from self._of_path()
        if self.store is not None:
            yield from self._of_store(self.store)
            yield from self._of_backlogs(self.store)
        yield from self._of_attempts()

    def _of_requests(self) -> "Iterator[Metric]":
        yield _counter(
            "okhook_requests",
            "Requests to the receiver by the status of the answer; 204 is a stored delivery",
            ["answer"],
            (([str(status)], count) for status, count in sorted(self.counters.answers.items())),
        )
        yield _histogram(
            "okhook_answer_seconds",
            "Time from the head of a request to its answer; Okta waits 3 s",
            self.counters.answer_s,
        )

    def _of_path(self) -> "Iterator[Metric]":
        restarts: _Samples = [([], self.path.restarts)]
        yield _counter("okhook_tunnel_restarts", "Restarts of the tunnel", [], restarts)
        if self.path.proved_at_s is not None:
            yield _gauge(
                "okhook_path_proved_timestamp_seconds",
                "When a canary last came through the webhook URL",
                [],
                [([], self.path.proved_at_s)],
            )

    def _of_store(self, store: StoreStats) -> "Iterator[Metric]":
        yield _counter(
            "okhook_duplicates",
            "Deliveries that were received before",
            [],
            [([], store.duplicates)],
        )
        yield _histogram(
            "okhook_store_commit_seconds",
            "Time of the commits of deliveries, and of what forwarding notes",
            store.commits.duration_s,
        )
        failed: _Samples = [([], store.commits.failed)]
        yield _counter("okhook_store_failed_commits", "Commits that failed", [], failed)

    def _of_backlogs(self, store: StoreStats) -> "Iterator[Metric]":
        numbered = [*enumerate(store.targets, 1)]
        yield _gauge(
            "okhook_target_backlog",
            "Deliveries that a target has not accepted: not tried (counted up to 10000),"
            " waiting for a retry, given up",
            ["target", "state"],
            (
                ([str(number), state], getattr(target.backlog, state))
                for number, target in numbered
                for state in ("pending", "waiting", "failed")
            ),
        )
        ages_s = (
            (self.now - target.oldest_at).total_seconds() if target.oldest_at else 0.0
            for _, target in numbered
        )
        yield _gauge(
            "okhook_target_oldest_seconds",
            "Age of the oldest delivery that a target has not accepted but will get; 0 if none",
            ["target"],
            (([str(number)], max(0.0, age_s)) for number, age_s in enumerate(ages_s, 1)),
        )

    def _of_attempts(self) -> "Iterator[Metric]":
        yield _counter(
            "okhook_target_attempts",
            "Attempts to send a delivery to a target, by outcome",
            ["target", "outcome"],
            (
                ([str(number), outcome], self.counters.attempts[url, outcome])
                for number, url in enumerate(self.targets, 1)
                for outcome in Outcome
            ),
        )
        yield _gauge(
            "okhook_target_lease_held",
            "Whether this process is the one that forwards to a target",
            ["target"],
            (
                ([str(number)], float(lease is not None and lease.held_now))
                for number, lease in enumerate(map(self.counters.leases.get, self.targets), 1)
            ),
        )


def exposition(seen: Seen) -> tuple[bytes, str]:
    """Return the metrics and their content type. Needs prometheus-client."""
    from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
    from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

    registry = CollectorRegistry()
    registry.register(seen)
    ProcessCollector(registry=registry)
    return generate_latest(registry), CONTENT_TYPE_PLAIN_0_0_4


_Samples = Iterable[tuple[list[str], float]]


def _counter(name: str, help_: str, labels: list[str], samples: _Samples) -> "Metric":
    from prometheus_client.core import CounterMetricFamily

    family = CounterMetricFamily(name, help_, labels=labels)
    for values, count in samples:
        family.add_metric(values, count)
    return family


def _gauge(name: str, help_: str, labels: list[str], samples: _Samples) -> "Metric":
    from prometheus_client.core import GaugeMetricFamily

    family = GaugeMetricFamily(name, help_, labels=labels)
    for values, value in samples:
        family.add_metric(values, value)
    return family


def _histogram(name: str, help_: str, histogram: Histogram) -> "Metric":
    from prometheus_client.core import HistogramMetricFamily

    bounds = [*map(str, histogram.bounds_s), "+Inf"]
    buckets = list(zip(bounds, accumulate(histogram.counts), strict=True))
    return HistogramMetricFamily(name, help_, buckets=buckets, sum_value=histogram.total_s)
