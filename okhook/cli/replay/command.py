"""``okhook replay``: send stored deliveries to the app again."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from okhook.cli.command import command
from okhook.cli.completion import ids_starting_with
from okhook.cli.options import SECRET, SendSecretOption
from okhook.cli.record_options import FilterFlags

if TYPE_CHECKING:
    from okhook.cli.context import Context


@dataclass(frozen=True)
class ReplayFlags(FilterFlags):
    """The flags of ``replay`` that are no settings."""

    ids: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[ID...]",
            help="Deliveries by number, eventId, or an event's uuid.",
            autocompletion=ids_starting_with,
            show_default=False,
        ),
    ] = None
    to: Annotated[
        str | None,
        typer.Option(
            "--to",
            metavar="URL",
            help="Where to send them.",
            show_default="the app that they are forwarded to",
        ),
    ] = None
    file: Annotated[
        str | None,
        typer.Option(
            "--file",
            metavar="EXPORT|-",
            help="Send what `okhook deliveries export` wrote (- is stdin).",
        ),
    ] = None
    rate: Annotated[
        str | None,
        typer.Option("--rate", metavar="N/s", help="No faster than that: 10/s, 100/m."),
    ] = None
    set_: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="PATH=JSON",
            help="Change the payload, as in data.events[0].outcome.result=FAILURE. Repeatable.",
        ),
    ] = None
    edit: Annotated[
        bool, typer.Option("--edit", help="Change each payload in $EDITOR before it is sent.")
    ] = False
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be sent where, and send nothing.")
    ] = False
    send_secret: SendSecretOption = False


@command("forward_timeout", "send_secret", *SECRET)
def replay(ctx: "Context", flags: ReplayFlags) -> None:
    """Send stored deliveries again, oldest first, byte by byte as they came, or changed."""
    from okhook.cli.replay.run import replay_and_show

    replay_and_show(ctx, flags)
