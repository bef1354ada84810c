"""``okhook deliveries``: list, search, show, follow, export and prune deliveries."""

from typing import Annotated

from okhook.cli.command import Argument, command, flag
from okhook.cli.context import Context
from okhook.cli.options import (
    LIST_FILTERS,
    STORE,
    IdArgument,
    ListFilterFlags,
    PageFlags,
    ReceiverOption,
    ToFileOption,
    YesOption,
)
from okhook.config.setting import Flag
from okhook.errors import InvalidInput


@command("limit", "before", LIST_FILTERS, STORE)
def list_(ctx: Context, wanted: ListFilterFlags, page: PageFlags) -> None:
    """List the requests that were received, newest first.

    okhook deliveries list  # the newest 20
    okhook deliveries list --status failed --since 2h
    okhook deliveries list --event 'user.lifecycle.*' --user jane.doe@example.com
    """
    from okhook.cli.deliveries.run import show_page

    show_page(ctx, "list", wanted, page)


@command("limit", "before", LIST_FILTERS, STORE)
def search(
    ctx: Context,
    text: Annotated[
        list[str],
        Argument(
            "Words that the payload contains: names, logins, ids; 'Jane Doe' finds a phrase,"
            " 'jan*' a beginning",
            metavar="TEXT",
        ),
    ],
    wanted: ListFilterFlags,
    page: PageFlags,
) -> None:
    """Find deliveries by the words in their payloads.

    okhook deliveries search jane                # in any field of any payload
    okhook deliveries search 'jan*' --since 7d   # words that start with jan
    okhook deliveries search 'Jane Doe' FAILURE  # both
    """
    from okhook.cli.deliveries.run import show_page

    show_page(ctx, "search", wanted, page, text)


@command(
    *("raw", "curl", "web"),
    flag(
        "to",
        help="With --curl: URL that the command sends it to",
        shown_default="your app, or else the receiver",
    ),
    STORE,
)
def show(
    ctx: Context,
    record: IdArgument,
    raw: Annotated[bool, Flag("Print only the body, byte for byte")] = False,
    curl: Annotated[bool, Flag("Print a curl command that repeats the request")] = False,
    web: Annotated[bool, Flag("Open it in the inspector, in your browser")] = False,
) -> None:
    """Show one delivery in full, with every forward attempt.

    okhook deliveries show 42 --curl             # a command that repeats it
    okhook deliveries show 42 --web              # in the browser
    okhook deliveries show 42 --raw > body.json  # the body as received
    """
    from okhook.cli.deliveries.run import show_one

    to = ctx.settings.to
    if raw + curl + web > 1:
        raise InvalidInput(
            "--raw, --curl and --web cannot be used together", next_step="choose one of them"
        )
    if to is not None and to.from_flag and not curl:
        raise InvalidInput(
            "--to needs --curl",
            next_step="add --curl, or send it with okhook replay",
        )
    show_one(ctx, record, raw=raw, curl=curl, web=web)


@command("lines", "receiver", STORE)
def tail(
    ctx: Context,
    lines: Annotated[
        int, Flag("Number of stored requests to show first", short="-n", minimum=0, maximum=100_000)
    ] = 10,
    receiver: ReceiverOption = None,
) -> None:
    """Show new deliveries as another okhook receives them.

    okhook deliveries tail                     # the last 10, then each new one
    okhook deliveries tail -n 0 --output json  # only new ones, as JSON lines
    """
    from okhook.cli.deliveries.run import follow

    follow(ctx, lines, receiver)


@command("to_file", "redact", LIST_FILTERS, STORE)
def export(
    ctx: Context,
    wanted: ListFilterFlags,
    redact: Annotated[
        bool,
        Flag(
            "Replace names, logins, ids, addresses and places with placeholders, and leave"
            " out secrets and responses"
        ),
    ] = False,
    to_file: ToFileOption = None,
) -> None:
    """Write deliveries as JSON lines, for `okhook replay --file`.

    okhook deliveries export --to-file all.jsonl
    okhook deliveries export --redact --status failed > failed.jsonl  # to share
    okhook deliveries export --since 7d --event user.session.start
    """
    from okhook.cli.deliveries.run import export_records

    export_records(ctx, wanted, redact=redact, to_file=to_file)


@command("keep", "dry_run", "unforwarded", "yes", STORE)
def prune(
    ctx: Context,
    keep: Annotated[
        str,
        Flag(
            "What to keep: an age (30d), a number (10000) or a size (500MB)",
            metavar="AGE|COUNT|SIZE",
        ),
    ],
    unforwarded: Annotated[
        bool, Flag("Also remove deliveries that your app has not accepted")
    ] = False,
    dry_run: Annotated[bool, Flag("Show what would be removed, and remove nothing")] = False,
    yes: YesOption = False,
) -> None:
    """Remove the oldest deliveries from the store for good.

    okhook deliveries prune --keep 30d --dry-run  # see what would be removed
    okhook deliveries prune --keep 10000          # keep the newest ten thousand
    okhook deliveries prune --keep 500MB --yes    # do not ask
    """
    from okhook.cli.deliveries.run import prune_and_show

    prune_and_show(ctx, keep, unforwarded=unforwarded, dry_run=dry_run, asks=not yes)
