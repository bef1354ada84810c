"""How a tunnel's activities look."""

from collections.abc import Iterable, Iterator
from typing import final

from rich.text import Text

from okhook.activity import Activity, Warned
from okhook.cli.console import Console
from okhook.text import plain
from okhook.tunnel.activities import (
    TunnelAttempt,
    TunnelOutput,
    TunnelReady,
    TunnelReconnecting,
    TunnelRestarting,
    TunnelStopped,
)


@final
class TunnelRenderer:
    """Turns a tunnel's activities into lines; what Hookdeck says besides is dimmed."""

    def __call__(self, activity: Activity) -> Iterable[Text]:
        """Return the lines of ``activity``; none for those of other rooms."""
        match activity:
            case TunnelReady():
                yield from _ready(activity)
            case TunnelAttempt():
                yield _attempt(activity)
            case TunnelReconnecting():
                yield Text("connection lost, Hookdeck reconnects…", style="yellow")
            case TunnelRestarting():
                yield _restarting(activity)
            case Warned(text):
                yield Text.assemble(("warning: ", "yellow"), plain(text))
            case TunnelOutput(_, text):
                yield Text(plain(text), style="dim")
            case TunnelStopped():
                yield Text("tunnel closed", style="dim")


@final
class UrlRenderer:
    """Gives the webhook URL alone, once and again when it changes; says the rest on stderr."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._everything = TunnelRenderer()
        self._shown: str | None = None

    def __call__(self, activity: Activity) -> Iterable[Text]:
        """Return the webhook URL of a tunnel that is ready, if it is not known yet."""
        for line in self._everything(activity):
            self._console.err.print(line)
        if isinstance(activity, TunnelReady) and activity.webhook_url != self._shown:
            self._shown = activity.webhook_url
            yield Text(plain(activity.webhook_url))


def _ready(ready: TunnelReady) -> Iterator[Text]:
    yield Text.assemble(
        ("Tunnel", "bold green"),
        " ready: ",
        (plain(ready.webhook_url), "bold"),
        " → ",
        plain(ready.forwards_to),
    )
    details = f"source {ready.source}, Hookdeck CLI {ready.hookdeck_version}"
    yield Text(f"  {plain(details)}", style="dim")
    if ready.dashboard_url is None:
        return
    if ready.guest:
        yield Text(f"  a guest's URL is temporary; sign up: {plain(ready.dashboard_url)}")
    else:
        yield Text(f"  dashboard: {plain(ready.dashboard_url)}")


def _attempt(attempt: TunnelAttempt) -> Text:
    ok = attempt.status is not None and 200 <= attempt.status < 300
    status = "failed" if attempt.status is None else str(attempt.status)
    line = Text.assemble(
        (f"{plain(attempt.at[-8:])}  ", "dim"),
        (status, "green" if ok else "bold red"),
        f"  {plain(attempt.method)} {plain(attempt.url)}".rstrip(),
    )
    if attempt.duration_ms is not None:
        line.append(f"  {attempt.duration_ms} ms", style="dim")
    if attempt.error is not None:
        line.append(f"  {plain(attempt.error)}", style="red")
    if attempt.event_url is not None:
        line.append(f"  {plain(attempt.event_url)}", style="dim")
    return line


def _restarting(activity: TunnelRestarting) -> Text:
    code = "" if activity.exit_code is None else f" (exit {activity.exit_code})"
    return Text.assemble(
        ("Hookdeck ended", "bold yellow"),
        f"{code}: {plain(activity.reason)}; starting it again in {activity.delay_s:g} s",
    )
