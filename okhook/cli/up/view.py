"""Show ``okhook up``: a line for each step, then every delivery."""

import shlex
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from rich.text import Text

from okhook.activity import Activity, ReceiverReady, Warned
from okhook.cli.admin_port import render_admin
from okhook.cli.console import Console
from okhook.cli.inspect.run import InspectorReady
from okhook.cli.tunnel.view import render_tunnel
from okhook.cli.up.command import UpFlags
from okhook.cli.views.forward import ForwardRenderer
from okhook.cli.views.lines import combined, labelled, short, stopping_renderer
from okhook.cli.views.org import render_org
from okhook.cli.views.record import ReceiverRenderer
from okhook.okta.activities import Registered
from okhook.records.activities import CanaryStored
from okhook.text import plain
from okhook.trigger.scenario import ACTIONS
from okhook.tunnel.activities import TunnelAttempt, TunnelOutput
from okhook.up.activities import (
    EventsAwaited,
    PathLost,
    PathProved,
    Ready,
    StepChanged,
    TunnelCameBack,
)
from okhook.wire.url import without_credentials

_STEP_WIDTH = 10
_NAMED = 3
"""How many event types that the test user does not cause are shown."""


class UpRenderer:
    """Turns activities into lines. The result of a step replaces its line."""

    def __init__(
        self,
        console: Console,
        command: Callable[..., str],
        flags: UpFlags,
        activation: str | None = None,
    ) -> None:
        self._console = console
        self._command = command
        self._flags = flags
        self._activation = activation
        self._inspector: InspectorReady | None = None
        self._receiver = ReceiverRenderer(console, verbose=flags.verbose)
        self._others = combined(
            ForwardRenderer(console),
            render_tunnel,
            render_org,
            render_admin,
            stopping_renderer(is_live=console.is_live),
        )

    def __call__(self, activity: Activity) -> Iterable[Text]:
        """Return the lines of ``activity``."""
        match activity:
            case StepChanged(step, "waiting"):
                self._console.wait_for(f"{step:<{_STEP_WIDTH}}")
            case StepChanged(step, "done", detail, elapsed_s):
                self._console.stop_waiting()
                if not self._console.is_quiet:
                    yield self._done(step, detail or "", elapsed_s or 0.0)
            case StepChanged(step, "failed"):
                self._console.stop_waiting()
                yield Text.assemble(("✗ ", "bold red"), step)
            case InspectorReady():
                self._inspector = activity
            case Ready():
                yield from _ready(activity, self._inspector)
                yield from () if self._console.is_quiet else self._hints(activity)
            case EventsAwaited(event_types):
                yield from () if self._console.is_quiet else _awaited(event_types)
            case TunnelCameBack() | PathLost() | PathProved():
                yield from self._path(activity)
            case _:
                yield from self._of_a_part(activity)

    def _path(self, activity: TunnelCameBack | PathLost | PathProved) -> Iterator[Text]:
        match activity:
            case TunnelCameBack(webhook_url):
                yield Text.assemble(("tunnel is back: ", "green"), plain(webhook_url))
            case PathLost(reason, next_step):
                yield Text.assemble(("path lost: ", "bold red"), plain(reason))
                yield from () if next_step is None else [Text(f"→ {plain(next_step)}")]
            case PathProved(elapsed_s) if not self._console.is_quiet:
                arrived = f"a canary arrived in {elapsed_s * 1000:.0f} ms"
                yield Text.assemble(("path proved: ", "green"), arrived)

    def _done(self, step: str, detail: str, elapsed_s: float) -> Text:
        """Return the line of a step, with its time if the terminal is wide enough."""
        line = Text.assemble(("✓ ", "bold green"), f"{step:<{_STEP_WIDTH}} ", plain(detail))
        timed = Text.assemble(line, (f"  {elapsed_s:.2f} s", "dim"))
        width = self._console.width
        return timed if width is None or timed.cell_len <= width else line

    def _hints(self, ready: Ready) -> Iterator[Text]:
        is_detached = self._flags.detach  # no Ctrl-C reaches it
        yield Text("Next:" if is_detached else "Next, in another terminal:", style="dim")
        for command in self._next_commands(ready):
            yield Text(f"  {command}", no_wrap=True)
        if not ready.forward_to:
            yield Text("To send deliveries to your app, add --forward-to with its URL", style="dim")
        if ready.guest:
            text = "A guest's webhook URL is temporary: sign up, or run hookdeck login"
            yield Text(text, style="dim")
        stays = "leaves the hook active"
        hook = stays if self._flags.keep else "deactivates the hook if okhook activated it"
        stop = "Run okhook down" if is_detached else "Press Ctrl-C"
        yield Text(f"{stop} to stop; this {hook}", style="dim")

    def _next_commands(self, ready: Ready) -> Iterator[str]:
        """Yield what causes an event, shows it, and sends it to the app again."""
        if self._activation is not None:
            yield self._activation
        known = [each for each in ACTIONS if each in ready.event_types]
        if known:
            yield self._command("trigger", known[0])
        elif ready.event_types:
            yield sample_command(min(ready.event_types))
        yield self._command("deliveries", "show", "latest")
        if ready.forward_to:
            app = without_credentials(ready.forward_to[0])
            yield self._command("replay", "latest", "--to", app)

    def _of_a_part(self, activity: Activity) -> Iterator[Text]:
        """Yield the lines of a part. Several parts show warnings; show each once."""
        if isinstance(activity, ReceiverReady | Registered) or self._is_redundant(activity):
            return
        yield from self._receiver(activity)
        if not isinstance(activity, Warned):
            yield from self._others(activity)

    def _is_redundant(self, activity: Activity) -> bool:
        """Return whether the lines of the deliveries show the same."""
        if self._flags.verbose:
            return False
        if isinstance(activity, TunnelAttempt):
            return activity.status is not None and 200 <= activity.status < 300
        return isinstance(activity, TunnelOutput | CanaryStored)


def _ready(ready: Ready, inspector: InspectorReady | None) -> Iterator[Text]:
    yield Text("Ready", style="bold green")
    facts = [
        ("org", ready.org),
        ("hook", ready.hook_id),
        ("webhook", ready.webhook_url),
        ("receiver", ready.receiver_url),
        *(("forwards", without_credentials(target)) for target in ready.forward_to),
        ("sign up" if ready.guest else "dashboard", ready.dashboard_url),
        ("token", ready.sandbox_token.reveal() if ready.sandbox_token else None),
        ("inspector", _page(inspector)),
    ]
    for name, value in facts:
        if value is not None:
            yield labelled(name, plain(value), width=_STEP_WIDTH + 1)


def _page(inspector: InspectorReady | None) -> str | None:
    if inspector is None:
        return None
    if inspector.link is None:
        return f"{inspector.inspector_url} (okhook status gives a link)"
    return inspector.link.reveal()


def _awaited(event_types: Sequence[str]) -> Iterator[Text]:
    for event_type in event_types[:_NAMED]:
        shown = short(event_type, 80)
        yield Text(f"The test user does not cause {shown}; for one, run:", style="dim")
        yield Text(f"  {how_to_cause(event_type)}", style="dim")
    if len(event_types) > _NAMED:
        yield Text(f"Showing {_NAMED} of {len(event_types)} event types", style="dim")


def how_to_cause(event_type: str) -> str:
    """Return the command that causes an event of this type in the sandbox, or sends a sample."""
    if event_type in ACTIONS:
        return f"okhook trigger {event_type} --org sandbox"
    return sample_command(event_type)


def sample_command(event_type: str) -> str:
    """Return the command that sends a sample of any event type to the receiver."""
    return shlex.join(("okhook", "send-sample", "--event", plain(event_type)))


def activation(shell: str) -> str | None:
    """Return the command that lets ``shell`` find okhook; None if it needs none."""
    if shutil.which("okhook"):
        return None
    name = "activate.fish" if Path(shell).name == "fish" else "activate"
    script = Path(sys.executable).with_name(name)
    return f"source {shlex.quote(str(script))}" if script.is_file() else None
