"""``okhook logout``: take an org's API token out of the system's keyring."""

from okhook.cli.command import command
from okhook.cli.context import Context


@command(
    "org",
)
def logout(ctx: Context) -> None:
    """Remove an org's API token from the system's keyring.

    okhook logout --org dev-123.okta.com  # forget this org's token
    okhook logout --org dev-123.okta.com --output json
    """
    from okhook.cli.auth.run import logout_and_show
    from okhook.cli.org_session import org_of

    logout_and_show(ctx, org_of(ctx).value)
