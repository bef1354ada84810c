"""``okhook deliveries show``: one delivery, whole."""

from typing import Annotated

import typer

from okhook.cli.options import OutputOption, QuietOption
from okhook.cli.record_arguments import IdArgument


def show(
    record: IdArgument,
    raw: Annotated[
        bool, typer.Option("--raw", help="Write the body alone, byte for byte.")
    ] = False,
    curl: Annotated[
        bool, typer.Option("--curl", help="Write a command that repeats the request.")
    ] = False,
    to: Annotated[
        str | None,
        typer.Option(
            "--to",
            metavar="URL",
            help="Where that command sends it.",
            show_default="the app it was forwarded to, else the receiver",
        ),
    ] = None,
    output: OutputOption = None,
    quiet: QuietOption = None,
) -> None:
    """Show a delivery whole: envelope, headers, events, body, and every attempt."""
    from okhook.cli.context import start
    from okhook.cli.deliveries.show_run import show_as_curl, show_in_full, show_raw
    from okhook.errors import InvalidInput

    ctx = start({"output": output, "quiet": quiet, "to": to})
    if raw and curl:
        raise InvalidInput("--raw and --curl cannot go together", next_step="leave out one of them")
    if to is not None and not curl:
        raise InvalidInput(
            "--to says where --curl sends it",
            next_step="add --curl, or send it with `okhook replay ID --to URL`",
        )
    if raw:
        show_raw(ctx, record)
    elif curl:
        show_as_curl(ctx, record)
    else:
        show_in_full(ctx, record)
