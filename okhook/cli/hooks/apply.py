"""``okhook hooks apply``: create and change hooks as a file describes."""

from okhook.cli.command import Panel, argument, command, switch
from okhook.cli.context import Context
from okhook.cli.options import HOOK_SECRET, yes_switch


@command("org dry_run prune yes", Panel("Verification", "no_verify wait"), HOOK_SECRET)
def apply(
    ctx: Context,
    file: str = argument("A TOML file, as `okhook hooks export` writes it", "FILE"),
    dry_run: bool = switch("Only show the plan; exit with code 2 if something would change"),
    prune: bool = switch("Delete the org's hooks that are not in the file"),
    yes: bool = yes_switch(),
    no_verify: bool = switch("Do not verify the hooks now"),
) -> None:
    """Create and change the hooks of an org as a file describes.

    okhook hooks apply hooks.toml --dry-run
    okhook hooks apply hooks.toml --org dev-123.okta.com
    okhook hooks apply hooks.toml --prune  # asks for confirmation

    Shows the plan, asks for confirmation, and carries it out with as few changes as possible. If it
    fails half-way, run it again.
    """
    from okhook.cli.hooks.apply_run import apply_and_show

    apply_and_show(ctx, file, dry_run=dry_run, prune=prune, verify=not no_verify, ask=not yes)
