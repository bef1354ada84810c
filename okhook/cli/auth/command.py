"""``okhook login``, ``logout`` and ``whoami``."""

from okhook.cli.command import command, switch
from okhook.cli.context import Context


@command("org with_token")
def login(ctx: Context, with_token: bool = switch("Read the token from standard input")) -> None:
    """Keep an org's API token in the system's keyring.

    okhook login --org dev-123.okta.com  # asks for the token
    pass okta/dev-123 | okhook login --org dev-123.okta.com --with-token

    okhook checks the token with the org before it stores it. You can log in to several orgs;
    each token is used only for its own org.
    """
    from okhook.cli.auth.run import login_and_show

    login_and_show(ctx, with_token=with_token)


@command("org")
def logout(ctx: Context) -> None:
    """Remove an org's API token from the system's keyring.

    okhook logout --org dev-123.okta.com  # forget this org's token
    okhook logout --org dev-123.okta.com --output json
    """
    from okhook.cli.auth.run import logout_and_show

    logout_and_show(ctx)


@command("org")
async def whoami(ctx: Context) -> None:
    """Show which org and credential are in use.

    okhook whoami                         # the org that is set
    okhook whoami --org dev-123.okta.com  # another org

    Shows what the credential may read, how many API calls are left, and where each setting comes
    from. Changes nothing.
    """
    from okhook.cli.org_access import access_of

    access = access_of(ctx)  # without an org, nothing of what follows is needed
    from okhook.cli.auth.run import whoami_and_show

    await whoami_and_show(ctx, access)
