"""``okhook tunnel``: a public webhook URL for the local application, by Hookdeck."""

from enum import StrEnum
from functools import partial

from okhook.cli.command import Panel, argument, command, option
from okhook.config.setting import Layer


class TunnelFormat(StrEnum):
    """How the tunnel writes its results."""

    TEXT = "text"
    JSON = "json"
    URL = "url"


TUNNEL = "source timeout hookdeck hookdeck_arguments"

hookdeck_argument = partial(
    argument,
    "Arguments for `hookdeck listen`, after `--`; for an API key, set HOOKDECK_API_KEY",
    metavar="HOOKDECK_ARGS",
    default=None,
)


@command("port path", Panel("Tunnel", TUNNEL), opens=lambda flags: flags)
def tunnel(
    flags: Layer,
    hookdeck_arguments: list[str] | None = hookdeck_argument(),
    output: TunnelFormat | None = option(
        "Print text, JSON lines, or only the webhook URL", shown_default="text"
    ),
) -> None:
    """Give the receiver a public webhook URL, through Hookdeck.

    okhook tunnel                               # a webhook URL for port 1337
    okhook tunnel --output url                  # print only the webhook URL
    okhook tunnel -- --hookdeck-config ci.toml  # options for `hookdeck listen`
    """
    from okhook.cli.context import open_context
    from okhook.cli.tunnel.run import tunnel_and_show

    url_alone = output is TunnelFormat.URL
    if output is not None:  # the URL alone is text, too
        setting = "text" if url_alone else output.value
        origins = {**flags.origins, "output": "--output"}
        flags = Layer({**flags.values, "output": setting}, origins)
    ctx = open_context(flags)
    tunnel_and_show(ctx, hookdeck_arguments or (), url_alone=url_alone)
