"""``okhook hooks activate``: let the org deliver to a hook."""

from okhook.cli.hook_arguments import HookArgument
from okhook.cli.hook_options import OrgOption
from okhook.cli.options import OutputOption, QuietOption


def activate(
    hook: HookArgument,
    org: OrgOption = None,
    output: OutputOption = None,
    quiet: QuietOption = None,
) -> None:
    """Activate an event hook; one that is active is left as it is."""
    import anyio

    from okhook.cli.context import start
    from okhook.cli.hooks.shared import activate_and_show

    ctx = start({"org": org, "output": output, "quiet": quiet})
    anyio.run(activate_and_show, ctx, hook)
