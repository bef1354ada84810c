"""``okhook down``: end what runs here."""

from typing import Annotated

from okhook.cli.command import Argument, command
from okhook.cli.context import Context
from okhook.config.setting import Flag
from okhook.errors import InvalidInput


@command("all_")
def down(
    ctx: Context,
    name: Annotated[
        str | None,
        Argument("Command to stop: its name in `okhook status`, or its port", metavar="NAME"),
    ] = None,
    all_: Annotated[bool, Flag("Stop every okhook command that runs on this machine")] = False,
) -> None:
    """Stop an okhook command that runs on this machine.

    okhook down        # the only one that runs
    okhook down 1337   # the one whose receiver has port 1337
    okhook down --all  # every one

    As with Ctrl-C, okhook up deactivates the hook that it activated.
    """
    from okhook.cli.down.run import end_and_show

    if name is not None and all_:
        raise InvalidInput("NAME and --all cannot be used together")
    end_and_show(ctx, name, all_=all_)
