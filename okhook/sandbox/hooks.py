"""Event hooks: their state, and which of them receive an event.

A function makes the whole change, or raises ``ApiRefusal`` and changes nothing.
"""

from datetime import datetime
from functools import lru_cache

from okhook.filter_language.expression import parse_filter_expression
from okhook.sandbox.hook_body import Channel, HookDraft
from okhook.sandbox.refusals import invalid
from okhook.sandbox.state import Json, OrgState, whole_seconds
from okhook.secret import HookAuth

MAX_ACTIVE_HOOKS = 25
"""Okta's limit of active hooks in an org."""


def create_hook(state: OrgState, draft: HookDraft, hook_id: str, now: datetime) -> Json:
    """Add a hook that is ACTIVE and UNVERIFIED."""
    _check_active_limit(state)
    hook = {
        "id": hook_id,
        "status": "ACTIVE",
        "verificationStatus": "UNVERIFIED",
        "created": whole_seconds(now),
        "createdBy": state.admin_id,
    }
    return _store(state, hook, draft, now)


def replace_hook(state: OrgState, hook_id: str, draft: HookDraft, now: datetime) -> Json:
    """Replace a hook's draft. A hook with another channel is UNVERIFIED."""
    hook = state.hook(hook_id)
    status = draft.status or hook["status"]
    if status == "ACTIVE" != hook["status"]:
        _check_active_limit(state)
    hook = {**hook, "status": status}
    if draft.channel != channel_of(state, hook):
        hook = {**hook, "verificationStatus": "UNVERIFIED"}
    return _store(state, hook, draft, now)


def set_status(state: OrgState, hook_id: str, status: str, now: datetime) -> Json:
    """Make a hook ACTIVE or INACTIVE; return the same object if it is already."""
    hook = state.hook(hook_id)
    if hook["status"] == status:
        return hook
    if status == "ACTIVE":
        _check_active_limit(state)
    return _put(state, {**hook, "status": status}, now)


def verify_hook(state: OrgState, hook_id: str, answered: Channel, now: datetime) -> Json | None:
    """Make a hook VERIFIED if the channel that ``answered`` is still its channel, else None."""
    hook = state.hooks.get(hook_id)
    if hook is None or channel_of(state, hook) != answered:
        return None
    return _put(state, {**hook, "verificationStatus": "VERIFIED"}, now)


def delete_hook(state: OrgState, hook_id: str) -> Json:
    """Remove a hook, which must be INACTIVE."""
    hook = state.hook(hook_id)
    if hook["status"] == "ACTIVE":
        raise invalid("eventHook", "status: an ACTIVE event hook must be deactivated first")
    state.secrets.pop(hook_id, None)
    return state.hooks.pop(hook_id)


def channel_of(state: OrgState, hook: Json) -> Channel:
    """Return a hook's channel."""
    return Channel(hook["channel"], state.secrets.get(hook["id"]))


def headers_of(channel: Channel) -> tuple[HookAuth | None, list[tuple[str, str]]]:
    """Return the header with the secret, if the hook still has one, and the other headers."""
    config, secret = channel.shown["config"], channel.secret
    auth = None if secret is None else HookAuth(config["authScheme"]["key"], secret)
    return auth, [(each["key"], each["value"]) for each in config["headers"]]


def lacks_secret(state: OrgState, hook: Json) -> bool:
    """Tell whether a restart of the sandbox lost the hook's secret."""
    has_scheme = hook["channel"]["config"]["authScheme"] is not None
    return has_scheme and hook["id"] not in state.secrets


def is_receiving(hook: Json) -> bool:
    """Tell whether a hook is ACTIVE and VERIFIED, so that it receives events."""
    return (hook["status"], hook["verificationStatus"]) == ("ACTIVE", "VERIFIED")


def subscribed_to(state: OrgState, event_type: str) -> list[Json]:
    """Return the hooks that receive events of this type, before their filters."""
    return [
        hook
        for hook in state.hooks.values()
        if is_receiving(hook) and event_type in hook["events"]["items"]
    ]


def filters_of(hook: Json) -> list[tuple[str, str]]:
    """Return a hook's filters as pairs of event type and expression."""
    chosen = hook["events"]["filter"]
    entries = chosen["eventFilterMap"] if chosen else []
    return [(entry["event"], entry["condition"]["expression"]) for entry in entries]


parsed_filter = lru_cache(512)(parse_filter_expression)


def _check_active_limit(state: OrgState) -> None:
    active = sum(hook["status"] == "ACTIVE" for hook in state.hooks.values())
    if active >= MAX_ACTIVE_HOOKS:
        raise invalid("eventHook", f"an org has at most {MAX_ACTIVE_HOOKS} active event hooks")


def _put(state: OrgState, hook: Json, now: datetime) -> Json:
    state.hooks[hook["id"]] = {**hook, "lastUpdated": whole_seconds(now)}
    return state.hooks[hook["id"]]


def _store(state: OrgState, hook: Json, draft: HookDraft, now: datetime) -> Json:
    shown, secret = draft.channel
    state.secrets.pop(hook["id"], None)
    if secret is not None:
        state.secrets[hook["id"]] = secret
    chosen = {"name": draft.name, "description": draft.description, "events": draft.events}
    return _put(state, {**hook, **chosen, "channel": shown}, now)
