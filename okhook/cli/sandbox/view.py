"""How a sandbox org's activities look: where it is, each call, and what it sends to hooks."""

import shlex
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import final

from rich.text import Text

from okhook.activity import Activity
from okhook.sandbox.activities import (
    ApiCalled,
    FaultInjected,
    HookDelivery,
    HookDeliveryDropped,
    HookFilterNotUnderstood,
    HookVerification,
    SandboxReady,
)
from okhook.text import plain

_LIMIT = 200


@final
class SandboxRenderer:
    """Turns a sandbox org's activities into lines."""

    def __call__(self, activity: Activity) -> Iterable[Text]:
        """Return the lines of ``activity``; none for those of other rooms."""
        match activity:
            case SandboxReady():
                yield from _ready(activity)
            case ApiCalled():
                yield _call(activity)
            case HookVerification():
                yield _verification(activity)
            case HookDelivery():
                yield _delivery(activity)
            case HookFilterNotUnderstood():
                yield Text.assemble(
                    _clock(activity.at),
                    ("not understood  ", "yellow"),
                    f"the filter of hook {activity.hook_id} for {_short(activity.event_type)}"
                    f" ({_short(activity.reason)}): every event passes it",
                )
            case FaultInjected():
                yield Text.assemble(
                    _clock(activity.at),
                    ("fault  ", "bold magenta"),
                    plain(f"{activity.fault} for {activity.method} {activity.path}", limit=_LIMIT),
                )
            case HookDeliveryDropped():
                yield Text.assemble(
                    _clock(activity.at),
                    ("not sent  ", "yellow"),
                    f"{_types(activity.event_types)}: hook {activity.hook_id} receives no more",
                )


def _ready(activity: SandboxReady) -> Iterator[Text]:
    """Yield lines to paste: Okta's SDKs read these variables, and so does okhook."""
    yield Text.assemble(("Sandbox org", "bold green"), " at ", (activity.org_url, "bold"))
    yield Text(f"export OKTA_CLIENT_ORGURL={shlex.quote(activity.org_url)}")
    yield Text(f"export OKTA_CLIENT_TOKEN={shlex.quote(activity.token.reveal())}")
    yield Text.assemble(
        "export OKTA_TESTING_TESTINGDISABLEHTTPSCHECK=true",
        ("  # Okta's SDKs refuse http without it", "dim"),
    )


def _call(activity: ApiCalled) -> Text:
    style = "green" if activity.status < 400 else "red"
    code = f" {activity.error_code}" if activity.error_code else ""
    asked = plain(f"{activity.method} {activity.path}", limit=_LIMIT)
    return Text.assemble(_clock(activity.at), (f"{activity.status}{code}", style), f"  {asked}")


def _verification(activity: HookVerification) -> Text:
    result = ("verified", "green") if activity.reason is None else ("not verified", "bold red")
    return Text.assemble(
        _clock(activity.at),
        result,
        f"  {_short(activity.url)}",
        _after(activity.reason, activity.attempts),
    )


def _delivery(activity: HookDelivery) -> Text:
    result = ("delivered", "green") if activity.reason is None else ("not delivered", "bold red")
    return Text.assemble(
        _clock(activity.at),
        result,
        f"  {_types(activity.event_types)} → {_short(activity.url)}",
        _after(activity.reason, activity.attempts),
        (f"  {activity.event_id}", "dim"),
    )


def _after(reason: str | None, attempts: int) -> str:
    retried = " after a retry" if attempts > 1 else ""
    return retried if reason is None else f": {_short(reason)}{retried}"


def _types(event_types: tuple[str, ...]) -> str:
    if len(event_types) == 1:
        return _short(event_types[0])
    return _short(f"{len(event_types)} events ({', '.join(event_types)})")


def _short(text: str) -> str:
    return plain(text, limit=_LIMIT)


def _clock(moment: datetime) -> Text:
    return Text(moment.astimezone().strftime("%H:%M:%S  "), style="dim")
