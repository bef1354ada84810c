"""Event hooks in the org's file."""

from okhook.sandbox.hooks import AuthScheme, Channel, EventFilter, EventHook, HookDraft
from okhook.sandbox.saved_values import (
    SavedObject,
    as_list,
    as_text,
    as_time,
    as_truth,
    optional,
)


def saved_hook(hook: EventHook) -> SavedObject:
    """Return what the file holds of a hook: all but its secret."""
    draft = hook.draft
    auth = draft.channel.auth
    return {
        "id": hook.id,
        "name": draft.name,
        "description": draft.description,
        "events": list(draft.events),
        "filters": [[entry.event, entry.expression] for entry in draft.filters],
        "uri": draft.channel.uri,
        "headers": [[key, value] for key, value in draft.channel.headers],
        "auth_key": None if auth is None else auth.key,
        "active": hook.active,
        "verified": hook.verified,
        "created": hook.created.isoformat(),
        "created_by": hook.created_by,
        "last_updated": hook.last_updated.isoformat(),
    }


def read_hook(saved: SavedObject) -> EventHook:
    """Return a hook of the file: UNVERIFIED where it had a secret."""
    auth_key = optional(saved["auth_key"], as_text)
    channel = Channel(
        uri=as_text(saved["uri"]),
        headers=tuple((as_text(key), as_text(value)) for key, value in as_list(saved["headers"])),
        auth=None if auth_key is None else AuthScheme(auth_key, None),
    )
    draft = HookDraft(
        name=as_text(saved["name"]),
        description=optional(saved["description"], as_text),
        events=tuple(as_text(event) for event in as_list(saved["events"])),
        filters=tuple(
            EventFilter(as_text(event), as_text(expression))
            for event, expression in as_list(saved["filters"])
        ),
        channel=channel,
    )
    return EventHook(
        id=as_text(saved["id"]),
        draft=draft,
        active=as_truth(saved["active"]),
        verified=as_truth(saved["verified"]) and auth_key is None,
        created=as_time(saved["created"]),
        created_by=as_text(saved["created_by"]),
        last_updated=as_time(saved["last_updated"]),
    )
