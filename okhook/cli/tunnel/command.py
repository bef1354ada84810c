"""``okhook tunnel``: a public webhook URL for the local application, by Hookdeck."""

from enum import StrEnum
from typing import Annotated

import typer

from okhook.cli.options import PathOption, PortOption, QuietOption
from okhook.cli.tunnel_options import (
    EndOrphanOption,
    HookdeckArguments,
    HookdeckOption,
    SourceOption,
    TimeoutOption,
)


class TunnelFormat(StrEnum):
    """How the tunnel writes its results."""

    TEXT = "text"
    JSON = "json"
    URL = "url"


def tunnel(
    hookdeck_arguments: HookdeckArguments = None,
    port: PortOption = None,
    path: PathOption = None,
    source: SourceOption = None,
    hookdeck: HookdeckOption = None,
    timeout: TimeoutOption = None,
    end_orphan: EndOrphanOption = False,
    output: Annotated[
        TunnelFormat | None,
        typer.Option(
            "--output",
            help="Write results as text, as JSON lines, or the webhook URL alone.",
            show_default="text",
        ),
    ] = None,
    quiet: QuietOption = None,
) -> None:
    """Give the local application a webhook URL that Okta can call, and keep it up."""
    from okhook.cli.context import start
    from okhook.cli.tunnel.run import (
        orphans_to_end,
        port_of_receiver,
        tunnel_and_show,
        tunnel_config,
    )
    from okhook.cli.tunnel.view import TunnelRenderer, UrlRenderer
    from okhook.runtime.shutdown import run_until_done

    url_alone = output is TunnelFormat.URL
    ctx = start(
        {
            "port": port,
            "path": path,
            "source": source,
            "hookdeck": hookdeck,
            "timeout": timeout,
            "output": TunnelFormat.TEXT if url_alone else output,
            "quiet": quiet,
        }
    )
    config = tunnel_config(ctx, port_of_receiver(ctx), hookdeck_arguments or ())
    orphans = orphans_to_end(ctx, end_orphan=end_orphan)
    render = UrlRenderer(ctx.console) if url_alone else TunnelRenderer()
    run_until_done(
        lambda shutdown: tunnel_and_show(ctx, config, shutdown, render=render, orphans=orphans),
        interrupted="interrupted before the tunnel was ready",
    )
