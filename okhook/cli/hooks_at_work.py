"""Find a hook, do one thing with it, and show what became of it: what ``hooks`` does."""

import anyio

from okhook.activity import Warned
from okhook.cli.opening import OpenedOrg, command_line, opened_org, wait_of
from okhook.cli.registering import say_what_verified_means
from okhook.cli.render.hooks import hook_in_full, hook_rows
from okhook.cli.start import Start
from okhook.display import plain
from okhook.errors import AnswerIsNo, InvalidInput, NotVerified
from okhook.okta.activities import HookChanged, HookFound, Registered
from okhook.okta.definitions import MOST_ACTIVE
from okhook.okta.event_hooks import EventHook
from okhook.okta.hook_holder import HookHolder, holder_of


async def list_and_show(begun: Start) -> None:
    """Show every event hook of the org."""
    async with opened_org(begun) as org:
        hooks = await org.api.all()
    width = begun.console.out.width if begun.console.is_live else None
    rows = hook_rows(hooks, lambda hook: _verifying(begun, hook), width=width)
    begun.console.show_all((HookFound(org.org.url, hook) for hook in hooks), rows)
    active = sum(hook.is_active for hook in hooks)
    begun.console.note(
        f"{org.org.host} has {_counted(len(hooks))}, {active} of them active;"
        f" an org can have {MOST_ACTIVE} active ones"
        if hooks
        else f"{org.org.host} has no event hooks; okhook register makes one"
    )


async def show_in_full(begun: Start, named: str) -> None:
    """Show one hook; as JSON it is the object that Okta gives, alone."""
    async with opened_org(begun) as org:
        hook = await org.api.get((await org.hook(named)).id)
    if begun.console.is_json:
        begun.console.write_json(dict(hook.raw))
        return
    begun.console.show(HookFound(org.org.url, hook), hook_in_full)
    say_what_mends(begun, hook)


async def activate_and_show(begun: Start, named: str) -> None:
    """Activate a hook, and show it."""
    async with opened_org(begun) as org:
        changed = await org.states.activate(await org.hook(named))
        org.publish(changed)
    say_what_mends(begun, changed.hook)


async def deactivate_and_show(begun: Start, named: str) -> None:
    """Deactivate a hook, and show it."""
    async with opened_org(begun) as org:
        hook = await org.hook(named)
        org.publish(await org.states.deactivate(hook))
        if holder := _holder(org, hook):
            again = command_line(begun, "hooks", "activate", hook.id)
            org.publish(
                Warned(
                    f"okhook is up with this hook{holder.process}, and gets nothing until it is"
                    f" active again: {again}"
                )
            )


def delete_and_show(begun: Start, named: str, *, ask: bool) -> None:
    """Delete a hook, after whoever can be asked has agreed.

    Nothing waits for an org while a person is asked, so that Ctrl-C ends it at once.

    Raises:
        InvalidInput: nobody can be asked.
        AnswerIsNo: whoever was asked said no.
        ConfigurationError: a running ``okhook up`` looks after the hook.

    """
    hook = anyio.run(_to_delete, begun, named)
    if ask:
        _agree(begun, hook)
    anyio.run(_delete, begun, hook)


async def verify_and_show(begun: Start, named: str) -> None:
    """Have the org verify a hook, and show it; or show what our own request found.

    Raises:
        NotVerified: it could not be verified, or it is not active.

    """
    auth = begun.hook_auth()
    wait_s = wait_of(begun)
    async with opened_org(begun, auth) as org:
        hook = await org.hook(named)
        if not hook.is_active:
            raise NotVerified(
                f"the event hook {plain(hook.name)} ({hook.id}) is {plain(hook.status, limit=20)},"
                " and an org verifies active ones alone",
                next_step=f"{command_line(begun, 'hooks', 'activate', hook.id)}"
                f"\n{_verifying(begun, hook)}",
            )
        registered = await org.verified(
            Registered(org.org.url, "unchanged", hook),
            org.target_of(hook, auth),
            wait_s=wait_s,
            tell=lambda _: None,
        )
        org.publish(HookChanged(org.org.url, "verified", registered.hook))
    say_what_verified_means(begun, registered)


def say_what_mends(begun: Start, hook: EventHook) -> None:
    """Say how a hook is verified that is active and not verified: the org delivers nothing."""
    if hook.is_active and not hook.is_verified:
        begun.console.note(f"have it verified: {_verifying(begun, hook)}")


async def _to_delete(begun: Start, named: str) -> EventHook:
    async with opened_org(begun) as org:
        hook = await org.hook(named)
        if holder := _holder(org, hook):
            raise holder.refusal(next_step="end it first; it deactivates the hook")
        return hook


def _holder(org: OpenedOrg, hook: EventHook) -> HookHolder | None:
    return holder_of(hook, org.org, org.begun.run_directory.running)


async def _delete(begun: Start, hook: EventHook) -> None:
    async with opened_org(begun) as org:
        org.publish(await org.states.delete(hook))


def _agree(begun: Start, hook: EventHook) -> None:
    question = f"delete the event hook {plain(hook.name)} ({hook.id}) for good?"
    if not begun.console.asks:
        raise InvalidInput(
            f"{question.removesuffix('?')}: nobody can be asked here",
            next_step="add --yes",
        )
    if not begun.console.confirm(question):
        raise AnswerIsNo("nothing was deleted")


def _verifying(begun: Start, hook: EventHook) -> str:
    return command_line(begun, "hooks", "verify", hook.id)


def _counted(count: int) -> str:
    return f"{count} event hook{'' if count == 1 else 's'}"
