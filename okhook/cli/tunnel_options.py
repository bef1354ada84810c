"""Options and arguments that describe a tunnel: for ``tunnel`` and ``up``."""

from typing import Annotated

import typer

_TUNNEL = "Tunnel"

HookdeckArguments = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="HOOKDECK_ARGS",
        help="Arguments for `hookdeck listen`, after `--`. Never a key: set HOOKDECK_API_KEY.",
        show_default=False,
    ),
]
SourceOption = Annotated[
    str | None,
    typer.Option(
        "--source",
        help="Name of the Hookdeck source.",
        show_default="okta",
        rich_help_panel=_TUNNEL,
    ),
]
HookdeckOption = Annotated[
    str | None,
    typer.Option(
        "--hookdeck",
        help="Path of the hookdeck binary.",
        show_default="on PATH, else by npx",
        rich_help_panel=_TUNNEL,
    ),
]
TimeoutOption = Annotated[
    str | None,
    typer.Option(
        "--timeout",
        metavar="TIME",
        help="How long to wait for the webhook URL.",
        show_default="60s",
        rich_help_panel=_TUNNEL,
    ),
]
EndOrphanOption = Annotated[
    bool,
    typer.Option(
        "--end-orphan",
        help="End the Hookdeck of an okhook that was killed.",
        rich_help_panel=_TUNNEL,
    ),
]
