"""Options that describe an event hook: for ``register`` and ``up``."""

from typing import Annotated

import typer

_HOOK = "Hook"

OrgOption = Annotated[
    str | None,
    typer.Option("--org", help="The org: dev-123.okta.com, a URL, or sandbox."),
]
NameOption = Annotated[
    str | None,
    typer.Option(
        "--name",
        help="Name of the hook in the org.",
        show_default="okhook USER@HOST",
        rich_help_panel=_HOOK,
    ),
]
EventOption = Annotated[
    list[str] | None,
    typer.Option(
        "--event",
        metavar="TYPE",
        help="Event type to subscribe to; repeat it for more.",
        show_default="user.lifecycle.create",
        rich_help_panel=_HOOK,
    ),
]
DescriptionOption = Annotated[
    str | None,
    typer.Option(
        "--description", help="Description of the hook in the org.", rich_help_panel=_HOOK
    ),
]
HeaderOption = Annotated[
    list[str] | None,
    typer.Option(
        "--header",
        metavar="'NAME: VALUE'",
        help="Header that the org sends with every call; repeat it for more.",
        rich_help_panel=_HOOK,
    ),
]
FilterOption = Annotated[
    list[str] | None,
    typer.Option(
        "--filter",
        metavar="'TYPE=EXPRESSION'",
        help="Deliver events of that type only where the expression holds.",
        rich_help_panel=_HOOK,
    ),
]
HookIdOption = Annotated[
    str | None,
    typer.Option(
        "--hook-id", metavar="ID", help="Take this hook of the org.", rich_help_panel=_HOOK
    ),
]
WaitOption = Annotated[
    str | None,
    typer.Option(
        "--wait",
        metavar="TIME",
        help="How long to keep trying to verify, while the endpoint comes up.",
        show_default="30s",
        rich_help_panel=_HOOK,
    ),
]
