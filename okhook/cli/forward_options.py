"""Options of forwarding: for ``serve`` and ``up``."""

from typing import Annotated

import typer

_FORWARD = "Forward"

ForwardToOption = Annotated[
    list[str] | None,
    typer.Option(
        "--forward-to",
        metavar="URL",
        help="App that gets every delivery, from the store; repeat it for more.",
        rich_help_panel=_FORWARD,
    ),
]
RetriesOption = Annotated[
    int | None,
    typer.Option(
        "--retries",
        help="How often a delivery that failed is tried again, before it is kept as failed.",
        show_default="15",
        rich_help_panel=_FORWARD,
    ),
]
ForwardTimeoutOption = Annotated[
    str | None,
    typer.Option(
        "--forward-timeout",
        metavar="TIME",
        help="How long the app may take to answer.",
        show_default="10s",
        rich_help_panel=_FORWARD,
    ),
]
ConcurrencyOption = Annotated[
    int | None,
    typer.Option(
        "--concurrency",
        help="Deliveries on their way to one app at a time.",
        show_default="1",
        rich_help_panel=_FORWARD,
    ),
]
ForwardDuplicatesOption = Annotated[
    bool,
    typer.Option(
        "--forward-duplicates",
        help="Forward a delivery that repeats an earlier one as well.",
        rich_help_panel=_FORWARD,
    ),
]
SendSecretOption = Annotated[
    bool,
    typer.Option(
        "--send-secret",
        help="Send the hook's secret along to apps on other machines too.",
        rich_help_panel=_FORWARD,
    ),
]
