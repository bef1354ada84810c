"""``okhook login``: keep an org's API token in the system's keyring."""

from typing import Annotated

from okhook.cli.command import command
from okhook.cli.context import Context
from okhook.config.setting import Flag


@command(
    "org",
    "with_token",
)
def login(
    ctx: Context, with_token: Annotated[bool, Flag("Read the token from standard input")] = False
) -> None:
    """Keep an org's API token in the system's keyring.

    okhook login --org dev-123.okta.com  # asks for the token
    pass okta/dev-123 | okhook login --org dev-123.okta.com --with-token

    The org must accept the token first. You can log in to several orgs; each token is used only
    for its own org.
    """
    import anyio

    from okhook.cli.auth.run import login_and_show, token_by_asking, token_on_stdin
    from okhook.cli.org_session import org_of
    from okhook.okta.auth.keyring import TokenKeyring

    wanted = org_of(ctx).value
    TokenKeyring().name()
    if with_token:
        token, origin = token_on_stdin(), "standard input"
    else:
        token, origin = token_by_asking(ctx, wanted), "the prompt"
    anyio.run(login_and_show, ctx, wanted, token, origin)
