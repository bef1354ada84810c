"""``okhook tunnel``: a public webhook URL for the local application, by Hookdeck."""

from enum import StrEnum
from typing import Annotated

from okhook.cli.command import command_of_flags
from okhook.cli.options import TUNNEL, EndOrphanOption, HookdeckArguments
from okhook.config.setting import Flag, Layer


class TunnelFormat(StrEnum):
    """How the tunnel writes its results."""

    TEXT = "text"
    JSON = "json"
    URL = "url"


@command_of_flags("port", "path", *TUNNEL, "output")
def tunnel(
    flags: Layer,
    hookdeck_arguments: HookdeckArguments = None,
    end_orphan: EndOrphanOption = False,
    output: Annotated[
        TunnelFormat | None,
        Flag(
            "Write results as text, as JSON lines, or the webhook URL alone.", shown_default="text"
        ),
    ] = None,
) -> None:
    """Give the local application a webhook URL that Okta can call, and keep it up."""
    from okhook.cli.context import open_context
    from okhook.cli.tunnel.run import (
        orphans_to_end,
        port_of_receiver,
        tunnel_and_show,
        tunnel_config,
    )
    from okhook.cli.tunnel.view import UrlRenderer, render_tunnel
    from okhook.runtime.shutdown import run_until_done

    url_alone = output is TunnelFormat.URL
    ctx = open_context(flags if output is None else _with_output(flags, output))
    config = tunnel_config(ctx, port_of_receiver(ctx), hookdeck_arguments or ())
    orphans = orphans_to_end(ctx, end_orphan=end_orphan)
    render = UrlRenderer(ctx.console) if url_alone else render_tunnel
    run_until_done(
        lambda shutdown: tunnel_and_show(ctx, config, shutdown, render=render, orphans=orphans),
        interrupted="interrupted before the tunnel was ready",
    )


def _with_output(flags: Layer, output: TunnelFormat) -> Layer:
    """Add ``--output``; the URL alone is text, too."""
    setting = TunnelFormat.TEXT if output is TunnelFormat.URL else output
    return Layer({**flags.values, "output": setting.value}, {**flags.origins, "output": "--output"})
