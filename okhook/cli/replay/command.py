"""``okhook replay``: send stored deliveries to the app again."""

from dataclasses import dataclass

from okhook.cli.command import Panel, argument, command, option, switch
from okhook.cli.completion import latest_ids
from okhook.cli.context import Context
from okhook.cli.options import SECRET, STORE, send_secret_switch, set_option
from okhook.cli.record_options import FILTERS, FilterFlags


@dataclass(frozen=True)
class ReplayFlags(FilterFlags):
    """The flags of ``replay`` that are no settings."""

    ids: list[str] | None = argument(
        "Deliveries: number, eventId, an event's uuid, or latest",
        metavar="ID",
        completion=latest_ids,
        takes_names=True,
        default=None,
    )
    to: str | None = option(
        "Where to send them", metavar="URL", shown_default="the app they were forwarded to"
    )
    file: str | None = option(
        "Send deliveries from an `okhook deliveries export` file (- is stdin)", metavar="FILE"
    )
    rate: str | None = option("Maximum rate, such as 10/s or 100/m", metavar="RATE")
    set_: list[str] | None = set_option()
    edit: bool = switch("Edit each payload in $EDITOR before it is sent")
    dry_run: bool = switch("Show what would be sent to which URL, without sending it")
    send_secret: bool = send_secret_switch()


@command(
    "to set_ edit file dry_run",
    FILTERS,
    Panel(
        "Forwarding",
        "rate forward_format forward_timeout send_secret",
        "nats_credentials nats_certificate",
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
