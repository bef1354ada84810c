"""``okhook down``: end what runs here."""

from okhook.cli.command import argument, command, switch
from okhook.cli.context import Context
from okhook.cli.options import check_alone


@command("all_")
def down(
    ctx: Context,
    name: str | None = argument(
        "Command to stop: its name in `okhook status`, or its port", metavar="NAME", default=None
    ),
    all_: bool = switch("Stop every okhook command that runs on this machine"),
) -> None:
    """Stop an okhook command that runs on this machine.

    okhook down        # the only one that runs
    okhook down 1337   # the one whose receiver has port 1337
    okhook down --all  # every one

    As with Ctrl-C, okhook up deactivates the hook that it activated.
    """
    from okhook.cli.down.run import end_and_show

    check_alone({"NAME": name is not None, "--all": all_})
    end_and_show(ctx, name, all_=all_)
