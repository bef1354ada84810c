"""Options that several commands have: groups of settings, and flags that are no settings."""

from dataclasses import dataclass
from typing import Annotated

import typer

from okhook.cli.completion import hooks_known_here

RECEIVER = ("host", "port", "path")
SECRET = ("auth_field", "auth_secret", "auth_secret_file", "basic_auth")
TUNNEL = ("source", "hookdeck", "timeout", "end_orphan")
HOOK = ("name", "event", "description", "header", "filter_", "hook_id")
FORWARD = (
    *("forward_to", "retries", "forward_timeout", "concurrency"),
    *("forward_duplicates", "send_secret"),
)

HookArgument = Annotated[
    str,
    typer.Argument(
        metavar="ID|NAME",
        help="The hook, by its id or its name.",
        autocompletion=hooks_known_here,
        show_default=False,
    ),
]
HookdeckArguments = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="HOOKDECK_ARGS",
        help="Arguments for `hookdeck listen`, after `--`. Never a key: set HOOKDECK_API_KEY.",
        show_default=False,
    ),
]
EndOrphanOption = Annotated[
    bool,
    typer.Option(
        "--end-orphan",
        help="End the Hookdeck of an okhook that was killed.",
        rich_help_panel="Tunnel",
    ),
]
SendSecretOption = Annotated[
    bool,
    typer.Option(
        "--send-secret",
        help="Send the hook's secret along to apps on other machines too.",
        rich_help_panel="Forward",
    ),
]
VerboseOption = Annotated[bool, typer.Option("--verbose", "-v", help="Print each body as JSON.")]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


@dataclass(frozen=True)
class ForwardFlags:
    """The flags of forwarding that are no settings: of ``serve`` and ``up``."""

    forward_duplicates: Annotated[
        bool,
        typer.Option(
            "--forward-duplicates",
            help="Forward a delivery that repeats an earlier one as well.",
            rich_help_panel="Forward",
        ),
    ] = False
    send_secret: SendSecretOption = False


@dataclass(frozen=True)
class HookFlags:
    """The flags that describe an event hook and are no settings: of ``register`` and ``up``."""

    header: Annotated[
        list[str] | None,
        typer.Option(
            "--header",
            metavar="'NAME: VALUE'",
            help="Header that the org sends with every call; repeat it for more.",
            rich_help_panel="Hook",
        ),
    ] = None
    filter_: Annotated[
        list[str] | None,
        typer.Option(
            "--filter",
            metavar="'TYPE=EXPRESSION'",
            help="Deliver events of that type only where the expression holds.",
            rich_help_panel="Hook",
        ),
    ] = None
    hook_id: Annotated[
        str | None,
        typer.Option(
            "--hook-id", metavar="ID", help="Take this hook of the org.", rich_help_panel="Hook"
        ),
    ] = None
