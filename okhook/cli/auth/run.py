"""What ``login``, ``logout`` and ``whoami`` do: store a token, remove it, and show who calls."""

import getpass
import sys

from okhook.cli.auth.view import render_credentials
from okhook.cli.context import Context
from okhook.cli.org_session import access_of, publisher
from okhook.cli.views.org import render_org
from okhook.errors import AnswerIsNo, ConfigurationError, CredentialsError, InvalidInput
from okhook.http.client import HttpClient
from okhook.okta.auth.access import KEYRING, checked_token
from okhook.okta.auth.credential import Credential, ServiceAppCredential, SswsCredential
from okhook.okta.auth.keyring import TokenKeyring
from okhook.okta.client import OktaClient
from okhook.okta.credential_activities import CredentialShown, LoggedIn, LoggedOut, WhoAmI
from okhook.okta.event_hooks_api import EventHooksApi
from okhook.okta.permissions import permissions
from okhook.secret import Secret
from okhook.wire.org import Org

_LONGEST_TOKEN = 4_096


def token_on_stdin() -> Secret:
    """Return the token that stands on standard input, alone.

    Raises:
        InvalidInput: standard input is empty.
    """
    text = sys.stdin.read(_LONGEST_TOKEN).strip()
    if not text:
        raise InvalidInput(
            "there is no token on standard input",
            next_step="pipe it in: … | okhook login --org ORG --with-token",
        )
    return Secret(text)


def token_by_asking(ctx: Context, org: Org) -> Secret:
    """Ask for the token, without echo.

    Raises:
        InvalidInput: stdin is not a terminal, or nothing was entered.
    """
    if not ctx.console.asks:
        raise InvalidInput(
            "there is nobody to ask for the token",
            next_step="pipe it in: … | okhook login --org ORG --with-token",
        )
    ctx.console.note(
        "the token is made in the Admin Console under Security → API → Tokens; it is not shown here"
    )
    try:
        text = getpass.getpass(f"API token of {org.host}: ").strip()
    except EOFError:
        text = ""
    except KeyboardInterrupt:
        ctx.console.note("")
        raise
    if not text:
        raise InvalidInput("no token was entered")
    return Secret(text)


async def login_and_show(ctx: Context, org: Org, token: Secret, origin: str) -> None:
    """Try the token, store it, and show the number of hooks. ``origin`` says where it came from."""
    keyring = TokenKeyring()
    again = (
        "copy it again, or make a new one in the Admin Console of that org under Security → API →"
        f" Tokens; then: okhook login --org {org.host}"
    )
    credential = SswsCredential(checked_token(token, origin), origin, again)
    async with HttpClient() as http:
        publish = publisher(ctx.console, render_org)
        client = OktaClient(org, credential, http, publish=publish)
        hooks = await EventHooksApi(client).all()
    keyring.keep(org, credential.token)
    ctx.console.show(LoggedIn(org.url, keyring.name(), len(hooks)), render_credentials)
    try:
        access = access_of(ctx)
    except (ConfigurationError, CredentialsError) as fault:
        ctx.console.warn(f"it is not used as things are: {fault.what}")
        return
    if access.org == org and access.credential.origin != KEYRING:
        ctx.console.warn(
            f"it is not used as long as there is a credential from {access.credential.origin},"
            " which goes before it"
        )


def logout_and_show(ctx: Context, org: Org) -> None:
    """Forget the token of an org.

    Raises:
        AnswerIsNo: the keyring has no token for it.
    """
    if not TokenKeyring().forget(org):
        raise AnswerIsNo(f"the keyring has no token for {org.host}")
    ctx.console.show(LoggedOut(org.url), render_credentials)
    ctx.console.note(
        "the token itself is still good: revoke it in the Admin Console under Security → API →"
        " Tokens"
    )


async def whoami_and_show(ctx: Context) -> None:
    """Show the org, the credential, and what that may do."""
    access = access_of(ctx)
    async with HttpClient() as http:
        publish = publisher(ctx.console, render_org)
        client = OktaClient(access.org, access.credential, http, publish=publish)
        granted = await client.granted_scopes()
        found = WhoAmI(
            access.org.url,
            access.origin,
            _shown(access.credential, granted),
            await permissions(client),
            tuple(ctx.settings.shown()),
        )
    ctx.console.show(found, render_credentials)


def _shown(credential: Credential, granted: tuple[str, ...] | None) -> CredentialShown:
    if not isinstance(credential, ServiceAppCredential):
        return CredentialShown(credential.kind, credential.origin)
    return CredentialShown(
        credential.kind,
        credential.origin,
        credential.client_id,
        credential.key_origin,
        credential.key.key_id,
        granted,
    )
