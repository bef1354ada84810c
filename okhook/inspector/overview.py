"""What the overview shows: what arrived, and what runs on this machine."""

import shlex
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from okhook.json_form import JsonObject, as_json, timestamp
from okhook.records.attempt import Backlog, Target
from okhook.records.record import RecordKind
from okhook.runtime.run_files import ReceiverRun, RunDirectory, UpRun
from okhook.runtime.running_here import running_here
from okhook.send_sample.sender import nearest_rank
from okhook.store.contract import Arrivals, Reader
from okhook.trigger.scenario import ACTIONS
from okhook.wire.url import without_credentials

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
        "statuses": {**kinds, **_unaccepted(reader)},
        "latencies": {
            "commit": _summary(latencies.commit_s),
            "forward": _summary(latencies.forward_s),
        },
        "most_a_day": MOST_A_DAY,
        "warned_from": WARNED_FROM,
    }


def _unaccepted(reader: Reader) -> dict[str, int]:
    counted = [backlog for _, backlog in reader.backlogs()]
    return {
        "waiting": sum(each.pending + each.waiting for each in counted),
        "failed": sum(each.failed for each in counted),
    }


def _summary(durations_s: list[float]) -> JsonObject | None:
    """Return the median and the 99th percentile in milliseconds; None without any."""
    if not durations_s:
        return None
    in_order = sorted(durations_s)
    p50_ms, p99_ms = (
        round((nearest_rank(in_order, share) or 0.0) * 1000, 1) for share in (0.5, 0.99)
    )
    return {"p50_ms": p50_ms, "p99_ms": p99_ms, "count": len(in_order)}


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
    ``left_over`` are the hooks that killed commands left active.
    """
    running = running_here(run_directory)
    return {
        "receivers": [
            {
                "url": without_credentials(each.url),
                "asks_for_secret": each.asks_for_secret,
                "pid": each.pid,
            }
            for each in running.receivers
        ],
        "tunnels": [
            {"webhook_url": _shown(each.webhook_url), "source": each.source, "port": each.port}
            for each in running.tunnels
        ],
        "hooks": [_hook(each) for each in running.ups],
        "left_over": [
            {"org": each.org, "hook_id": each.hook_id}
            for each in run_directory.left_over(UpRun).values()
            if each.hook_id is not None
        ],
        "sandboxes": [each.org_url for each in running.sandboxes],
        "causable": as_json(list(ACTIONS)) if len(running.sandboxes) == 1 else [],
    }


def _shown(url: str | None) -> str | None:
    return None if url is None else without_credentials(url)


def _hook(run: UpRun) -> JsonObject:
    """Return what a running ``okhook up`` knows of its hook, and of the path to it."""
    known = {"status": run.status, "verification": run.verification, "seen_at": run.seen_at}
    path = {"webhook_url": _shown(run.webhook_url), "proved_at": run.proved_at}
    fault = {"fault": run.fault, "fault_step": run.next_step}
    shown = {"org": run.org, "hook_id": run.registered, **known, **path, **fault}
    state = hook_state(run, run.status, run.verification)
    return {name: as_json(value) for name, value in shown.items()} | state


def hook_state(run: UpRun, status: str | None, verification: str | None) -> JsonObject:
    """Return why Okta does not call a hook, if it does not, and the command that fixes it."""
    if run.registered is None or status is None:
        return {"idle_because": None, "next_step": None}
    if status != "ACTIVE":
        why, what = f"Okta does not call it: it is {status}", "activate"
    elif verification != "VERIFIED":
        why, what = f"Okta does not call it: it is {verification}", "verify"
    else:
        return {"idle_because": None, "next_step": None}
    command = ("okhook", "hooks", what, run.registered, "--org", run.org)
    return {"idle_because": why, "next_step": shlex.join(command)}


def apps_of(reader: Reader, receivers: Sequence[ReceiverRun]) -> list[JsonObject]:
    """Return every app that deliveries were forwarded to: how it is, and what waits for it.

    An app is ``served`` while one of the ``receivers`` forwards to it; only then it is known
    whether it is ``down``.
    """
    return [_app(target, backlog, receivers) for target, backlog in reader.backlogs()]


def _app(target: Target, backlog: Backlog, receivers: Sequence[ReceiverRun]) -> JsonObject:
    serving = [
        each
        for each in receivers
        if target.url in each.forward_to and target.gets_from(each.receiver)
    ]
    down = [app for each in serving for app in each.down if app.url == target.url]
    return {
        "url": without_credentials(target.url),
        "receiver": target.receiver,
        "served": bool(serving),
        "down": as_json(replace(down[0], url=without_credentials(target.url))) if down else None,
        "pending": backlog.pending,
        "waiting": backlog.waiting,
        "failed": backlog.failed,
    }
