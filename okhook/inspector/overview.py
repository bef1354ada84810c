"""What the overview shows: what arrived, and what runs on this machine."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

from okhook.json_form import JsonObject, as_json, timestamp
from okhook.records.record import RecordKind
from okhook.runtime.run_files import RunDirectory
from okhook.runtime.running_here import running_here
from okhook.send_sample.sender import nearest_rank
from okhook.store.contract import Arrivals, Reader
from okhook.trigger.scenario import ACTIONS

MOST_A_DAY = 400_000
"""Okta sends an org's hooks at most so many deliveries a day (its event hook guide)."""

WARNED_FROM = 280_000
"""Okta warns an org's admins at 70 percent of that."""

_HOURS, _DAYS, _TYPES, _LATENCIES = 48, 30, 20, 1000
_COUNTED = (RecordKind.DELIVERY, RecordKind.REFUSED, RecordKind.MALFORMED)


def arrivals_of(reader: Reader, now: datetime) -> JsonObject:
    """Return how many deliveries arrived: by hour, by day, by event type, by status."""
    counted = [
        each for each in reader.arrivals(now - timedelta(days=_DAYS)) if each.kind in _COUNTED
    ]
    whole = [each for each in counted if each.event_type is None]
    types = Counter[str]()
    for each in counted:
        types[each.event_type or ""] += each.count
    types.pop("", None)
    latencies = reader.latencies(_LATENCIES)
    kinds = Counter[str]()
    for each in whole:
        kinds[each.kind] += each.count
    return {
        "hours": list(_by_hour(whole, now)),
        "days": list(_by_day(whole, now)),
        "types": types.most_common(_TYPES),
        "statuses": {**kinds, **reader.unaccepted()},
        "latencies": {
            "commit": _summary(latencies.commit_s),
            "forward": _summary(latencies.forward_s),
        },
        "most_a_day": MOST_A_DAY,
        "warned_from": WARNED_FROM,
    }


def _summary(durations_s: list[float]) -> JsonObject | None:
    """Return the median and the 99th percentile in milliseconds; None without any."""
    if not durations_s:
        return None
    in_order = sorted(durations_s)
    shares = {"p50_ms": 0.5, "p99_ms": 0.99}
    ranks = {name: nearest_rank(in_order, share) or 0.0 for name, share in shares.items()}
    counted = {name: round(duration_s * 1000, 1) for name, duration_s in ranks.items()}
    return {**counted, "count": len(in_order)}


def _by_hour(whole: list[Arrivals], now: datetime) -> Iterator[tuple[str, int]]:
    counts = Counter[datetime]()
    for each in whole:
        counts[each.hour] += each.count
    latest = now.replace(minute=0, second=0, microsecond=0)
    for back in reversed(range(_HOURS)):
        hour = latest - timedelta(hours=back)
        yield timestamp(hour), counts[hour]


def _by_day(whole: list[Arrivals], now: datetime) -> Iterator[tuple[str, int]]:
    """Yield the days in UTC, as Okta counts them."""
    counts = Counter[str]()
    for each in whole:
        counts[each.hour.date().isoformat()] += each.count
    for back in reversed(range(_DAYS)):
        day = (now - timedelta(days=back)).date().isoformat()
        yield day, counts[day]


def running_of(run_directory: RunDirectory) -> JsonObject:
    """Return the receivers, tunnels, hooks and sandboxes here, without any token.

    ``causable`` are the event types that the page can cause: none unless one sandbox runs here.
    """
    running = running_here(run_directory)
    return {
        "receivers": [
            {"url": each.url, "asks_for_secret": each.asks_for_secret, "pid": each.pid}
            for each in running.receivers
        ],
        "tunnels": [
            {
                "webhook_url": each.webhook_url,
                "source": each.source,
                "port": each.port,
                "dashboard_url": each.dashboard_url,
            }
            for each in running.tunnels
        ],
        "hooks": [{"org": each.org, "hook_id": each.hook_id} for each in running.ups],
        "sandboxes": [each.org_url for each in running.sandboxes],
        "causable": as_json(list(ACTIONS)) if len(running.sandboxes) == 1 else [],
    }
