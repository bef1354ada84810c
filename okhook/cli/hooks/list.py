"""``okhook hooks list``: the event hooks of an org."""

from okhook.cli.hook_options import OrgOption
from okhook.cli.options import OutputOption, QuietOption


def list_hooks(
    org: OrgOption = None, output: OutputOption = None, quiet: QuietOption = None
) -> None:
    """List the org's event hooks, with status and verification."""
    import anyio

    from okhook.cli.context import start
    from okhook.cli.hooks.shared import list_and_show

    anyio.run(list_and_show, start({"org": org, "output": output, "quiet": quiet}))
