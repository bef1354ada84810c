"""``okhook logout``: take an org's API token out of the system's keyring."""

from okhook.cli.hook_options import OrgOption
from okhook.cli.options import OutputOption, QuietOption


def logout(org: OrgOption = None, output: OutputOption = None, quiet: QuietOption = None) -> None:
    """Take an org's API token out of the system's keyring; other orgs keep theirs."""
    from okhook.cli.auth.run import logout_and_show, the_org
    from okhook.cli.context import start

    ctx = start({"org": org, "output": output, "quiet": quiet})
    logout_and_show(ctx, the_org(ctx).value)
