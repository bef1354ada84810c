"""Find the hook of an org that an entry of a file stands for."""

from collections.abc import Callable, Sequence

from okhook.errors import InvalidInput
from okhook.okta.answers import Redact
from okhook.okta.as_code.entry import HookEntry
from okhook.okta.event_hooks import EventHook
from okhook.okta.hook_choice import several_called
from okhook.okta.refusals import NotFound
from okhook.text import plain
from okhook.wire.org import Org

Matched = tuple[HookEntry, EventHook | None]

_LIMIT = 80


def matched(
    entries: Sequence[HookEntry],
    hooks: Sequence[EventHook],
    org: Org,
    *,
    recall: Callable[[str], str | None],
    redact: Redact,
) -> list[Matched]:
    """Return each entry with its hook; None for one that the org does not have.

    A hook is found by the entry's id, else by its name, else by the id that ``recall`` returns for
    the name, as ``okhook register`` does.

    Raises:
        NotFound: the org does not have a hook with the entry's id.
        InvalidInput: the org has several hooks with the name.
    """
    by_id = {hook.id: hook for hook in hooks}
    names = {entry.name for entry in entries}
    taken = {entry.hook_id for entry in entries if entry.hook_id is not None}

    def found(entry: HookEntry) -> EventHook | None:
        if entry.hook_id is not None:
            return by_id.get(entry.hook_id) or _missing(entry.hook_id, entry, org)
        recalled = by_id.get(recall(entry.name) or "")
        called = [h for h in hooks if h.name == entry.name and h.id not in taken]
        if len(called) > 1:
            if recalled not in called:
                raise _ambiguous(entry, called, org, redact)
            return recalled
        if called:
            return called[0]
        is_another = recalled is None or recalled.id in taken or recalled.name in names
        return None if is_another else recalled

    return [(entry, found(entry)) for entry in entries]


def _missing(hook_id: str, entry: HookEntry, org: Org) -> EventHook:
    raise NotFound(
        f"{entry.shown}, id: {org.host} has no event hook {plain(hook_id, limit=_LIMIT)}",
        next_step="check the org, or remove the id from the file: a hook is found by its name, too",
    )


def _ambiguous(
    entry: HookEntry, called: Sequence[EventHook], org: Org, redact: Redact
) -> InvalidInput:
    error = several_called(entry.name, called, org, redact)
    error.next_step = f'add the id of one to the file, such as id = "{called[0].id}"'
    return error
