"""How ``okhook up`` looks: a line a step, from waiting to done, and then every delivery."""

from collections.abc import Iterable, Iterator
from typing import final

from rich.text import Text

from okhook.activity import Activity, CanaryStored, ReceiverReady, Warned
from okhook.cli.console import Console
from okhook.cli.render.forward import ForwardRenderer
from okhook.cli.render.receiver import ReceiverRenderer
from okhook.cli.render.registration import render_registration
from okhook.cli.render.tunnel import TunnelRenderer
from okhook.display import plain
from okhook.okta.activities import Registered
from okhook.tunnel.activities import TunnelAttempt, TunnelOutput
from okhook.up.activities import (
    PathLost,
    Ready,
    StepBegan,
    StepDone,
    StepFailed,
    TunnelCameBack,
)

_STEP_WIDTH = 10


@final
class UpRenderer:
    """Turns the activities of all parts into lines; ``verbose`` shows bodies and the tunnel's talk.

    A step that is under way waits on a line of its own, which its end replaces.
    """

    def __init__(self, console: Console, *, verbose: bool) -> None:
        self._console = console
        self._verbose = verbose
        self._receiver = ReceiverRenderer(verbose=verbose)
        self._tunnel = TunnelRenderer()
        self._forward = ForwardRenderer(console)

    def __call__(self, activity: Activity) -> Iterable[Text]:
        """Return the lines of ``activity``."""
        match activity:
            case StepBegan(step):
                self._console.wait_for(f"{step:<{_STEP_WIDTH}}")
            case StepDone():
                self._console.stop_waiting()
                yield _done(activity)
            case StepFailed(step):
                self._console.stop_waiting()
                yield Text.assemble(("✗ ", "bold red"), step)
            case Ready():
                yield from _ready(activity)
            case TunnelCameBack(webhook_url):
                yield Text.assemble(("tunnel is back: ", "green"), plain(webhook_url))
            case PathLost(reason):
                yield Text.assemble(("path lost: ", "bold red"), plain(reason))
            case _:
                yield from self._of_a_part(activity)

    def _of_a_part(self, activity: Activity) -> Iterator[Text]:
        """Yield a part's lines; a warning, which every part's renderer shows, once."""
        if isinstance(activity, ReceiverReady | Registered) or self._is_talk(activity):
            return
        yield from self._receiver(activity)
        if isinstance(activity, Warned):
            return
        yield from self._forward(activity)
        yield from self._tunnel(activity)
        yield from render_registration(activity)

    def _is_talk(self, activity: Activity) -> bool:
        """Tell whether it says nothing that the deliveries themselves do not show."""
        if self._verbose:
            return False
        if isinstance(activity, TunnelAttempt):
            return activity.status is not None and 200 <= activity.status < 300
        return isinstance(activity, TunnelOutput | CanaryStored)


def _done(step: StepDone) -> Text:
    return Text.assemble(
        ("✓ ", "bold green"),
        f"{step.step:<{_STEP_WIDTH}} ",
        plain(step.detail),
        (f"  {step.elapsed_s:.2f} s", "dim"),
    )


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
            yield Text.assemble((f"  {name:<{_STEP_WIDTH}} ", "dim"), plain(value))
    if ready.guest:
        yield Text("A guest's webhook URL is temporary: sign up, or `hookdeck login`", style="dim")
    yield Text("Ctrl-C ends it, and deactivates a hook that it made active", style="dim")
