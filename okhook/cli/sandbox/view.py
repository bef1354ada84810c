"""How ``okhook sandbox`` looks: its API's calls, its verifications and its deliveries."""

import shlex
from collections.abc import Iterable

from rich.text import Text

from okhook.activity import Activity, Warned
from okhook.cli.views.lines import at, result, short, warning_line
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
    """Return the lines of ``activity``; none for an activity that is not the sandbox's."""
    match activity:
        case SandboxReady(url, token):
            yield Text.assemble(("Sandbox org", "bold green"), " at ", (url, "bold"))
            # To paste into a shell: okhook and Okta's SDKs read these variables.
            yield Text(f"export OKTA_CLIENT_ORGURL={shlex.quote(url)}")
            yield Text(f"export OKTA_CLIENT_TOKEN={shlex.quote(token.reveal())}", no_wrap=True)
            # Some shells take a comment behind it for more words.
            yield Text("export OKTA_TESTING_TESTINGDISABLEHTTPSCHECK=true")
            yield Text("Okta's SDKs refuse http without the last line", style="dim")
        case Warned(text):
            yield warning_line(text)
        case ApiCalled():
            style = "green" if activity.status < 400 else "red"
            code = f" {activity.error_code}" if activity.error_code else ""
            asked = short(f"{activity.method} {activity.path}")
            status = (f"{activity.status}{code}", style)
            yield Text.assemble(at(activity.at), status, f"  {asked}")
        case HookVerification():
            yield _called(activity, "verified", activity.verified, short(activity.url))
        case HookDelivery():
            what = f"{_types(activity.event_types)} → {short(activity.url)}"
            line = _called(activity, "delivered", activity.delivered, what)
            yield line.append(f"  {activity.event_id}", style="dim")
        case HookFilterNotUnderstood():
            yield Text.assemble(
                at(activity.at),
                ("not understood  ", "yellow"),
                f"the filter of hook {activity.hook_id} for {short(activity.event_type)}"
                f" ({short(activity.reason)}): every event passes",
            )
        case FaultInjected():
            spoiled = short(f"{activity.fault} for {activity.method} {activity.path}")
            yield Text.assemble(at(activity.at), ("fault  ", "bold magenta"), spoiled)
        case HookDeliveryDropped():
            yield Text.assemble(
                at(activity.at),
                ("not sent  ", "yellow"),
                f"{_types(activity.event_types)}: hook {activity.hook_id} receives no events",
            )


def _called(call: HookVerification | HookDelivery, done: str, ok: bool, what: str) -> Text:
    reason = "" if call.reason is None else f": {short(call.reason)}"
    retried = " after a retry" if call.attempts > 1 else ""
    outcome = (done if ok else f"not {done}", result(ok=ok))
    return Text.assemble(at(call.at), outcome, f"  {what}{reason}{retried}")


def _types(event_types: tuple[str, ...]) -> str:
    if len(event_types) == 1:
        return short(event_types[0])
    return short(f"{len(event_types)} events ({', '.join(event_types)})")
