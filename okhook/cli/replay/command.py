"""``okhook replay``: send stored deliveries to the app again."""

from typing import Annotated

import typer

from okhook.cli.filter_options import (
    EventsOption,
    FilterFlags,
    SinceOption,
    StatusOption,
    UntilOption,
    UserOption,
)
from okhook.cli.forward_options import ForwardTimeoutOption, SendSecretOption
from okhook.cli.options import (
    AuthFieldOption,
    AuthSecretFileOption,
    AuthSecretOption,
    BasicAuthOption,
    OutputOption,
    QuietOption,
)
from okhook.cli.record_arguments import ids_starting_with


def replay(
    ids: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[ID...]",
            help="Deliveries by number, eventId, or an event's uuid.",
            autocompletion=ids_starting_with,
            show_default=False,
        ),
    ] = None,
    to: Annotated[
        str | None,
        typer.Option(
            "--to",
            metavar="URL",
            help="Where to send them.",
            show_default="the app that they are forwarded to",
        ),
    ] = None,
    event: EventsOption = None,
    user: UserOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    status: StatusOption = None,
    file: Annotated[
        str | None,
        typer.Option(
            "--file",
            metavar="EXPORT|-",
            help="Send what `okhook deliveries export` wrote (- is stdin).",
        ),
    ] = None,
    rate: Annotated[
        str | None,
        typer.Option("--rate", metavar="N/s", help="No faster than that: 10/s, 100/m."),
    ] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="PATH=JSON",
            help="Change the payload, as in data.events[0].outcome.result=FAILURE. Repeatable.",
        ),
    ] = None,
    edit: Annotated[
        bool, typer.Option("--edit", help="Change each payload in $EDITOR before it is sent.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be sent where, and send nothing.")
    ] = False,
    forward_timeout: ForwardTimeoutOption = None,
    send_secret: SendSecretOption = False,
    auth_field: AuthFieldOption = None,
    auth_secret: AuthSecretOption = None,
    auth_secret_file: AuthSecretFileOption = None,
    basic_auth: BasicAuthOption = None,
    output: OutputOption = None,
    quiet: QuietOption = None,
) -> None:
    """Send stored deliveries again, oldest first, byte by byte as they came, or changed."""
    from okhook.cli.context import start
    from okhook.cli.replay.run import ReplayFlags, replay_and_show

    ctx = start(
        {
            "forward_timeout": forward_timeout,
            "auth_field": auth_field,
            "auth_secret": auth_secret,
            "auth_secret_file": auth_secret_file,
            "basic_auth": basic_auth,
            "output": output,
            "quiet": quiet,
        }
    )
    flags = ReplayFlags(
        ids=tuple(ids or ()),
        wanted=FilterFlags(event, user, since, until, status),
        file=file,
        to=to,
        rate=rate,
        assignments=tuple(set_ or ()),
        edit=edit,
        dry_run=dry_run,
        send_secret=send_secret,
    )
    replay_and_show(ctx, flags)
