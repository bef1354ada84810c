"""Options that several commands share, each with one spelling and one help text."""

from typing import Annotated

import typer

from okhook.config.settings import Output

OutputOption = Annotated[
    Output | None,
    typer.Option("--output", help="Write results as text, or as JSON lines.", show_default="text"),
]
QuietOption = Annotated[
    bool | None, typer.Option("--quiet", "-q", help="Leave out notes and progress.")
]
HostOption = Annotated[
    str | None,
    typer.Option("--host", help="Address to listen on.", show_default="127.0.0.1"),
]
PortOption = Annotated[
    int | None,
    typer.Option("--port", "-p", help="Port of the receiver.", show_default="1337"),
]
PathOption = Annotated[
    str | None,
    typer.Option("--path", help="Path of the hook.", show_default="/okta-webhooks-endpoint"),
]
AuthFieldOption = Annotated[
    str | None,
    typer.Option(
        "--auth-field",
        help="Header that carries the hook's secret.",
        show_default="Authorization",
        rich_help_panel="Secret",
    ),
]
AuthSecretOption = Annotated[
    str | None,
    typer.Option(
        "--auth-secret",
        help="Value of that header. Others on this machine can read it in the process list:"
        " prefer OKHOOK_AUTH_SECRET or --auth-secret-file.",
        rich_help_panel="Secret",
    ),
]
AuthSecretFileOption = Annotated[
    str | None,
    typer.Option(
        "--auth-secret-file", help="File that holds that value.", rich_help_panel="Secret"
    ),
]
BasicAuthOption = Annotated[
    str | None,
    typer.Option(
        "--basic-auth",
        metavar="USER:PASSWORD",
        help="HTTP Basic in the Authorization header; better set as OKHOOK_BASIC_AUTH.",
        rich_help_panel="Secret",
    ),
]
VerboseOption = Annotated[bool, typer.Option("--verbose", "-v", help="Print each body as JSON.")]
