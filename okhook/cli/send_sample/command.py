"""``okhook send-sample``: a delivery as Okta would send it."""

from typing import TYPE_CHECKING, Annotated

import typer

from okhook.cli.command import command
from okhook.cli.completion import event_types_starting_with
from okhook.cli.options import SECRET
from okhook.errors import InvalidInput

if TYPE_CHECKING:
    from okhook.cli.context import Context


@command(
    *("to", "event", "first_name", "last_name", "login", "set_", "file", "recent", "org"),
    *("events", "count", "concurrency", "duplicate", "dry_run"),
    *SECRET,
)
def send_sample(
    ctx: "Context",
    event: Annotated[
        str | None,
        typer.Option(
            "--event",
            metavar="TYPE",
            help="Event type.",
            show_default="user.lifecycle.create",
            autocompletion=event_types_starting_with,
        ),
    ] = None,
    first_name: Annotated[
        str | None,
        typer.Option("--first-name", help="First name of the user.", show_default="Jane"),
    ] = None,
    last_name: Annotated[
        str | None, typer.Option("--last-name", help="Last name of the user.", show_default="Doe")
    ] = None,
    login: Annotated[
        str | None,
        typer.Option(
            "--login", help="Login of the user.", show_default="jane.doe@hookdeckexample.com"
        ),
    ] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="PATH=JSON",
            help="Change the payload, as in data.events[0].actor.displayName=Joe;"
            " a value that is not JSON is text, [*] is every entry. Repeatable.",
        ),
    ] = None,
    file: Annotated[
        str | None,
        typer.Option(
            "--file",
            metavar="PAYLOAD.json|-",
            help="Send the bytes of this file (- is stdin) as they are.",
        ),
    ] = None,
    recent: Annotated[
        bool,
        typer.Option(
            "--recent",
            help="Send the org's most recent event of the type, if its System Log has one.",
        ),
    ] = False,
    events: Annotated[
        int | None,
        typer.Option("--events", min=1, max=10_000, help="Events in a delivery.", show_default="1"),
    ] = None,
    count: Annotated[int, typer.Option("--count", min=1, help="Deliveries to send.")] = 1,
    concurrency: Annotated[
        int, typer.Option("--concurrency", min=1, max=1_000, help="Deliveries at a time.")
    ] = 1,
    duplicate: Annotated[
        bool, typer.Option("--duplicate", help="Send each delivery twice, with one eventId.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show the delivery, and send nothing.")
    ] = False,
) -> None:
    """Send a sample delivery the way Okta does: its headers, 3 seconds, one retry."""
    from okhook.cli.send_sample.payload import payload_of, recipient_of
    from okhook.cli.send_sample.recent import recent_payload
    from okhook.cli.send_sample.run import Plan, send_and_show, show_only

    ordered = {
        "event_type": event,
        "first_name": first_name,
        "last_name": last_name,
        "login": login,
        "events": events,
    }
    org = ctx.settings.org
    if org is not None and org.from_flag and not recent:
        raise InvalidInput("--org is for --recent alone: a sample needs no org")
    payload = payload_of(ordered, set_ or (), file, ctx.console)
    if recent:
        payload = recent_payload(ctx, payload, ordered)
    recipient = recipient_of(ctx)
    if dry_run:
        show_only(ctx.console, recipient, payload.sample())
        return
    plan = Plan(count=count, copies=2 if duplicate else 1, concurrency=concurrency)
    send_and_show(ctx, recipient, payload, plan)
