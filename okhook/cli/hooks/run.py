"""What the ``hooks`` commands do."""

import anyio

from okhook.activity import Warned
from okhook.cli.context import Context
from okhook.cli.hooks.view import hook_in_full, hook_rows
from okhook.cli.org_access import command_to_paste
from okhook.cli.org_session import opened_org
from okhook.cli.prompts import confirmed
from okhook.errors import AnswerIsNo, NotVerified
from okhook.okta.activities import HookChanged, HookFound, Registered
from okhook.okta.event_hooks import MOST_ACTIVE, EventHook
from okhook.okta.hook_choice import hook_in_use
from okhook.text import counted, plain


async def list_and_show(ctx: Context) -> None:
    """Show every event hook of the org."""
    async with opened_org(ctx) as session:
        hooks = await session.api.all()
    width = ctx.console.width
    rows = hook_rows(hooks, session.verify_command, width=width)
    ctx.console.show_all((HookFound(session.org.url, hook) for hook in hooks), rows)
    active = sum(hook.is_active for hook in hooks)
    ctx.console.note(
        f"{session.org.host} has {counted(len(hooks), 'event hook')}, {active} of them active;"
        f" the limit is {MOST_ACTIVE} active hooks"
        if hooks
        else f"{session.org.host} has no event hooks; to create one, run"
        f" {command_to_paste(ctx, 'register')}"
    )


async def show_in_full(ctx: Context, named: str) -> None:
    """Show one hook; as JSON, show Okta's own object."""
    async with opened_org(ctx) as session:
        hook = await session.api.get((await session.hook(named)).id)
    if ctx.console.is_json:
        ctx.console.write_json(dict(hook.raw))
        return
    ctx.console.show(HookFound(session.org.url, hook), hook_in_full)
    session.note_unverified(hook)


async def activate_and_show(ctx: Context, named: str) -> None:
    """Activate a hook, and show it."""
    async with opened_org(ctx) as session:
        changed = await session.registration.activate(await session.hook(named))
        session.publish(changed)
    session.note_unverified(changed.hook)


async def deactivate_and_show(ctx: Context, named: str) -> None:
    """Deactivate a hook, and show it."""
    async with opened_org(ctx) as session:
        hook = await session.hook(named)
        session.publish(await session.registration.deactivate(hook))
        if holder := session.holder_of(hook):
            again = command_to_paste(ctx, "hooks", "activate", hook.id)
            session.publish(
                Warned(
                    f"a running okhook up (process {holder.pid}) uses this hook, and gets no"
                    f" events until you run {again}"
                )
            )


def delete_and_show(ctx: Context, named: str, *, ask: bool) -> None:
    """Delete a hook, after asking for confirmation."""
    # No event loop runs during the question, so that Ctrl-C ends the command at once.
    hook = anyio.run(_to_delete, ctx, named)
    question = f"permanently delete the event hook {plain(hook.name)} ({hook.id})?"
    if ask and not confirmed(ctx, question):
        raise AnswerIsNo("nothing was deleted")
    anyio.run(_delete, ctx, hook)


async def verify_and_show(ctx: Context, named: str) -> None:
    """Ask the org to verify a hook, and show it."""
    auth = ctx.hook_auth()
    wait_s = ctx.settings.wait.value
    async with opened_org(ctx, auth) as session:
        hook = await session.hook(named)
        if not hook.is_active:
            raise NotVerified(
                f"the event hook {plain(hook.name)} ({hook.id}) is {plain(hook.status, limit=20)},"
                " and an org verifies only active hooks",
                next_step=f"{command_to_paste(ctx, 'hooks', 'activate', hook.id)}"
                f"\n{session.verify_command(hook)}",
            )
        registered = await session.verified(
            Registered(session.org.url, "unchanged", hook),
            session.target_of(hook, auth),
            wait_s=wait_s,
        )
        session.publish(HookChanged(session.org.url, "verified", registered.hook))
    session.note_what_verified_proves(registered.hook)


async def _to_delete(ctx: Context, named: str) -> EventHook:
    async with opened_org(ctx) as session:
        hook = await session.hook(named)
        if holder := session.holder_of(hook):
            next_step = "stop it first; it then deactivates the hook"
            raise hook_in_use(session.org, holder, next_step=next_step)
        return hook


async def _delete(ctx: Context, hook: EventHook) -> None:
    async with opened_org(ctx) as session:
        session.publish(await session.registration.delete(hook))
