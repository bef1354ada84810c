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

    from okhook.cli.hooks_at_work import show_in_full
    from okhook.cli.start import start

    begun = start({"org": org, "output": output, "quiet": quiet})
    anyio.run(show_in_full, begun, hook)
