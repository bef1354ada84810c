"""``okhook send-sample``: a delivery as Okta would send it."""

from typing import Annotated

import typer

from okhook.cli.hook_options import OrgOption
from okhook.cli.options import (
    AuthFieldOption,
    AuthSecretFileOption,
    AuthSecretOption,
    BasicAuthOption,
    OutputOption,
    QuietOption,
)


def _complete_event(incomplete: str) -> list[str]:
    from okhook.wire.event_types import starting_with

    return starting_with(incomplete)


def send_sample(
    to: Annotated[
        str | None,
        typer.Option(
            "--to", metavar="URL", help="Where to send it.", show_default="the running receiver"
        ),
    ] = None,
    event: Annotated[
        str | None,
        typer.Option(
            "--event",
            metavar="TYPE",
            help="Event type.",
            show_default="user.lifecycle.create",
            autocompletion=_complete_event,
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
    org: OrgOption = None,
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
    auth_field: AuthFieldOption = None,
    auth_secret: AuthSecretOption = None,
    auth_secret_file: AuthSecretFileOption = None,
    basic_auth: BasicAuthOption = None,
    output: OutputOption = None,
    quiet: QuietOption = None,
) -> None:
    """Send a sample delivery the way Okta does: its headers, 3 seconds, one retry."""
    from okhook.cli.context import start
    from okhook.cli.send_sample.payload import payload_of, recipient_of
    from okhook.cli.send_sample.recent import recent_payload
    from okhook.cli.send_sample.run import Plan, send_and_show, show_only
    from okhook.errors import InvalidInput

    ctx = start(
        {
            "to": to,
            "org": org,
            "auth_field": auth_field,
            "auth_secret": auth_secret,
            "auth_secret_file": auth_secret_file,
            "basic_auth": basic_auth,
            "output": output,
            "quiet": quiet,
        }
    )
    ordered = {
        "event_type": event,
        "first_name": first_name,
        "last_name": last_name,
        "login": login,
        "events": events,
    }
    if org is not None and not recent:
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
