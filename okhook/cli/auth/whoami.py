"""``okhook whoami``: which org, with which credential, and what that may do."""

from okhook.cli.hook_options import OrgOption
from okhook.cli.options import OutputOption, QuietOption


def whoami(org: OrgOption = None, output: OutputOption = None, quiet: QuietOption = None) -> None:
    """Say which org is meant, which credential is used, what it may do, and where it all is set.

    Reads a little of the event hooks, the System Log and the users, and changes nothing.
    """
    import anyio

    from okhook.cli.auth.run import whoami_and_show
    from okhook.cli.context import start

    anyio.run(whoami_and_show, start({"org": org, "output": output, "quiet": quiet}))
