"""``okhook deliveries show``: show one delivery."""

from okhook.cli.command import command, flag, switch
from okhook.cli.context import Context
from okhook.cli.options import STORE, check_alone
from okhook.cli.record_options import id_argument
from okhook.errors import InvalidInput


@command(
    "raw curl web",
    flag(
        "to",
        help="With --curl: URL that the command sends it to",
        shown_default="your app, or else the receiver",
    ),
    STORE,
)
def show(
    ctx: Context,
    record: str = id_argument(),
    raw: bool = switch("Print only the body, byte for byte"),
    curl: bool = switch("Print a curl command that repeats the request"),
    web: bool = switch("Open it in the inspector, in your browser"),
) -> None:
    """Show one delivery in full, with every forward attempt.

    okhook deliveries show 42 --curl             # a command that repeats it
    okhook deliveries show 42 --web              # in the browser
    okhook deliveries show 42 --raw > body.json  # the body as received
    """
    from okhook.cli.deliveries.show_run import show_one

    to = ctx.settings.to
    check_alone({"--raw": raw, "--curl": curl, "--web": web})
    if to is not None and to.from_flag and not curl:
        raise InvalidInput(
            "--to needs --curl", next_step="add --curl, or send it with okhook replay"
        )
    show_one(ctx, record, raw=raw, curl=curl, web=web)
