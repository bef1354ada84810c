"""``okhook hooks deactivate``: let the org deliver nothing more to a hook."""

from okhook.cli.hook_arguments import HookArgument
from okhook.cli.hook_options import OrgOption
from okhook.cli.options import OutputOption, QuietOption


def deactivate(
    hook: HookArgument,
    org: OrgOption = None,
    output: OutputOption = None,
    quiet: QuietOption = None,
) -> None:
    """Deactivate an event hook; one that is inactive is left as it is."""
    import anyio

    from okhook.cli.context import start
    from okhook.cli.hooks.shared import deactivate_and_show

    ctx = start({"org": org, "output": output, "quiet": quiet})
    anyio.run(deactivate_and_show, ctx, hook)
