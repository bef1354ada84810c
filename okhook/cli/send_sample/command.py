"""``okhook send-sample``: a delivery as Okta would send it."""

from dataclasses import dataclass
from typing import Annotated

from okhook.cli.command import command
from okhook.cli.completion import event_types_starting_with
from okhook.cli.context import Context
from okhook.cli.options import SECRET
from okhook.config.setting import Flag
from okhook.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class SampleFlags:
    """The flags of ``send-sample`` that are no settings."""

    event: Annotated[
        str | None,
        Flag(
            "Event type.",
            metavar="TYPE",
            shown_default="user.lifecycle.create",
            completion=event_types_starting_with,
        ),
    ] = None
    first_name: Annotated[str | None, Flag("First name of the user.", shown_default="Jane")] = None
    last_name: Annotated[str | None, Flag("Last name of the user.", shown_default="Doe")] = None
    login: Annotated[
        str | None, Flag("Login of the user.", shown_default="jane.doe@hookdeckexample.com")
    ] = None
    set_: Annotated[
        list[str] | None,
        Flag(
            "Change the payload, as in data.events[0].actor.displayName=Joe;"
            " a value that is not JSON is text, [*] is every entry. Repeatable.",
            metavar="PATH=JSON",
        ),
    ] = None
    file: Annotated[
        str | None,
        Flag("Send the bytes of this file (- is stdin) as they are.", metavar="PAYLOAD.json|-"),
    ] = None
    recent: Annotated[
        bool, Flag("Send the org's most recent event of the type, if its System Log has one.")
    ] = False
    events: Annotated[
        int | None, Flag("Events in a delivery.", minimum=1, maximum=10_000, shown_default="1")
    ] = None
    count: Annotated[int, Flag("Deliveries to send.", minimum=1)] = 1
    concurrency: Annotated[int, Flag("Deliveries at a time.", minimum=1, maximum=1_000)] = 1
    duplicate: Annotated[bool, Flag("Send each delivery twice, with one eventId.")] = False
    dry_run: Annotated[bool, Flag("Show the delivery, and send nothing.")] = False


@command(
    *("to", "event", "first_name", "last_name", "login", "set_", "file", "recent", "org"),
    *("events", "count", "concurrency", "duplicate", "dry_run"),
    *SECRET,
)
def send_sample(ctx: Context, flags: SampleFlags) -> None:
    """Send a sample delivery the way Okta does: its headers, 3 seconds, one retry."""
    from okhook.cli.send_sample.payload import samples_of
    from okhook.cli.send_sample.recipient import recipient_of
    from okhook.cli.send_sample.run import send_and_show, show_only

    org = ctx.settings.org
    if org is not None and org.from_flag and not flags.recent:
        raise InvalidInput("--org is for --recent alone: a sample needs no org")
    next_sample = samples_of(ctx, flags)
    recipient = recipient_of(ctx)
    if flags.dry_run:
        show_only(ctx.console, recipient, next_sample())
    else:
        send_and_show(ctx, recipient, next_sample, flags)
