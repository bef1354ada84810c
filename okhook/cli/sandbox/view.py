"""How a sandbox org's activities look: where it is, each call, and what it sends to hooks."""

import shlex
from collections.abc import Iterable, Iterator

from rich.text import Text

from okhook.activity import Activity
from okhook.cli.views.lines import at, short
from okhook.sandbox.activities import (
    ApiCalled,
    FaultInjected,
    HookDelivery,
    HookDeliveryDropped,
    HookFilterNotUnderstood,
    HookVerification,
    SandboxReady,
)


def render_sandbox(activity: Activity) -> Iterable[Text]:
    """Return the lines of ``activity``. Those of other rooms have none."""
    match activity:
        case SandboxReady():
            yield from _ready(activity)
        case ApiCalled():
            style = "green" if activity.status < 400 else "red"
            code = f" {activity.error_code}" if activity.error_code else ""
            asked = short(f"{activity.method} {activity.path}")
            status = (f"{activity.status}{code}", style)
            yield Text.assemble(at(activity.at), status, f"  {asked}")
        case HookVerification():
            yield Text.assemble(
                at(activity.at),
                ("verified", "green") if activity.verified else ("not verified", "bold red"),
                f"  {short(activity.url)}",
                _after(activity.reason, activity.attempts),
            )
        case HookDelivery():
            yield Text.assemble(
                at(activity.at),
                ("delivered", "green") if activity.delivered else ("not delivered", "bold red"),
                f"  {_types(activity.event_types)} → {short(activity.url)}",
                _after(activity.reason, activity.attempts),
                (f"  {activity.event_id}", "dim"),
            )
        case HookFilterNotUnderstood():
            yield Text.assemble(
                at(activity.at),
                ("not understood  ", "yellow"),
                f"the filter of hook {activity.hook_id} for {short(activity.event_type)}"
                f" ({short(activity.reason)}): every event passes it",
            )
        case FaultInjected():
            spoiled = short(f"{activity.fault} for {activity.method} {activity.path}")
            yield Text.assemble(at(activity.at), ("fault  ", "bold magenta"), spoiled)
        case HookDeliveryDropped():
            yield Text.assemble(
                at(activity.at),
                ("not sent  ", "yellow"),
                f"{_types(activity.event_types)}: hook {activity.hook_id} receives no more",
            )


def _ready(activity: SandboxReady) -> Iterator[Text]:
    """Yield lines to paste into a shell. Okta's SDKs and okhook read these variables."""
    yield Text.assemble(("Sandbox org", "bold green"), " at ", (activity.org_url, "bold"))
    yield Text(f"export OKTA_CLIENT_ORGURL={shlex.quote(activity.org_url)}")
    yield Text(f"export OKTA_CLIENT_TOKEN={shlex.quote(activity.token.reveal())}")
    yield Text.assemble(
        "export OKTA_TESTING_TESTINGDISABLEHTTPSCHECK=true",
        ("  # Okta's SDKs refuse http without it", "dim"),
    )


def _after(reason: str | None, attempts: int) -> str:
    retried = " after a retry" if attempts > 1 else ""
    return retried if reason is None else f": {short(reason)}{retried}"


def _types(event_types: tuple[str, ...]) -> str:
    if len(event_types) == 1:
        return short(event_types[0])
    return short(f"{len(event_types)} events ({', '.join(event_types)})")
