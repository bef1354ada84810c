"""``okhook send-sample``: a delivery as Okta would send it."""

from dataclasses import dataclass

from okhook.cli.command import Panel, command, flag, option, switch
from okhook.cli.completion import event_types
from okhook.cli.context import Context
from okhook.cli.options import SECRET, STORE, set_option
from okhook.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class SampleFlags:
    """The flags of ``send-sample`` that are no settings."""

    event: str | None = option(
        "Event type", metavar="TYPE", shown_default="user.lifecycle.create", completion=event_types
    )
    first_name: str | None = option("First name of the user", shown_default="Jane")
    last_name: str | None = option("Last name of the user", shown_default="Doe")
    login: str | None = option("Login of the user", shown_default="jane.doe@hookdeckexample.com")
    set_: list[str] | None = set_option()
    file: str | None = option("Send the content of this file as it is (- is stdin)", metavar="FILE")
    recent: bool = switch("Send the newest event of the type in the org's System Log")
    events: int | None = option(
        "Events in each delivery", minimum=1, maximum=10_000, shown_default="1"
    )
    count: int = option("Number of deliveries", minimum=1, default=1)
    concurrency: int = option(
        "Deliveries sent at the same time", minimum=1, maximum=1_000, default=1
    )
    duplicate: bool = switch("Send each delivery twice, with the same eventId")
    dry_run: bool = switch("Show the delivery, and send nothing")


@command(
    "event to file dry_run",
    Panel("Payload", "first_name last_name login set_"),
    Panel("From the System Log", "recent", flag("org", help="With --recent: the Okta org")),
    Panel("Volume", "count events concurrency duplicate"),
    SECRET,
    STORE,
)
def send_sample(ctx: Context, flags: SampleFlags) -> None:
    """Send a sample delivery the way Okta does.

    okhook send-sample                             # Jane Doe was created
    okhook send-sample --event user.session.start  # another event type
    okhook send-sample --file body.json --to http://localhost:3000/hook

    A sample has Okta's headers and Okta's timeout of 3 seconds, and is retried once.
    """
    from okhook.cli.send_sample.payload import samples_of
    from okhook.cli.send_sample.recipient import recipient_of
    from okhook.cli.send_sample.run import send_and_show, show_only

    org = ctx.settings.org
    if org is not None and org.from_flag and not flags.recent:
        raise InvalidInput("--org can only be used with --recent: a sample needs no org")
    next_sample = samples_of(ctx, flags)
    recipient = recipient_of(ctx)
    if flags.dry_run:
        show_only(ctx.console, recipient, next_sample())
    else:
        send_and_show(ctx, recipient, next_sample, flags)
