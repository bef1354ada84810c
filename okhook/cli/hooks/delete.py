"""``okhook hooks delete``: remove a hook from the org, for good."""

from typing import Annotated

import typer

from okhook.cli.hook_arguments import HookArgument
from okhook.cli.hook_options import OrgOption
from okhook.cli.options import OutputOption, QuietOption


def delete(
    hook: HookArgument,
    org: OrgOption = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    output: OutputOption = None,
    quiet: QuietOption = None,
) -> None:
    """Delete an event hook for good, deactivated first; asks before that."""
    from okhook.cli.context import start
    from okhook.cli.hooks.shared import delete_and_show

    ctx = start({"org": org, "output": output, "quiet": quiet})
    delete_and_show(ctx, hook, ask=not yes)
