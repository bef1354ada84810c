"""Take out of the org again what was made there."""

from collections.abc import Sequence
from typing import final

import anyio

from okhook.errors import OkhookError
from okhook.okta.people import GroupsApi, UsersApi
from okhook.trigger.activities import CleanedUp, NotRemoved
from okhook.trigger.made import Made, MadeThings
from okhook.trigger.naming import is_our_group, is_our_login
from okhook.trigger.reason import reason_of
from okhook.wire.org import Org

CLEANING_UP_S = 20.0
"""How long cleaning up after a run may take. Ctrl-C is waited for so long at most."""


class _Left(Exception):
    """A thing was not removed; the message says why."""


@final
class CleaningUp:
    """Removes what was made, users before groups, and nothing but what carries our mark.

    Of what is ``in_doubt`` nobody knows whether the org has made it, or still is about to: it is
    not crossed out where the org does not have it. ``removing`` is the command for what is left.
    """

    def __init__(
        self,
        made: Sequence[Made],
        *,
        in_doubt: frozenset[Made],
        org: Org,
        users: UsersApi,
        groups: GroupsApi,
        things: MadeThings,
        removing: str,
    ) -> None:
        self._waiting = sorted(made, key=lambda thing: thing.kind == "group")
        self._in_doubt = in_doubt
        self._org = org
        self._users = users
        self._groups = groups
        self._things = things
        self._removing = removing
        self._removed: list[Made] = []
        self._gone: list[Made] = []
        self._left: list[NotRemoved] = []

    async def finish(self) -> None:
        """Take one after another; what the org refuses keeps nothing else from being removed."""
        while self._waiting:
            await self._take(self._waiting[0])
            del self._waiting[0]

    def outcome(self, unreached: str) -> CleanedUp:
        """Return what became of each so far; ``unreached`` is why those are left that wait."""
        return CleanedUp(
            self._org.url,
            removed=tuple(self._removed),
            gone=tuple(self._gone),
            left=(*self._left, *(NotRemoved(each, unreached) for each in self._waiting)),
            removing=self._removing,
        )

    async def _take(self, made: Made) -> None:
        try:
            was_there = await self._remove(made)
        except _Left as left:
            self._left.append(NotRemoved(made, str(left)))
            return
        except OkhookError as error:
            self._left.append(NotRemoved(made, reason_of(error)))
            return
        self._things.forget(made)
        (self._removed if was_there else self._gone).append(made)

    async def _remove(self, made: Made) -> bool:
        """Remove one thing; tell whether it was there.

        Raises:
            _Left, CredentialsError, OktaRefused, Unavailable: it is left.

        """
        was_there = await (self._remove_user if made.kind == "user" else self._remove_group)(made)
        if not was_there and made in self._in_doubt:
            raise _Left("the org does not have it, and may still be making it")
        return was_there

    async def _remove_user(self, made: Made) -> bool:
        user = await self._users.find(made.id or made.name)
        if user is None:
            return False
        if not is_our_login(user.login):
            raise _Left(f"it is not ours: its login is {user.login}")
        await self._users.remove(user.id)
        return True

    async def _remove_group(self, made: Made) -> bool:
        group = await (
            self._groups.find(made.name) if made.id is None else self._groups.get(made.id)
        )
        if group is None:
            return False
        if not is_our_group(group.name):
            raise _Left(f"it is not ours: it is called {group.name}")
        await self._groups.delete(group.id)
        return True


async def clean_up_after_run(
    cleaning_up: CleaningUp, *, within_s: float = CLEANING_UP_S
) -> CleanedUp:
    """Clean up, also while everything else is cancelled, and return what became of each thing."""
    with anyio.CancelScope(shield=True), anyio.move_on_after(within_s):
        await cleaning_up.finish()
    return cleaning_up.outcome(f"not done within {within_s:g} s")
