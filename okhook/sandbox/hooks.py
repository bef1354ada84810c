"""Event hooks: how they change from one state to another, and which of them receive an event.

Each function either makes the whole change or raises an ``ApiRefusal`` and changes nothing. Time
and ids are arguments.
"""

from datetime import datetime

from okhook.sandbox.hook_body import Channel, HookDraft
from okhook.sandbox.refusals import invalid
from okhook.sandbox.state import Json, OrgState, whole_seconds
from okhook.secret import HookAuth

MAX_ACTIVE_HOOKS = 25
"""Okta's limit of active hooks in an org."""


def create_hook(state: OrgState, draft: HookDraft, hook_id: str, now: datetime) -> Json:
    """Add a hook: ACTIVE and UNVERIFIED. An org has at most 25 active hooks."""
    _check_room_for_active(state)
    hook = {
        "id": hook_id,
        "status": "ACTIVE",
        "verificationStatus": "UNVERIFIED",
        "name": draft.name,
        "description": draft.description,
        "created": whole_seconds(now),
        "createdBy": state.admin_id,
        "lastUpdated": whole_seconds(now),
        "events": draft.events,
    }
    return _store(state, hook, draft.channel)


def replace_hook(state: OrgState, hook_id: str, draft: HookDraft, now: datetime) -> Json:
    """Replace what a client chose of a hook. Another channel has to be verified again."""
    hook = state.hook(hook_id)
    same = draft.channel == channel_of(state, hook)
    changed = {
        **hook,
        "verificationStatus": hook["verificationStatus"] if same else "UNVERIFIED",
        "name": draft.name,
        "description": draft.description,
        "lastUpdated": whole_seconds(now),
        "events": draft.events,
    }
    return _store(state, changed, draft.channel)


def set_status(state: OrgState, hook_id: str, status: str, now: datetime) -> Json:
    """Make a hook ACTIVE or INACTIVE, unless it is. An org has at most 25 active hooks."""
    hook = state.hook(hook_id)
    if hook["status"] == status:
        return hook
    if status == "ACTIVE":
        _check_room_for_active(state)
    return _update(state, hook, now, status=status)


def verify_hook(state: OrgState, hook_id: str, answered: Channel, now: datetime) -> Json | None:
    """Make a hook VERIFIED whose channel ``answered``; None where it has another one by now."""
    hook = state.hooks.get(hook_id)
    if hook is None or channel_of(state, hook) != answered:
        return None
    return _update(state, hook, now, verificationStatus="VERIFIED")


def delete_hook(state: OrgState, hook_id: str) -> Json:
    """Remove a hook for good. Okta deletes INACTIVE hooks alone."""
    hook = state.hook(hook_id)
    if hook["status"] == "ACTIVE":
        raise invalid("eventHook", "status: an ACTIVE event hook must be deactivated first")
    state.secrets.pop(hook_id, None)
    return state.hooks.pop(hook_id)


def channel_of(state: OrgState, hook: Json) -> Channel:
    """Return the channel that a hook has now."""
    return Channel(hook["channel"], state.secrets.get(hook["id"]))


def auth_of(channel: Channel) -> HookAuth | None:
    """Return the header with the secret; None where the hook has none or it was lost."""
    if channel.secret is None:
        return None
    return HookAuth(channel.shown["config"]["authScheme"]["key"], channel.secret)


def headers_of(channel: Channel) -> list[tuple[str, str]]:
    """Return the headers that a client chose for the hook's calls."""
    return [(each["key"], each["value"]) for each in channel.shown["config"]["headers"]]


def lacks_secret(state: OrgState, hook: Json) -> bool:
    """Tell whether a hook has to send a secret that a restart of the sandbox has lost."""
    has_scheme = hook["channel"]["config"]["authScheme"] is not None
    return has_scheme and hook["id"] not in state.secrets


def is_receiving(hook: Json) -> bool:
    """Tell whether events go to a hook: only to hooks that are ACTIVE and VERIFIED."""
    return (hook["status"], hook["verificationStatus"]) == ("ACTIVE", "VERIFIED")


def subscribed_to(state: OrgState, event_type: str) -> list[Json]:
    """Return the hooks that receive events of this type, whatever their filters are."""
    return [
        hook
        for hook in state.hooks.values()
        if is_receiving(hook) and event_type in hook["events"]["items"]
    ]


def _check_room_for_active(state: OrgState) -> None:
    active = sum(hook["status"] == "ACTIVE" for hook in state.hooks.values())
    if active >= MAX_ACTIVE_HOOKS:
        raise invalid("eventHook", f"an org has at most {MAX_ACTIVE_HOOKS} active event hooks")


def _update(state: OrgState, hook: Json, now: datetime, **changes: str) -> Json:
    changed = {**hook, **changes, "lastUpdated": whole_seconds(now)}
    state.hooks[hook["id"]] = changed
    return changed


def _store(state: OrgState, hook: Json, channel: Channel) -> Json:
    stored = {**hook, "channel": channel.shown}
    state.hooks[hook["id"]] = stored
    if channel.secret is None:
        state.secrets.pop(hook["id"], None)
    else:
        state.secrets[hook["id"]] = channel.secret
    return stored
