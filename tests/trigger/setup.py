"""An event on its way: hooks, entries and records as a test wants them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from okhook.okta.event_hooks import EventHook, read_event_hook
from okhook.okta.system_log import LogEntry, read_log_entry
from okhook.runtime.run_files import ReceiverRun, TunnelRun, UpRun
from okhook.runtime.running_here import RunningHere
from okhook.trigger.activities import StepDone, Subject
from okhook.trigger.event_path import EventPath, NoAnswer, OrgReport
from tests.sandbox.rig import hook_body

NOW = datetime(2026, 11, 24, 12, 0, 0, tzinfo=UTC)
CREATE = "user.lifecycle.create"
RECEIVER = "http://127.0.0.1:1337/okta-webhooks-endpoint"
WEBHOOK = "https://hkdk.events/abc"
JANE = Subject("00uJane", "okhook-jane-1@example.com")
DONE = StepDone(CREATE, False, JANE, None, NOW)
NO_TUNNEL = RunningHere((ReceiverRun(RECEIVER, 1337, pid=42),))
TUNNEL = TunnelRun(
    "okta", "/hook", 1337, None, None, WEBHOOK, "https://dashboard.hookdeck.com/x", pid=43
)
TUNNELLED = replace(NO_TUNNEL, tunnels=(TUNNEL,))
UP = replace(NO_TUNNEL, ups=(UpRun("", "whoMine", pid=42),))
SAYS_NO = "event.target.size() > 7"
NOT_UNDERSTOOD = "Groups.contains(event)"


def hook(
    hook_id: str = "whoMine",
    url: str = RECEIVER,
    *,
    events: Sequence[str] = (CREATE,),
    status: str = "ACTIVE",
    verification: str = "VERIFIED",
    filter_: str | None = None,
) -> EventHook:
    body = hook_body(url, name=f"name of {hook_id}", events=events)
    if filter_ is not None:
        condition = {"event": CREATE, "condition": {"expression": filter_}}
        body["events"]["filter"] = {
            "type": "EXPRESSION_LANGUAGE",
            "eventFilterMap": [condition],
        }
    return read_event_hook(
        {**body, "id": hook_id, "status": status, "verificationStatus": verification}
    )


def entry(
    event_type: str = CREATE,
    *,
    hook_ids: str | None = None,
    targets: Sequence[str] = ("00uJane",),
    reason: str | None = None,
    uuid: str = "uuid-1",
) -> LogEntry:
    data: dict[str, Any] = {} if hook_ids is None else {"targetEventHookIds": hook_ids}
    return read_log_entry(
        {
            "uuid": uuid,
            "eventType": event_type,
            "published": "2026-11-24T12:00:00.000Z",
            "outcome": {"result": "FAILURE" if reason else "SUCCESS", "reason": reason},
            "target": [{"id": target} for target in targets],
            "debugContext": {"debugData": data},
        }
    )


def failure(hook_id: str = "whoMine", reason: str = "answered 401") -> LogEntry:
    return entry("event_hook.delivery", targets=(hook_id,), reason=reason, uuid="uuid-of-failure")


def path(
    hooks: tuple[EventHook, ...] | NoAnswer = (),
    event: LogEntry | NoAnswer | None = None,
    failures: tuple[LogEntry, ...] | NoAnswer = (),
    running: RunningHere = NO_TUNNEL,
) -> EventPath:
    return EventPath(CREATE, OrgReport(hooks, event, failures), running)
