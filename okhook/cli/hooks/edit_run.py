"""What ``hooks edit`` does: change a hook, and verify it again."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from okhook.activity import Warned
from okhook.cli.context import Context
from okhook.cli.hooks.edit import EditFlags
from okhook.cli.org_session import OrgSession, opened_org
from okhook.config.hook_auth import hook_auth, names_field
from okhook.config.setting import Setting
from okhook.errors import ConfigurationError, InvalidInput
from okhook.okta.activities import Action, HookAction, HookChanged, Registered
from okhook.okta.event_hooks import CHANNEL_PARTS, EventHook, HeaderPairs, differences
from okhook.okta.hook_choice import hook_in_use
from okhook.okta.hook_edit import HookEdit, ListEdit, edited, filters_of, not_there, pairs_of
from okhook.okta.probe import ProbeTarget
from okhook.runtime.run_files import UpRun
from okhook.secret import HookAuth
from okhook.up.hook_edits import EventsWanted, ask_for_edit

_RELIED_ON = CHANNEL_PARTS | {"name"}
"""The parts that a running ``okhook up`` depends on."""


async def edit_and_show(ctx: Context, named: str, flags: EditFlags, *, verify: bool) -> None:
    """Change a hook, verify it again if needed, and show it.

    Raises:
        InvalidInput: there is no change, or the changed hook cannot work.
        ConfigurationError: the hook has a secret, and none is set; or a running ``okhook up``
            depends on what would change.
        NotVerified: the hook is changed, but the org could not verify it.
    """
    edit = _edit_of(flags)
    ctx.hook_auth()
    given = hook_auth(ctx.settings)
    wait_s = ctx.settings.wait.value
    if edit.is_empty and given is None:
        raise InvalidInput(
            "no changes given",
            next_step="pass --url, --add-event, --remove-event, --filter, --description …;"
            " to change the secret, set OKHOOK_AUTH_SECRET or OKHOOK_BASIC_AUTH, or use"
            " --auth-secret-file",
        )
    async with opened_org(ctx, given.value if given else None) as session:
        existing = await session.hook(named)
        holder = session.holder_of(existing)
        if holder is not None and given is None and existing.auth_field is not None:
            updated = await _updated_by_its_run(session, existing, holder, edit)
            session.publish(_changed(updated))
            return
        auth = _secret_for(ctx, existing, edit, given)
        updated, target = await _updated(session, existing, holder, edit, auth)
        is_from_elsewhere = given is not None and not given.from_flag and not edit.is_empty
        if given and is_from_elsewhere and existing.auth_field and "secret" in updated.changed:
            session.publish(
                Warned(
                    f"the hook now has the secret from {given.origin}; okhook does not know"
                    " whether it had another one before"
                )
            )
        if verify and _needs_verifying(existing, updated):
            updated = await session.verified(
                updated, target, wait_s=wait_s, tell=lambda hook: session.publish(_changed(hook))
            )
        session.publish(_changed(updated))
    session.note_unverified(updated.hook)
    session.note_what_verified_proves(updated.hook)


def _edit_of(flags: EditFlags) -> HookEdit:
    def list_edit(
        word: str,
        read: Callable[[Sequence[str] | None, str], HeaderPairs],
        whole: list[str] | None,
        added: list[str] | None,
        removed: list[str] | None,
    ) -> ListEdit:
        return ListEdit(
            all=None if whole is None else read(whole, f"--{word}"),
            add=read(added, f"--add-{word}"),
            remove=tuple(removed or ()),
        )

    def events(spelled: Sequence[str] | None, _flag: str) -> HeaderPairs:
        return tuple((event_type, "") for event_type in spelled or ())

    return HookEdit(
        flags.name,
        flags.url,
        flags.description,
        list_edit("event", events, flags.event, flags.add_event, flags.remove_event),
        list_edit("header", pairs_of, flags.header, flags.add_header, flags.remove_header),
        list_edit("filter", filters_of, flags.filter_, flags.add_filter, flags.remove_filter),
    )


async def _updated(
    session: OrgSession,
    existing: EventHook,
    holder: UpRun | None,
    edit: HookEdit,
    auth: HookAuth | None,
) -> tuple[Registered, ProbeTarget]:
    wanted = session.checked(edited(existing, edit, auth), not_there(existing, edit))

    def allow(_: EventHook, parts: Collection[str]) -> None:
        if holder is not None and _RELIED_ON & set(parts):
            raise _used_by(session, holder)

    updated = await session.registration.update(existing, wanted, allow=allow)
    return updated, ProbeTarget(wanted.url, wanted.headers, wanted.auth)


async def _updated_by_its_run(
    session: OrgSession, existing: EventHook, holder: UpRun, edit: HookEdit
) -> Registered:
    """Have the ``okhook up`` that has the hook, and its secret, change what it does not rely on."""
    without_secret = replace(existing, auth_field=None)
    wanted = session.checked(edited(without_secret, edit, None), not_there(existing, edit))
    changed = differences(wanted, without_secret)
    if holder.control_socket is None or _RELIED_ON & set(changed):
        raise _used_by(session, holder)
    parts = EventsWanted(wanted.events, wanted.filters, wanted.description)
    done = await ask_for_edit(holder.control_socket, parts) if changed else ()
    action: Action = "updated" if done else "unchanged"
    return Registered(session.org.url, action, await session.api.get(existing.id), done)


def _used_by(session: OrgSession, holder: UpRun) -> ConfigurationError:
    return hook_in_use(
        session.org,
        holder,
        why="a new name, URL, header or secret would cut it off from the hook, and every change"
        " of the hook needs its secret",
        next_step="stop it, and start it again with the new settings",
    )


def _secret_for(
    ctx: Context, existing: EventHook, edit: HookEdit, given: Setting[HookAuth] | None
) -> HookAuth | None:
    """Return the hook's new secret, in the header that the hook already uses.

    A hook without a secret gets one only from a flag, or if nothing else changes: the secret in
    the settings may belong to another hook.
    """
    if given is None:
        return None
    if existing.auth_field is None:
        if given.from_flag or edit.is_empty:
            return given.value
        ctx.console.note(f"ignoring {given.origin}: the hook has no secret")
        return None
    same_field = given.value.field.lower() == existing.auth_field.lower()
    if same_field or names_field(ctx.settings):
        return given.value
    return HookAuth(existing.auth_field, given.value.secret)


def _needs_verifying(existing: EventHook, updated: Registered) -> bool:
    """Return whether this change, and no earlier one, made an active hook unverified."""
    if updated.hook.is_verified or not updated.hook.is_active:
        return False
    return existing.is_verified or bool(CHANNEL_PARTS & set(updated.changed))


def _changed(registered: Registered) -> HookChanged:
    action: HookAction = "unchanged" if not registered.changed else "updated"
    return HookChanged(registered.org, action, registered.hook, registered.changed)
