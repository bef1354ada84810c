"""``okhook replay``: send stored deliveries to the app again."""

from dataclasses import dataclass
from typing import Annotated

from okhook.cli.command import Argument, Panel, command
from okhook.cli.completion import latest_ids
from okhook.cli.context import Context
from okhook.cli.options import SECRET, STORE, SendSecretOption, SetOption
from okhook.cli.record_options import FILTERS, FilterFlags
from okhook.config.setting import Flag


@dataclass(frozen=True)
class ReplayFlags(FilterFlags):
    """The flags of ``replay`` that are no settings."""

    ids: Annotated[
        list[str] | None,
        Argument(
            "Deliveries: number, eventId, an event's uuid, or latest",
            metavar="ID",
            completion=latest_ids,
            takes_names=True,
        ),
    ] = None
    to: Annotated[
        str | None,
        Flag("Where to send them", metavar="URL", shown_default="the app they were forwarded to"),
    ] = None
    file: Annotated[
        str | None,
        Flag(
            "Send deliveries from an `okhook deliveries export` file (- is stdin)", metavar="FILE"
        ),
    ] = None
    rate: Annotated[str | None, Flag("Maximum rate, such as 10/s or 100/m", metavar="RATE")] = None
    set_: SetOption = None
    edit: Annotated[bool, Flag("Edit each payload in $EDITOR before it is sent")] = False
    dry_run: Annotated[bool, Flag("Show what would be sent to which URL, without sending it")] = (
        False
    )
    send_secret: SendSecretOption = False


@command(
    *("to", "set_", "edit", "file", "dry_run"),
    FILTERS,
    Panel(
        "Forwarding",
        (
            *("rate", "forward_format", "forward_timeout", "send_secret"),
            *("nats_credentials", "nats_certificate"),
        ),
    ),
    SECRET,
    STORE,
)
def replay(ctx: Context, flags: ReplayFlags) -> None:
    """Send stored deliveries to your app again.

    okhook replay 42               # one delivery, to your app
    okhook replay --status failed  # everything that your app did not accept
    okhook replay --since 1h --to http://localhost:3000/hook

    Sends each delivery once, oldest first, with the bytes that were received.
    """
    from okhook.cli.replay.run import replay_and_show

    replay_and_show(ctx, flags)
