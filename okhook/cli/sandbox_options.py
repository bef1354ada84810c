"""Options that describe the sandbox org of ``up``; ``sandbox`` has them without the prefix."""

from typing import Annotated

import typer

_SANDBOX = "Sandbox"

SandboxPortOption = Annotated[
    int | None,
    typer.Option(
        "--sandbox-port",
        help="Port of the org.",
        show_default="any that is free",
        rich_help_panel=_SANDBOX,
    ),
]
SandboxBatchWindowOption = Annotated[
    str | None,
    typer.Option(
        "--sandbox-batch-window",
        metavar="TIME",
        help="How long events are gathered into one delivery.",
        show_default="0.05s",
        rich_help_panel=_SANDBOX,
    ),
]
SandboxDelayOption = Annotated[
    str | None,
    typer.Option(
        "--sandbox-delay",
        metavar="TIME",
        help="How long it takes until a delivery is sent.",
        show_default="0s",
        rich_help_panel=_SANDBOX,
    ),
]
SandboxDataOption = Annotated[
    str | None,
    typer.Option(
        "--sandbox-data",
        help="File that keeps the org across restarts; secrets are left out.",
        show_default="kept in memory",
        rich_help_panel=_SANDBOX,
    ),
]
