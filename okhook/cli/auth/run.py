"""Run ``login``, ``logout`` and ``whoami``: they show kinds and origins, but no secret."""

import getpass
import sys

import anyio

from okhook.cli.auth.view import login_lines, logout_lines, whoami_lines
from okhook.cli.context import Context
from okhook.cli.org_access import access_to, named_org_of
from okhook.cli.org_session import publisher
from okhook.cli.prompts import agree_to_org
from okhook.cli.views.org import render_org
from okhook.config.shown import shown_settings
from okhook.errors import AnswerIsNo, ConfigurationError, CredentialsError, InvalidInput
from okhook.http.client import HttpClient
from okhook.okta.auth.access import OrgAccess
from okhook.okta.auth.credential import Credential, ServiceAppCredential, SswsCredential
from okhook.okta.auth.keyring import TokenKeyring
from okhook.okta.auth.sources import KEYRING, checked_token
from okhook.okta.client import OktaClient
from okhook.okta.event_hooks_api import EventHooksApi
from okhook.okta.permissions import CredentialShown, LoggedIn, LoggedOut, WhoAmI, permissions
from okhook.secret import Secret
from okhook.wire.org import Org

_LONGEST_TOKEN = 4_096
_NOT_TEXT = "\N{REPLACEMENT CHARACTER}"
"""What stands for bytes that are not UTF-8. No token has it."""

_PIPE_IT = "pipe it in, as in: cat token.txt | okhook login --with-token"


def login_and_show(ctx: Context, *, with_token: bool) -> None:
    """Read a token, try it, store it, and show the number of hooks."""
    named = named_org_of(ctx)
    org = named.value
    TokenKeyring().name()  # raises if there is no keyring
    if named.is_projects and with_token:  # the prompt names the org itself
        agree_to_org(ctx, org, "standard input")
    token, origin = (
        (_token_on_stdin(), "standard input")
        if with_token
        else (_token_by_asking(ctx, org), "the prompt")
    )
    anyio.run(_login, ctx, org, token, origin)


def _token_on_stdin() -> Secret:
    text = sys.stdin.buffer.read(_LONGEST_TOKEN).decode(errors="replace").strip()
    if not text:
        raise InvalidInput("found no token on standard input", next_step=_PIPE_IT)
    return Secret(text)


def _token_by_asking(ctx: Context, org: Org) -> Secret:
    if not ctx.console.asks:
        raise InvalidInput(
            "cannot ask for the token: stdin is not a terminal; pass --with-token",
            next_step=_PIPE_IT,
        )
    ctx.console.note(
        "create a token in the Admin Console under Security → API → Tokens; your input is not shown"
    )
    try:
        text = getpass.getpass(f"API token of {org.host}: ").strip()
    except EOFError:
        text = ""
    except UnicodeDecodeError:
        text = _NOT_TEXT
    if not text:
        raise InvalidInput("no token was entered")
    return Secret(text)


async def _login(ctx: Context, org: Org, token: Secret, origin: str) -> None:
    keyring = TokenKeyring()
    again = (
        "copy it again, or create a new one in that org's Admin Console under Security → API →"
        f" Tokens; then: okhook login --org {org.host}"
    )
    credential = SswsCredential(checked_token(token, origin), origin, again)
    async with HttpClient() as http:
        client = _client(ctx, org, credential, http)
        hooks = await EventHooksApi(client).all()
    keyring.keep(org, credential.token)
    ctx.console.show(LoggedIn(org.url, keyring.name(), len(hooks)), login_lines)
    try:
        access = access_to(ctx, named_org_of(ctx))
    except (ConfigurationError, CredentialsError) as fault:
        ctx.console.warn(f"okhook cannot use the stored token with these settings: {fault.what}")
        return
    if access.org == org and access.credential.origin != KEYRING:
        ctx.console.warn(
            f"okhook does not use it: the credential from {access.credential.origin} has priority"
        )


def logout_and_show(ctx: Context) -> None:
    """Remove the token of an org; raise AnswerIsNo if the keyring has none."""
    org = named_org_of(ctx).value
    if not TokenKeyring().forget(org):
        raise AnswerIsNo(f"the keyring has no token for {org.host}")
    ctx.console.show(LoggedOut(org.url), logout_lines)
    ctx.console.note(
        "the token is still valid: revoke it in the Admin Console under Security → API → Tokens"
    )


async def whoami_and_show(ctx: Context, access: OrgAccess) -> None:
    """Show the org, the credential, and what that may do."""
    async with HttpClient() as http:
        client = _client(ctx, access.org, access.credential, http)
        granted = await client.granted_scopes()
        found = WhoAmI(
            access.org.url,
            access.origin,
            _shown(access.credential, granted),
            await permissions(client),
            tuple(shown_settings(ctx.settings)),
        )
    ctx.console.show(found, whoami_lines)


def _client(ctx: Context, org: Org, credential: Credential, http: HttpClient) -> OktaClient:
    return OktaClient(org, credential, http, publish=publisher(ctx.console, render_org))


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
