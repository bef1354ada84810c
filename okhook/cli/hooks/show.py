"""``okhook hooks show``: one event hook, in full."""

from okhook.cli.hook_arguments import HookArgument
from okhook.cli.hook_options import OrgOption
from okhook.cli.options import OutputOption, QuietOption


def show(
    hook: HookArgument,
    org: OrgOption = None,
    output: OutputOption = None,
    quiet: QuietOption = None,
) -> None:
    """Show an event hook; with --output json it is Okta's own object."""
    import anyio

    from okhook.cli.context import start
    from okhook.cli.hooks.shared import show_in_full

    ctx = start({"org": org, "output": output, "quiet": quiet})
    anyio.run(show_in_full, ctx, hook)
