"""``okhook replay``: send stored deliveries to the app again."""

from dataclasses import dataclass
from typing import Annotated

from okhook.cli.command import Argument, command
from okhook.cli.completion import ids_starting_with
from okhook.cli.context import Context
from okhook.cli.options import SECRET, SendSecretOption
from okhook.cli.record_options import FilterFlags
from okhook.config.setting import Flag


@dataclass(frozen=True)
class ReplayFlags(FilterFlags):
    """The flags of ``replay`` that are no settings."""

    ids: Annotated[
        list[str] | None,
        Argument(
            "Deliveries by number, eventId, or an event's uuid.",
            metavar="[ID...]",
            completion=ids_starting_with,
        ),
    ] = None
    to: Annotated[
        str | None,
        Flag(
            "Where to send them.", metavar="URL", shown_default="the app that they are forwarded to"
        ),
    ] = None
    file: Annotated[
        str | None,
        Flag("Send what `okhook deliveries export` wrote (- is stdin).", metavar="EXPORT|-"),
    ] = None
    rate: Annotated[str | None, Flag("No faster than that: 10/s, 100/m.", metavar="N/s")] = None
    set_: Annotated[
        list[str] | None,
        Flag(
            "Change the payload, as in data.events[0].outcome.result=FAILURE. Repeatable.",
            metavar="PATH=JSON",
        ),
    ] = None
    edit: Annotated[bool, Flag("Change each payload in $EDITOR before it is sent.")] = False
    dry_run: Annotated[bool, Flag("Say what would be sent where, and send nothing.")] = False
    send_secret: SendSecretOption = False


@command("forward_timeout", "send_secret", *SECRET)
def replay(ctx: Context, flags: ReplayFlags) -> None:
    """Send stored deliveries again, oldest first, byte by byte as they came, or changed."""
    from okhook.cli.replay.run import replay_and_show

    replay_and_show(ctx, flags)
