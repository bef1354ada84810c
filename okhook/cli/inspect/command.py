"""``okhook inspect``: the page that shows every delivery."""

from okhook.cli.command import command
from okhook.cli.context import Context
from okhook.cli.options import STORE, open_switch


@command("open_ inspector_port", STORE)
def inspect(ctx: Context, open_: bool = open_switch()) -> None:
    """Look at deliveries in the browser, and send them again.

    okhook inspect         # prints a link that works once
    okhook inspect --open  # opens it
    """
    from okhook.cli.inspect.run import inspect_and_show

    inspect_and_show(ctx, open_=open_)
