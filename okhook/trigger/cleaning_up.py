"""Take out of the org again what was made there; also while everything else is cancelled."""

from collections.abc import Sequence

import anyio

from okhook.errors import OkhookError
from okhook.okta.groups_api import GroupsApi
from okhook.okta.users_api import UsersApi
from okhook.org import Org
from okhook.trigger.activities import CleanedUp
from okhook.trigger.made import Made, MadeThings
from okhook.trigger.naming import is_our_group, is_our_login

CLEANING_UP_S = 20.0
"""How long all of it may take. Ctrl-C is waited for so long at most."""

_NOT_OURS = "the org has something else under this id"


async def clean_up(
    made: Sequence[Made],
    *,
    org: Org,
    users: UsersApi,
    groups: GroupsApi,
    things: MadeThings,
    removing: str,
    within_s: float = CLEANING_UP_S,
) -> CleanedUp:
    """Remove what was made, users first, and return what became of each.

    Nothing is removed but what carries our mark. ``removing`` is the command for what is left.
    """
    removed: list[Made] = []
    left: dict[Made, str] = dict.fromkeys(made, f"no answer within {within_s:g} s")
    with anyio.CancelScope(shield=True), anyio.move_on_after(within_s):
        for each in sorted(made, key=lambda thing: thing.kind == "group"):
            try:
                reason = await _remove(each, users, groups)
            except OkhookError as error:
                reason = error.what if error.why is None else f"{error.what}: {error.why}"
            if reason is not None:
                left[each] = reason
                continue
            things.forget(each)
            removed.append(each)
            del left[each]
    return CleanedUp(org.url, tuple(removed), tuple(left.items()), removing)


async def _remove(made: Made, users: UsersApi, groups: GroupsApi) -> str | None:
    """Remove one thing; return why it was left, None where it is there no more."""
    if made.kind == "user":
        user = await users.find(made.id or made.name)
        if user is None:
            return None
        if not is_our_login(user.login):
            return _NOT_OURS
        await users.remove(user.id)
        return None
    group = await (groups.find(made.name) if made.id is None else groups.get(made.id))
    if group is None:
        return None
    if not is_our_group(group.name):
        return _NOT_OURS
    await groups.delete(group.id)
    return None
