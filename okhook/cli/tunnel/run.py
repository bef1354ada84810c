"""Run ``okhook tunnel`` and show its activities."""

import re
from collections.abc import Iterable, Iterator, Sequence

import anyio
from rich.text import Text

from okhook.activity import Activity, Warned
from okhook.cli.console import Console
from okhook.cli.context import Context
from okhook.cli.live_screen import on_screen
from okhook.cli.prompts import agree_to_hookdeck_config
from okhook.cli.views.lines import result, warning_line
from okhook.config.paths import working_directory
from okhook.runtime.hub import ActivityHub
from okhook.runtime.shutdown import Shutdown, run_until_done
from okhook.text import plain
from okhook.tunnel.activities import (
    TunnelAttempt,
    TunnelOutput,
    TunnelReady,
    TunnelReconnected,
    TunnelReconnecting,
    TunnelRestarting,
    TunnelResumed,
    TunnelStalled,
    TunnelStopped,
)
from okhook.tunnel.hookdeck.config import HookdeckConfig
from okhook.tunnel.hookdeck.login import projects_config
from okhook.tunnel.hookdeck.running import RunningTunnel, running_tunnel

_SOURCE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,154}")

_NEWS: dict[type[Activity], tuple[str, str]] = {
    TunnelReconnecting: ("connection lost, Hookdeck is reconnecting…", "yellow"),
    TunnelReconnected: ("Hookdeck is connected again", "green"),
    TunnelResumed: ("Hookdeck runs again", "green"),
}


def tunnel_and_show(ctx: Context, hookdeck_arguments: Sequence[str], *, url_alone: bool) -> None:
    """Keep a tunnel up and show its activities until a signal."""
    port = ctx.settings.port
    if port.value == 0:
        raise port.must_be("a whole number from 1 to 65535")
    config = tunnel_config(ctx, port.value, hookdeck_arguments)
    render = UrlRenderer(ctx.console) if url_alone else render_tunnel
    hub = ActivityHub()
    tunnels: list[RunningTunnel] = []

    def stopped() -> Activity:
        return TunnelStopped(tunnels[0].exit_code if tunnels else None)

    async def run(shutdown: Shutdown) -> None:
        def publish(activity: Activity) -> None:
            if isinstance(activity, TunnelReady):
                shutdown.done.set()  # who sees the URL may press Ctrl-C
            hub.publish(activity)

        async with (
            on_screen(ctx.console, render, None, hub, last_activity=stopped),
            running_tunnel(
                config,
                environ=ctx.environ,
                publish=publish,
                run_directory=ctx.run_directory,
                before_hard_exit=shutdown.before_hard_exit,
                begun=tunnels.append,
            ),
        ):
            ctx.console.note("press Ctrl-C to stop")
            await anyio.sleep_forever()

    run_until_done(run, interrupted="interrupted before the tunnel was ready")


def tunnel_config(
    ctx: Context, port: int, hookdeck_arguments: Sequence[str] = ()
) -> HookdeckConfig:
    """Return the configuration of a tunnel to ``port``."""
    settings = ctx.settings
    source = settings.source
    if not _SOURCE.fullmatch(source.value):
        raise source.must_be("a name of letters, digits, dots, hyphens and underscores")
    named = {argument.partition("=")[0] for argument in hookdeck_arguments}
    in_project = projects_config(ctx.environ, working_directory())
    if in_project is not None and not named & {"--hookdeck-config", "--config"}:
        agree_to_hookdeck_config(ctx, in_project)
    return HookdeckConfig(
        port=port,
        path=settings.path.value,
        source=source.value,
        timeout_s=settings.timeout.value,
        hookdeck=settings.hookdeck,
        extra=tuple(hookdeck_arguments),
    )


def render_tunnel(activity: Activity) -> Iterable[Text]:
    """Return the lines of ``activity``; none for an activity of another room."""
    match activity:
        case TunnelReady():
            yield from _ready(activity)
        case TunnelAttempt():
            yield _attempt(activity)
        case TunnelReconnecting() | TunnelReconnected() | TunnelResumed():
            yield Text(*_NEWS[type(activity)])
        case TunnelStalled(reason):
            yield Text.assemble(("tunnel stalled: ", "bold red"), plain(reason))
        case TunnelRestarting(delay_s, reason, exit_code):
            code = "" if exit_code is None else f" (exit {exit_code})"
            again = f"{code}: {plain(reason)}; restarting in {delay_s:g} s"
            yield Text.assemble(("Hookdeck ended", "bold yellow"), again)
        case Warned(text):
            yield warning_line(text)
        case TunnelOutput(_, text):
            yield Text(plain(text), style="dim")
        case TunnelStopped():
            yield Text("tunnel closed", style="dim")


class UrlRenderer:
    """Shows only the webhook URL, and again when it changes. Other lines go to stderr."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._shown: str | None = None

    def __call__(self, activity: Activity) -> Iterable[Text]:
        """Return the webhook URL of a ready tunnel, if it was not shown yet."""
        for line in render_tunnel(activity):
            self._console.err.write(line)
        if isinstance(activity, TunnelReady) and activity.webhook_url != self._shown:
            self._shown = activity.webhook_url
            yield Text(plain(activity.webhook_url))


def _ready(ready: TunnelReady) -> Iterator[Text]:
    url = (plain(ready.webhook_url), "bold")
    leads_to = f" → {plain(ready.forwards_to)}"
    yield Text.assemble(("Tunnel", "bold green"), " ready: ", url, leads_to)
    details = f"source {ready.source}, Hookdeck CLI {ready.hookdeck_version}"
    yield Text(f"  {plain(details)}", style="dim")
    if ready.dashboard_url is not None:
        label = "a guest's URL is temporary; sign up" if ready.guest else "dashboard"
        yield Text(f"  {label}: {plain(ready.dashboard_url)}")


def _attempt(attempt: TunnelAttempt) -> Text:
    ok = attempt.status is not None and 200 <= attempt.status < 300
    status = "failed" if attempt.status is None else str(attempt.status)
    line = Text.assemble(
        (f"{plain(attempt.at[-8:])}  ", "dim"),
        (status, result(ok=ok)),
        f"  {plain(attempt.method)} {plain(attempt.url)}".rstrip(),
    )
    if attempt.duration_ms is not None:
        line.append(f"  {attempt.duration_ms} ms", style="dim")
    if attempt.error is not None:
        line.append(f"  {plain(attempt.error)}", style="red")
    if attempt.event_url is not None:
        line.append(f"  {plain(attempt.event_url)}", style="dim")
    return line
