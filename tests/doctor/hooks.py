"""Hooks, log entries and records that checks are held against."""

import shlex
from datetime import UTC, datetime, timedelta
from typing import Any

from okhook.config.setting import Setting
from okhook.doctor.commands import Commands
from okhook.doctor.place import Place
from okhook.okta.event_hooks import EventHook, read_event_hook
from okhook.okta.log_entry import LogEntry, read_log_entry
from okhook.records.record import AuthOutcome, Record, RecordKind
from okhook.secret import HookAuth, Secret
from tests.support.records import post

URL = "https://hkdk.events/abc"
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
AUTH = Setting(HookAuth("Authorization", Secret("the-hooks-own-secret")), "OKHOOK_AUTH_SECRET")


RECEIVER_PATH = "/okta-webhooks-endpoint"
PLACE = Place(1337, RECEIVER_PATH)


def commands(*secret: str, own_path: str | None = RECEIVER_PATH) -> Commands:
    return Commands(lambda *words: shlex.join(("okhook", *words)), secret, own_path)


COMMANDS = commands()


def hook(
    hook_id: str = "who1",
    *,
    name: str = "mine",
    status: str = "ACTIVE",
    verification: str = "VERIFIED",
    url: str = URL,
    auth_field: str | None = "authorization",
    events: int = 1,
    last_updated: str | None = "2026-11-24T10:00:00.000Z",
) -> EventHook:
    scheme = {"type": "HEADER", "key": auth_field} if auth_field else None
    config: dict[str, Any] = {"uri": url, "headers": [], "authScheme": scheme}
    return read_event_hook(
        {
            "id": hook_id,
            "name": name,
            "status": status,
            "verificationStatus": verification,
            "lastUpdated": last_updated,
            "events": {"type": "EVENT_TYPE", "items": [f"type.{n}" for n in range(events)]},
            "channel": {"type": "HTTP", "version": "1.0.0", "config": config},
        }
    )


def entry(
    event_type: str, *, ago: timedelta, outcome: str = "FAILURE", reason: str | None = None
) -> LogEntry:
    published = (NOW - ago).isoformat().replace("+00:00", "Z")
    return read_log_entry(
        {
            "uuid": f"{event_type}-{ago}",
            "eventType": event_type,
            "published": published,
            "outcome": {"result": outcome, "reason": reason},
        }
    )


def record(auth: AuthOutcome, *, ago: timedelta = timedelta(minutes=1)) -> Record:
    request = post(b"{}", received_at=NOW - ago)
    return Record(7, RecordKind.DELIVERY, request, 204, None, auth, None)
