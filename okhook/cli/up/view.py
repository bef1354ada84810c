"""How ``okhook up`` looks: a line for each step, and then every delivery."""

from collections.abc import Iterable, Iterator, Sequence
from typing import final

from rich.text import Text

from okhook.activity import Activity, ReceiverReady, Warned
from okhook.cli.console import Console
from okhook.cli.tunnel.view import render_tunnel
from okhook.cli.views.forward import ForwardRenderer
from okhook.cli.views.lines import combined, labelled, short
from okhook.cli.views.org import render_org
from okhook.cli.views.record import ReceiverRenderer
from okhook.okta.activities import Registered
from okhook.records.activities import CanaryStored
from okhook.text import plain
from okhook.trigger.lifecycle import ACTIONS
from okhook.tunnel.activities import TunnelAttempt, TunnelOutput
from okhook.up.activities import (
    EventsAwaited,
    PathLost,
    Ready,
    StepChanged,
    TunnelCameBack,
)

_STEP_WIDTH = 10
_NAMED = 3
"""How many of the event types that the test user does not cause are named."""


@final
class UpRenderer:
    """Turns the activities of all parts into lines. ``verbose`` adds bodies and tunnel output.

    A step that is under way has a line of its own, which its result replaces. ``quiet`` leaves out
    the steps that went well, and the hints. ``keep`` means that the hook stays active at the end.
    """

    def __init__(self, console: Console, *, verbose: bool, quiet: bool, keep: bool) -> None:
        self._console = console
        self._verbose = verbose
        self._quiet = quiet
        self._keep = keep
        self._receiver = ReceiverRenderer(verbose=verbose)
        self._others = combined(ForwardRenderer(console), render_tunnel, render_org)

    def __call__(self, activity: Activity) -> Iterable[Text]:
        """Return the lines of ``activity``."""
        match activity:
            case StepChanged(step, "waiting"):
                self._console.wait_for(f"{step:<{_STEP_WIDTH}}")
            case StepChanged(step, "done", detail, elapsed_s):
                self._console.stop_waiting()
                if not self._quiet:
                    yield self._done(step, detail or "", elapsed_s or 0.0)
            case StepChanged(step, "failed"):
                self._console.stop_waiting()
                yield Text.assemble(("✗ ", "bold red"), step)
            case Ready():
                yield from _ready(activity)
                yield from () if self._quiet else self._hints(activity)
            case EventsAwaited(event_types):
                yield from () if self._quiet else _awaited(event_types)
            case TunnelCameBack(webhook_url):
                yield Text.assemble(("tunnel is back: ", "green"), plain(webhook_url))
            case PathLost(reason):
                yield Text.assemble(("path lost: ", "bold red"), plain(reason))
            case _:
                yield from self._of_a_part(activity)

    def _done(self, step: str, detail: str, elapsed_s: float) -> Text:
        """Return a step's line. The time is left out if the terminal is too narrow for it."""
        line = Text.assemble(("✓ ", "bold green"), f"{step:<{_STEP_WIDTH}} ", plain(detail))
        timed = Text.assemble(line, (f"  {elapsed_s:.2f} s", "dim"))
        width = self._console.width
        return timed if width is None or timed.cell_len <= width else line

    def _hints(self, ready: Ready) -> Iterator[Text]:
        if ready.guest:
            text = "A guest's webhook URL is temporary: sign up, or `hookdeck login`"
            yield Text(text, style="dim")
        hook = "leaves the hook active" if self._keep else "deactivates a hook that it made active"
        yield Text(f"Ctrl-C ends it, and {hook}", style="dim")

    def _of_a_part(self, activity: Activity) -> Iterator[Text]:
        """Yield the lines of a part. A warning is shown once, although several parts show it."""
        if isinstance(activity, ReceiverReady | Registered) or self._is_talk(activity):
            return
        yield from self._receiver(activity)
        if not isinstance(activity, Warned):
            yield from self._others(activity)

    def _is_talk(self, activity: Activity) -> bool:
        """Return whether the deliveries themselves show as much."""
        if self._verbose:
            return False
        if isinstance(activity, TunnelAttempt):
            return activity.status is not None and 200 <= activity.status < 300
        return isinstance(activity, TunnelOutput | CanaryStored)


def _ready(ready: Ready) -> Iterator[Text]:
    yield Text("Ready", style="bold green")
    facts = [
        ("org", ready.org),
        ("hook", ready.hook_id),
        ("webhook", ready.webhook_url),
        ("receiver", ready.receiver_url),
        ("sign up" if ready.guest else "dashboard", ready.dashboard_url),
        ("token", ready.sandbox_token.reveal() if ready.sandbox_token else None),
    ]
    for name, value in facts:
        if value is not None:
            yield labelled(name, plain(value), width=_STEP_WIDTH + 1)


def _awaited(event_types: Sequence[str]) -> Iterator[Text]:
    for event_type in event_types[:_NAMED]:
        shown = short(event_type, 80)
        yield Text(f"The test user makes no {shown}; to have one:", style="dim")
        yield Text(f"  {how_it_is_made(event_type)}", style="dim")
    if len(event_types) > _NAMED:
        yield Text(f"Nor {len(event_types) - _NAMED} more: okhook trigger --list", style="dim")


def how_it_is_made(event_type: str) -> str:
    """Return how to cause an event of that type in the sandbox."""
    if event_type in ACTIONS:
        return f"okhook trigger {event_type} --org sandbox"
    return "make one through the org's API (okhook trigger --list shows those that it makes)"
