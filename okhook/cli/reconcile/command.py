"""``okhook reconcile``: what did the hook miss, why, and have it after all."""

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


def reconcile(
    org: OrgOption = None,
    hook: Annotated[
        str | None,
        typer.Option(
            "--hook",
            metavar="ID|NAME",
            help="The event hook.",
            show_default="the one that okhook register makes",
        ),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(
            "--since",
            metavar="AGE|TIME",
            help="From when on: an age (24h, 7d), a date, a time.",
            show_default="24h, or from where the last run left something open",
        ),
    ] = None,
    grace: Annotated[
        str,
        typer.Option(
            "--grace",
            metavar="AGE",
            help="How long an event may be on its way.",
        ),
    ] = "10m",
    fix: Annotated[
        bool,
        typer.Option("--fix", help="Rebuild what was missed, and have the receiver take it in."),
    ] = False,
    as_if_active: Annotated[
        bool,
        typer.Option(
            "--as-if-active",
            help="Count what happened while the hook was inactive or unverified as missed, too.",
        ),
    ] = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="Go on looking, until Ctrl-C ends it.")
    ] = False,
    every: Annotated[
        str | None,
        typer.Option(
            "--every",
            metavar="AGE",
            help="With --watch, how often it looks.",
            show_default="1m",
        ),
    ] = None,
    auth_secret: AuthSecretOption = None,
    auth_secret_file: AuthSecretFileOption = None,
    auth_field: AuthFieldOption = None,
    basic_auth: BasicAuthOption = None,
    output: OutputOption = None,
    quiet: QuietOption = None,
) -> None:
    """Hold the org's System Log against the store: what the hook missed, and why."""
    from okhook.cli.context import start
    from okhook.cli.reconcile.run import ReconcileFlags, reconcile_and_show

    ctx = start(
        {
            "org": org,
            "auth_secret": auth_secret,
            "auth_secret_file": auth_secret_file,
            "auth_field": auth_field,
            "basic_auth": basic_auth,
            "output": output,
            "quiet": quiet,
        }
    )
    reconcile_and_show(
        ctx,
        ReconcileFlags(
            hook=hook,
            since=since,
            grace=grace,
            fix=fix,
            as_if_active=as_if_active,
            watch=watch,
            every=every,
        ),
    )
