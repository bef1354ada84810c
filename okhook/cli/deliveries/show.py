"""``okhook deliveries show``: one delivery, whole."""

from typing import TYPE_CHECKING, Annotated

from okhook.cli.command import command, flag
from okhook.cli.record_options import IdArgument
from okhook.config.setting import Flag
from okhook.errors import InvalidInput

if TYPE_CHECKING:
    from okhook.cli.context import Context


@command(
    "raw",
    "curl",
    flag(
        "to",
        help="Where that command sends it.",
        shown_default="the app it was forwarded to, else the receiver",
    ),
)
def show(
    ctx: "Context",
    record: IdArgument,
    raw: Annotated[bool, Flag("Write the body alone, byte for byte.")] = False,
    curl: Annotated[bool, Flag("Write a command that repeats the request.")] = False,
) -> None:
    """Show a delivery whole: envelope, headers, events, body, and every attempt."""
    from okhook.cli.deliveries.show_run import show_as_curl, show_in_full, show_raw

    to = ctx.settings.to
    if raw and curl:
        raise InvalidInput("--raw and --curl cannot go together", next_step="leave out one of them")
    if to is not None and to.from_flag and not curl:
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
