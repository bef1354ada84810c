"""``okhook up --detach``: start it in the background, and return when it is ready."""

import os
import sys
from collections.abc import Iterable
from dataclasses import replace

from okhook.activity import A
from okhook.cli.console import Console
from okhook.cli.context import Context
from okhook.cli.options import check_alone
from okhook.cli.up.command import UpFlags
from okhook.cli.views.lines import View
from okhook.runtime.detaching import DETACHED, Background, in_background, run_detached
from okhook.up.activities import Ready


def detach(ctx: Context, flags: UpFlags) -> None:
    """Start ``up`` in the background and wait until it is ready, or be that ``up``."""
    check_alone({"--detach": flags.detach, "--once": flags.once})
    descriptor = os.environ.pop(DETACHED, "")
    if not descriptor.isdigit():
        if code := run_detached(sys.argv[1:], os.environ):
            sys.exit(code)
        return
    # The imports are slow, and the command that waits does not need them.
    from okhook.cli.up.run import run_and_show

    with in_background(ctx.run_directory, int(descriptor)) as background:
        run_and_show(replace(ctx, console=_DetachedConsole(ctx, background)), flags)


class _DetachedConsole(Console):
    """Lets go of the parent once it has shown that all is ready."""

    def __init__(self, ctx: Context, background: Background) -> None:
        super().__init__(output=ctx.settings.output.value, quiet=ctx.settings.quiet.value)
        self._background = background

    def show_all(self, activities: Iterable[A], view: View[A]) -> None:
        shown = list(activities)
        super().show_all(shown, view)
        if any(isinstance(each, Ready) for each in shown):
            self.note(f"okhook keeps running in the background; its log is {self._background.log}")
            self._background.let_go()
