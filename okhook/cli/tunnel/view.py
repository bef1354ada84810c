"""How ``okhook tunnel`` looks: the webhook URL, and what Hookdeck says of it."""

from collections.abc import Iterable, Iterator

from rich.text import Text

from okhook.activity import Activity, Warned
from okhook.cli.console import Console
from okhook.cli.views.lines import result, warning_line
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

_NEWS: dict[type[Activity], tuple[str, str]] = {
    TunnelReconnecting: ("connection lost, Hookdeck is reconnecting…", "yellow"),
    TunnelReconnected: ("Hookdeck is connected again", "green"),
    TunnelResumed: ("Hookdeck runs again", "green"),
}


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
