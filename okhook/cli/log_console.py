"""Write everything as a log: one JSON record per line on stdout, for log collectors.

The records say what operators may see, without personal data. A record names a delivery by its
``seq`` and says what kinds of event it has; who did what to whom stays in the store. An activity
that is not known here has no more than its type.
"""

import logging
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from typing import Any, Final, NamedTuple

from okhook.activity import (
    A,
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
from okhook.cli.console import Console, json_line
from okhook.cli.inspect.run import InspectorReady
from okhook.cli.views.lines import View, short
from okhook.config.settings import Output
from okhook.errors import OkhookError
from okhook.json_form import JsonObject, timestamp
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
from okhook.runtime.ids import utc_now
from okhook.text import plain

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
            message = "the app does not answer: its deliveries wait"
            return _about(url, Level.ERROR, message, reason=short(reason))
        case TargetUp(url, down_s, waiting):
            message = "the app answers again"
            return _about(url, Level.INFO, message, down_s=round(down_s, 1), waiting=waiting)
        case TargetTaken(url):
            return _about(url, Level.INFO, "this process forwards to the app now")
        case Backlogged(url, backlog):
            counts = {each: getattr(backlog, each) for each in ("pending", "waiting", "failed")}
            return _about(url, Level.INFO, "deliveries that the app has not accepted", **counts)
        case BacklogSkipped(url, count):
            message = "deliveries from earlier runs are not sent to the app"
            return _about(url, Level.WARNING, message, count=count)
        case WaitingElsewhere(url, receiver, count):
            message = "deliveries wait for the app under the name of another receiver"
            return _about(url, Level.WARNING, message, receiver=short(receiver), count=count)
        case _:
            return None


def _about(url: str, level: Level, message: str, **fields: object) -> LogLine:
    return LogLine(level, message, {"target": origin_of(url), **fields})


def _of_the_process(activity: Activity) -> LogLine:
    match activity:
        case ReceiverReady(url, auth):
            return LogLine(Level.INFO, "receiving", {"url": url, "auth": auth})
        case AdminReady(admin_url, targets):
            ready = {"admin_url": admin_url, "targets": list(targets)}
            return LogLine(Level.INFO, "admin port ready", ready)
        case InspectorReady(inspector_url):
            return LogLine(Level.INFO, "inspector ready", {"inspector_url": inspector_url})
        case Stopping(within_s, requests, targets):
            awaited = {"requests": requests, "targets": list(map(origin_of, targets))}
            message = "okhook stops when what it began is done"
            return LogLine(Level.INFO, message, {"within_s": round(within_s, 1), **awaited})
        case Stopped():
            return LogLine(Level.INFO, "okhook stopped")
        case _:
            return LogLine(Level.INFO, activity.type.replace("_", " "))


class LogConsole(Console):
    """A console whose lines are records with ``time``, ``level``, ``event`` and ``message``.

    They are ASCII, so that they have no control characters. With ``events`` the record of a
    delivery has its events, which are personal data.
    """

    is_log = True

    def __init__(self, *, quiet: bool, events: bool) -> None:
        super().__init__(output=Output.JSON, quiet=quiet)
        self._events = events

    def show_all(self, activities: Iterable[A], view: View[A]) -> None:
        """Write activities in order, in a single write."""
        del view
        self._write_at_once(
            self._record(activity.type, *log_line(activity, events=self._events))
            for activity in activities
        )

    def note(self, text: str) -> None:
        """Write a note; not with ``--quiet``."""
        if not self.is_quiet:
            self.record("note", Level.INFO, text)

    def warn(self, text: str) -> None:
        """Write a warning."""
        self.record("warning", Level.WARNING, text)

    def error(self, error: OkhookError) -> None:
        """Write the error that ends the command."""
        fields = {
            "exit_code": int(error.exit_code),
            "why": None if error.why is None else plain(error.why),
            "next_step": None if error.next_step is None else plain(error.next_step),
        }
        self.record("error", Level.ERROR, error.what, fields)

    def record(
        self, event: str, level: Level, message: str, fields: Mapping[str, Any] | None = None
    ) -> None:
        """Write one record."""
        self._write_at_once([self._record(event, level, message, fields or {})])

    def _record(self, event: str, level: Level, message: str, fields: Mapping[str, Any]) -> str:
        head = {"time": timestamp(utc_now()), "level": level, "event": event}
        return json_line({**head, "message": with_origins(plain(message)), **fields})


@contextmanager
def all_logged(console: Console) -> Iterator[None]:
    """Write the error that ends the block, and what libraries log, to a console that is a log."""
    if not isinstance(console, LogConsole):
        yield
        return
    handler = _ToConsole(console)
    logging.getLogger().addHandler(handler)
    try:
        yield
    except Exception as error:  # noqa: BLE001 - each error becomes a record
        from okhook.cli.app import report

        sys.exit(report(error, console))
    finally:
        logging.getLogger().removeHandler(handler)


class _ToConsole(logging.Handler):
    """Passes on warnings of libraries. A traceback may hold anything: it stays out."""

    def __init__(self, console: LogConsole) -> None:
        super().__init__(logging.WARNING)
        self._console = console

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        fields = {"logger": plain(record.name), "error": type(error).__name__ if error else None}
        level = Level.ERROR if record.levelno >= logging.ERROR else Level.WARNING
        self._console.record("library", level, record.getMessage(), fields)
