"""``okhook reconcile``: what did the hook miss, why, and have it after all."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from okhook.cli.command import command
from okhook.cli.options import SECRET

if TYPE_CHECKING:
    from okhook.cli.context import Context


@dataclass(frozen=True, slots=True)
class ReconcileFlags:
    """The flags of ``reconcile`` that are no settings."""

    hook: Annotated[
        str | None,
        typer.Option(
            "--hook",
            metavar="ID|NAME",
            help="The event hook.",
            show_default="the one that okhook register makes",
        ),
    ] = None
    since: Annotated[
        str | None,
        typer.Option(
            "--since",
            metavar="AGE|TIME",
            help="From when on: an age (24h, 7d), a date, a time.",
            show_default="24h, or from where the last run left something open",
        ),
    ] = None
    grace: Annotated[
        str,
        typer.Option(
            "--grace",
            metavar="AGE",
            help="How long an event may be on its way.",
        ),
    ] = "10m"
    fix: Annotated[
        bool,
        typer.Option("--fix", help="Rebuild what was missed, and have the receiver take it in."),
    ] = False
    as_if_active: Annotated[
        bool,
        typer.Option(
            "--as-if-active",
            help="Count what happened while the hook was inactive or unverified as missed, too.",
        ),
    ] = False
    watch: Annotated[bool, typer.Option("--watch", help="Go on looking, until Ctrl-C ends it.")] = (
        False
    )
    every: Annotated[
        str | None,
        typer.Option(
            "--every",
            metavar="AGE",
            help="With --watch, how often it looks.",
            show_default="1m",
        ),
    ] = None


@command("org", "flags", *SECRET)
def reconcile(ctx: "Context", flags: ReconcileFlags) -> None:
    """Hold the org's System Log against the store: what the hook missed, and why."""
    from okhook.cli.reconcile.run import reconcile_and_show

    reconcile_and_show(ctx, flags)
