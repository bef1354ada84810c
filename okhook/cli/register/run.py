"""What ``okhook register`` does."""

from okhook.cli.context import Context
from okhook.cli.org_session import OrgSession, opened_org
from okhook.cli.register.command import HookFlags
from okhook.config.names import hook_name
from okhook.errors import ConfigurationError
from okhook.okta.event_hooks import EventHook, WantedHook
from okhook.okta.hook_choice import hook_in_use, up_called_at, url_here
from okhook.okta.hook_edit import filters_of, pairs_of
from okhook.okta.probe import ProbeTarget
from okhook.runtime.running_here import running_here
from okhook.secret import HookAuth
from okhook.wire.url import without_credentials


async def register_and_show(ctx: Context, flags: HookFlags, *, verify: bool) -> None:
    """Register the hook that the settings describe, verify it if needed, and show it."""
    auth = ctx.hook_auth()
    wait_s = ctx.settings.wait.value
    async with opened_org(ctx, auth) as session:
        url = ctx.settings.url.value if ctx.settings.url else _url_here(session)
        wanted = session.checked(wanted_hook(ctx, url, auth, flags))
        if auth is None and flags.hook_id is None:
            await _refuse_unknown_secret(session, wanted)
        registered = await session.registration.register(
            wanted, hook_id=flags.hook_id, allow=lambda hook, _: _refuse_if_in_use(session, hook)
        )
        if verify and not registered.hook.is_verified:
            target = ProbeTarget(wanted.url, wanted.headers, auth)
            registered = await session.verified(
                registered, target, wait_s=wait_s, tell=session.publish
            )
        session.publish(registered)
    session.note_what_verified_proves(registered.hook)


async def verify_and_show(ctx: Context, hook_id: str | None) -> None:
    """Verify the hook that the settings name, change nothing else, and show it."""
    auth = ctx.hook_auth()
    wait_s = ctx.settings.wait.value
    async with opened_org(ctx, auth) as session:
        found = await session.registration.find(hook_name(ctx.settings).value, hook_id=hook_id)
        target = session.target_of(found.hook, auth)
        registered = await session.verified(found, target, wait_s=wait_s, tell=session.publish)
        session.publish(registered)
    session.note_what_verified_proves(registered.hook)


def _refuse_if_in_use(session: OrgSession, hook: EventHook) -> None:
    if holder := session.holder_of(hook):
        next_step = (
            "to change the hook's events, filters or description, use"
            f" `okhook hooks edit {hook.id}`\n"
            "to register it anew, stop it with okhook down; for another receiver, use --name"
        )
        raise hook_in_use(session.org, holder, why="it is registered already", next_step=next_step)


async def _refuse_unknown_secret(session: OrgSession, wanted: WantedHook) -> None:
    """Refuse a hook of the receiver of an ``okhook up``, which answers 401 without its secret.

    That may be a generated one, which only the process and its hook have.
    """
    up = up_called_at(wanted.url, running_here(session.ctx.run_directory))
    if up is None:
        return
    for hook in await session.registration.called(wanted.name):
        _refuse_if_in_use(session, hook)
    raise ConfigurationError(
        f"the receiver of a running okhook up (process {up.pid}) asks for its own hook's secret",
        why=f"a hook without it gets 401 from {without_credentials(wanted.url)}",
        next_step="start another receiver with okhook serve --port 0, or set OKHOOK_AUTH_SECRET"
        " for okhook up and for this command",
    )


def _url_here(session: OrgSession) -> str:
    settings = session.ctx.settings
    url = f"http://127.0.0.1:{settings.port.value}{settings.path.value}"
    return url_here(session.org, running_here(session.ctx.run_directory), url)


def wanted_hook(ctx: Context, url: str, auth: HookAuth | None, flags: HookFlags) -> WantedHook:
    """Return the hook that the settings and flags describe. Without ``event`` it keeps its own."""
    settings, event = ctx.settings, ctx.settings.event
    return WantedHook(
        name=hook_name(settings).value,
        url=url,
        events=() if event.is_default else event.value,
        keeps_events=event.is_default,
        description=settings.description.value if settings.description else None,
        headers=pairs_of(flags.header, "--header"),
        auth=auth,
        filters=filters_of(flags.filter_),
    )
