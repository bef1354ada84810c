"""Facts, hooks, log entries and records that checks are held against."""

import shlex
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar, cast

from okhook.config.setting import Setting
from okhook.doctor.facts import Cached, Facts
from okhook.doctor.setup import Commands, SettingsRead, Setup
from okhook.errors import Unavailable
from okhook.http.client import HttpClient
from okhook.okta.event_hooks import EventHook, read_event_hook
from okhook.okta.system_log import LogEntry, read_log_entry
from okhook.records.record import AuthOutcome, Record, RecordKind
from okhook.runtime.run_files import RunDirectory
from okhook.runtime.running_here import LocalEndpoint, RunningHere
from okhook.secret import HookAuth, Secret
from okhook.wire.org import Org
from tests.support.records import post

URL = "https://hkdk.events/abc"
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
AUTH = Setting(HookAuth("Authorization", Secret("the-hooks-own-secret")), "OKHOOK_AUTH_SECRET")


RECEIVER_PATH = "/okta-webhooks-endpoint"
ENDPOINT = LocalEndpoint(1337, RECEIVER_PATH)
NOWHERE = Path("/nowhere")

T = TypeVar("T")


def commands(*secret: str, own_path: str | None = RECEIVER_PATH) -> Commands:
    return Commands(lambda *words: shlex.join(("okhook", *words)), secret, own_path)


COMMANDS = commands()

SETUP = Setup(
    run_directory=RunDirectory(NOWHERE / "run"),
    running=RunningHere(),
    host="127.0.0.1",
    endpoint=ENDPOINT,
    url=None,
    auth=AUTH,
    hookdeck=None,
    environ={},
    directory=NOWHERE,
    http=cast("HttpClient", None),
    before_hard_exit=lambda _: nullcontext(),
    commands=COMMANDS,
    org=Setting(Org("https://dev-1.okta.com"), "--org"),
    credential=None,
    client=None,
    hook_named=None,
    usual_hook_name="mine",
)
LOCAL_ORG = Setting(Org("http://127.0.0.1:8137"), "--org")


def facts(
    setup: Setup | None = None,
    *,
    store: Path = NOWHERE / "store.db",
    settings: SettingsRead | None = None,
    now: datetime = NOW,
    timeout_s: float = 1,
    **known: object,
) -> Facts:
    """Return facts with the answers in ``known``; a ``hook`` of None is a missing one."""
    settings = settings or SettingsRead([], [])
    built = Facts(store, settings, setup or SETUP, timeout_s, now=lambda: now)
    for name, value in known.items():
        assert isinstance(getattr(built, name), Cached)
        setattr(built, name, _no_hook() if (name, value) == ("hook", None) else cached(value))
    return built


def with_setup(**changes: Any) -> Setup:  # noqa: ANN401 - passed on
    return replace(SETUP, **changes)


def cached(value: T) -> Cached[T]:
    async def ask() -> T:
        return value

    return Cached(ask)


def _no_hook() -> Cached[EventHook]:
    async def ask() -> EventHook:
        raise Unavailable("there is no such hook")

    return Cached(ask)


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
