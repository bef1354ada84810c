"""Remove test users and groups from the org."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import anyio

from okhook.errors import OkhookError
from okhook.okta.people import GroupsApi, UsersApi
from okhook.trigger.activities import CleanedUp, NotRemoved
from okhook.trigger.created import Created, CreatedThings
from okhook.trigger.org_lookup import reason_of
from okhook.trigger.scenario import is_our_group, is_our_login

CLEANUP_S = 20.0
"""How long cleaning up after a run may take, and so how long Ctrl-C may take."""


class _Left(OkhookError):
    """A thing stays in the org. The error says why."""


@dataclass(slots=True)
class Cleanup:
    """Removes what was created, users before groups, and only what carries okhook's mark.

    The org may or may not have created what is ``in_doubt``, and may still create it: if it is not
    found, it stays written down. ``removing`` is the command that removes what is left.
    """

    created: Sequence[Created]
    users: UsersApi
    groups: GroupsApi
    things: CreatedThings
    removing: str
    in_doubt: frozenset[Created] = frozenset()
    _done: int = field(default=0, init=False)
    _removed: list[Created] = field(default_factory=list, init=False)
    _gone: list[Created] = field(default_factory=list, init=False)
    _left: list[NotRemoved] = field(default_factory=list, init=False)

    async def finish(self) -> None:
        """Remove one thing after another. If the org refuses one, go on with the next."""
        for created in self._in_order():
            await self._take(created)
            self._done += 1

    def outcome(self, unreached: str) -> CleanedUp:
        """Return what became of each so far; ``unreached`` is the reason for those not tried."""
        return CleanedUp(
            self.things.org.url,
            removed=tuple(self._removed),
            gone=tuple(self._gone),
            left=(
                *self._left,
                *(NotRemoved(each, unreached) for each in self._in_order()[self._done :]),
            ),
            removing=self.removing,
        )

    def _in_order(self) -> list[Created]:
        return sorted(self.created, key=lambda thing: thing.kind == "group")

    async def _take(self, created: Created) -> None:
        try:
            was_there = await self._remove(created)
            if not was_there and created in self.in_doubt:
                raise _Left("the org does not have it yet, but may still create it")
        except OkhookError as error:
            self._left.append(NotRemoved(created, reason_of(error)))
            return
        self.things.forget(created)
        (self._removed if was_there else self._gone).append(created)

    async def _remove(self, created: Created) -> bool:
        """Remove a user or a group, and return whether it was there."""
        if created.kind == "user":
            user = await self.users.find(created.id or created.name)
            if user is not None and not is_our_login(user.login):
                raise _Left(f"okhook did not create it: its login is {user.login}")
            if user is not None:
                await self.users.remove(user.id)
            return user is not None
        find = self.groups.get(created.id) if created.id else self.groups.find(created.name)
        group = await find
        if group is not None and not is_our_group(group.name):
            raise _Left(f"okhook did not create it: its name is {group.name}")
        if group is not None:
            await self.groups.delete(group.id)
        return group is not None


async def clean_up_after_run(cleanup: Cleanup, *, within_s: float = CLEANUP_S) -> CleanedUp:
    """Clean up, even while everything else is cancelled, and return what became of each thing."""
    with anyio.CancelScope(shield=True), anyio.move_on_after(within_s):
        await cleanup.finish()
    return cleanup.outcome(f"not done within {within_s:g} s")
