"""Activities as records of a log: what operators may see of them, without personal data.

A record names a delivery by its ``seq`` and says what kinds of event it has; who did what to whom
stays in the store. An activity that is not known here has no more than its type.
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final, NamedTuple

from okhook.activity import (
    Activity,
    ReceiverReady,
    Stopped,
    Stopping,
    StoreRecovered,
    StoreTrouble,
    Warned,
)
from okhook.admin.health import origin_of
from okhook.cli.admin_port import AdminReady
from okhook.cli.inspect.run import InspectorReady
from okhook.cli.views.lines import short
from okhook.json_form import JsonObject
from okhook.records.activities import (
    Backlogged,
    BacklogSkipped,
    CanaryStored,
    DeliveryStored,
    Forwarded,
    RequestRefused,
    TargetDown,
    TargetTaken,
    TargetUp,
    VerificationAnswered,
    WaitingElsewhere,
)
from okhook.records.attempt import ForwardState

_TYPES = 20
"""How many event types of a delivery are named."""

_URL: Final = re.compile(r"(?i)\b(?:https?|nats|tls)://[^\s'\"`<>]*[^\s'\"`<>:;,.)]")
"""A URL in a sentence, without the punctuation after it."""


class Level(StrEnum):
    """How much an operator should care."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class LogLine(NamedTuple):
    """What a record says besides its time and the type of its activity."""

    level: Level
    message: str
    fields: Mapping[str, Any] = {}


def log_line(activity: Activity, *, events: bool) -> LogLine:
    """Return what the log says of an activity; with ``events`` also the events of a delivery."""
    match activity:
        case DeliveryStored():
            return _delivery(activity, events=events)
        case VerificationAnswered(record):
            return LogLine(Level.INFO, "verification challenge answered", {"seq": record.seq})
        case CanaryStored(record):
            return LogLine(Level.DEBUG, "canary received", {"seq": record.seq})
        case RequestRefused(seq, request, status, reason):
            level = Level.ERROR if status >= 500 else Level.WARNING
            fields = {"seq": seq, "status": status, "method": short(request.method, 20)}
            return LogLine(level, "request refused", {**fields, "reason": short(reason)})
        case Forwarded():
            return _forwarded(activity)
        case StoreTrouble(text):
            return LogLine(Level.ERROR, text)
        case Warned(text):
            return LogLine(Level.WARNING, text)
        case StoreRecovered():
            return LogLine(Level.INFO, "the store works again")
        case _:
            return _of_a_target(activity) or _of_the_process(activity)


def with_origins(message: str) -> str:
    """Return a message that has of each URL only the scheme, the host and the port."""
    return _URL.sub(lambda found: origin_of(found[0]), message)


def _delivery(stored: DeliveryStored, *, events: bool) -> LogLine:
    record, delivery = stored.record, stored.record.delivery
    types = dict.fromkeys(short(event.event_type) for event in delivery.events)
    fields: JsonObject = {
        "seq": record.seq,
        "event_id": short(delivery.event_id) or None,
        "hook_id": short(delivery.hook_id) or None,
        "event_types": [*types][:_TYPES],
        "event_count": len(delivery.events),
        "duplicate": record.is_duplicate,
    }
    if events:
        fields["events"] = stored.to_json()["events"]
    return LogLine(Level.INFO, "delivery stored", fields)


_FORWARD_LINES = {
    ForwardState.DONE: (Level.INFO, "forwarded"),
    ForwardState.WAITING: (Level.WARNING, "not forwarded: it will be tried again"),
    ForwardState.FAILED: (Level.ERROR, "not forwarded: okhook gave up"),
}


def _forwarded(forwarded: Forwarded) -> LogLine:
    attempt, forward = forwarded.attempt, forwarded.forward
    level, message = _FORWARD_LINES[forward.state]
    fields = {
        "seq": attempt.seq,
        "target": origin_of(attempt.target),
        "attempt": attempt.number,
        "status": attempt.status,
        "duration_ms": round(attempt.duration_s * 1000, 2),
        "reason": short(attempt.reason) or None,
    }
    return LogLine(level, message, fields)


def _of_a_target(activity: Activity) -> LogLine | None:
    match activity:
        case TargetDown(url, reason):
            fields: JsonObject = {"reason": short(reason)}
            level, message = Level.ERROR, "the app does not answer: its deliveries wait"
        case TargetUp(url, down_s, waiting):
            fields = {"down_s": round(down_s, 1), "waiting": waiting}
            level, message = Level.INFO, "the app answers again"
        case TargetTaken(url):
            fields, level, message = {}, Level.INFO, "this process forwards to the app now"
        case Backlogged(url, backlog):
            fields = {each: getattr(backlog, each) for each in ("pending", "waiting", "failed")}
            level, message = Level.INFO, "deliveries that the app has not accepted"
        case BacklogSkipped(url, count):
            fields, level = {"count": count}, Level.WARNING
            message = "deliveries from earlier runs are not sent to the app"
        case WaitingElsewhere(url, receiver, count):
            fields, level = {"receiver": short(receiver), "count": count}, Level.WARNING
            message = "deliveries wait for the app under the name of another receiver"
        case _:
            return None
    return LogLine(level, message, {"target": origin_of(url), **fields})


def _of_the_process(activity: Activity) -> LogLine:
    fields: JsonObject
    match activity:
        case ReceiverReady(url, auth):
            return LogLine(Level.INFO, "receiving", {"url": url, "auth": auth})
        case AdminReady(admin_url, targets):
            fields = {"admin_url": admin_url, "targets": list(targets)}
            return LogLine(Level.INFO, "admin port ready", fields)
        case InspectorReady(inspector_url):
            return LogLine(Level.INFO, "inspector ready", {"inspector_url": inspector_url})
        case Stopping(within_s, requests, targets):
            awaited = {"requests": requests, "targets": list(map(origin_of, targets))}
            fields = {"within_s": round(within_s, 1), **awaited}
            return LogLine(Level.INFO, "okhook stops when what it began is done", fields)
        case Stopped():
            return LogLine(Level.INFO, "okhook stopped")
        case _:
            return LogLine(Level.INFO, activity.type.replace("_", " "))
