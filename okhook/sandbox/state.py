"""The org's own truth: its event hooks, users and groups, and the transitions between their states.

Every method either makes the whole transition or raises an ``ApiRefusal`` and changes nothing.
Time and ids are arguments.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import final

from okhook.sandbox.group_state import GroupState
from okhook.sandbox.hooks import MAX_ACTIVE_HOOKS, Channel, EventHook, HookDraft
from okhook.sandbox.refusals import invalid, no_permission, resource_not_found
from okhook.sandbox.user_lifecycle import activated, deactivated, suspended, unsuspended
from okhook.sandbox.users import User, UserDraft, UserStatus


@final
class OrgState:
    """Hooks and users by id, in the order of their creation. ``admin`` owns the API token.

    The groups have a truth of their own, in ``groups``.
    """

    def __init__(
        self,
        admin: User,
        user_type_id: str,
        *,
        users: Iterable[User] = (),
        hooks: Iterable[EventHook] = (),
        groups: GroupState | None = None,
    ) -> None:
        self.groups = GroupState() if groups is None else groups
        self.admin = admin
        self.user_type_id = user_type_id
        self._users = {user.id: user for user in (admin, *users)}
        self._hooks = {hook.id: hook for hook in hooks}

    def hooks(self) -> list[EventHook]:
        """Return every hook, oldest first."""
        return list(self._hooks.values())

    def hook(self, hook_id: str) -> EventHook:
        """Return a hook.

        Raises:
            ApiRefusal: there is none with that id.

        """
        hook = self._hooks.get(hook_id)
        if hook is None:
            raise resource_not_found(hook_id, "Webhook")
        return hook

    def receivers_of(self, event_type: str) -> list[EventHook]:
        """Return the hooks that events of this type may go to: subscribed, ACTIVE and VERIFIED."""
        return [
            hook
            for hook in self._hooks.values()
            if hook.receives and event_type in hook.draft.events
        ]

    def create_hook(self, draft: HookDraft, hook_id: str, now: datetime) -> EventHook:
        """Add a hook: ACTIVE and UNVERIFIED.

        Raises:
            ApiRefusal: the org has as many active hooks as it may have.

        """
        self._check_room_for_active()
        return self._keep(
            EventHook(
                id=hook_id,
                draft=draft,
                active=True,
                verified=False,
                created=now,
                created_by=self.admin.id,
                last_updated=now,
            )
        )

    def replace_hook(self, hook_id: str, draft: HookDraft, now: datetime) -> EventHook:
        """Replace what was registered. Another channel has to be verified again."""
        hook = self.hook(hook_id)
        verified = hook.verified and draft.channel == hook.draft.channel
        return self._keep(replace(hook, draft=draft, verified=verified, last_updated=now))

    def activate_hook(self, hook_id: str, now: datetime) -> EventHook:
        """Make a hook ACTIVE; one that is so stays as it is.

        Raises:
            ApiRefusal: the org has as many active hooks as it may have.

        """
        hook = self.hook(hook_id)
        if hook.active:
            return hook
        self._check_room_for_active()
        return self._keep(replace(hook, active=True, last_updated=now))

    def deactivate_hook(self, hook_id: str, now: datetime) -> EventHook:
        """Make a hook INACTIVE; one that is so stays as it is."""
        hook = self.hook(hook_id)
        if not hook.active:
            return hook
        return self._keep(replace(hook, active=False, last_updated=now))

    def verify_hook(self, hook_id: str, channel: Channel, now: datetime) -> EventHook | None:
        """Make a hook VERIFIED whose ``channel`` answered; None where it has another one by now."""
        hook = self._hooks.get(hook_id)
        if hook is None or hook.draft.channel != channel:
            return None
        return self._keep(replace(hook, verified=True, last_updated=now))

    def delete_hook(self, hook_id: str) -> EventHook:
        """Remove a hook for good.

        Raises:
            ApiRefusal: it is ACTIVE. Okta deletes INACTIVE hooks alone; its words are not known.

        """
        hook = self.hook(hook_id)
        if hook.active:
            raise invalid("eventHook", "status: an ACTIVE event hook must be deactivated first")
        del self._hooks[hook_id]
        return hook

    def users(self) -> list[User]:
        """Return every user, oldest first."""
        return list(self._users.values())

    def user(self, key: str) -> User:
        """Return a user by id, login, a login's unambiguous first part, or ``me``.

        Raises:
            ApiRefusal: there is none, or more than one has that first part.

        """
        if key == "me":
            return self.admin
        if key in self._users:
            return self._users[key]
        wanted = key.casefold()
        logins = [(user.login.casefold(), user) for user in self._users.values()]
        found = [user for login, user in logins if login == wanted]
        if not found:
            found = [user for login, user in logins if login.partition("@")[0] == wanted]
        if len(found) != 1:
            raise resource_not_found(key, "User")
        return found[0]

    def create_user(
        self, draft: UserDraft, user_id: str, now: datetime, status: UserStatus
    ) -> User:
        """Add a user.

        Raises:
            ApiRefusal: another one has the login.

        """
        login = str(draft.profile["login"]).casefold()
        if any(user.login.casefold() == login for user in self._users.values()):
            raise invalid(
                "login",
                "login: An object with this field already exists in the current organization",
            )
        activated = None if status is UserStatus.STAGED else now
        return self._keep_user(
            User(
                id=user_id,
                draft=draft,
                status=status,
                created=now,
                activated=activated,
                status_changed=activated,
                last_updated=now,
            )
        )

    def activate_user(self, key: str, now: datetime) -> User:
        """Activate a user; raises what :func:`activated` does."""
        return self._keep_user(activated(self.user(key), now))

    def suspend_user(self, key: str, now: datetime) -> User:
        """Suspend a user; raises what :func:`suspended` does, and for who owns the API token."""
        return self._keep_user(suspended(self._other_user(key), now))

    def unsuspend_user(self, key: str, now: datetime) -> User:
        """Make a user ACTIVE again; raises what :func:`unsuspended` does."""
        return self._keep_user(unsuspended(self.user(key), now))

    def deactivate_user(self, key: str, now: datetime) -> User:
        """Deactivate a user; raises what :func:`deactivated` does, and for who owns the token."""
        return self._keep_user(deactivated(self._other_user(key), now))

    def delete_user(self, key: str) -> User:
        """Remove a user for good, and from every group.

        Raises:
            ApiRefusal: the user is not DEPROVISIONED.

        """
        user = self.user(key)
        if user.status is not UserStatus.DEPROVISIONED:
            raise invalid("user", "status: the user must be deactivated first")
        del self._users[user.id]
        self.groups.forget(user.id)
        return user

    def _other_user(self, key: str) -> User:
        """Return a user that is not the one who calls."""
        user = self.user(key)
        if user.id == self.admin.id:
            raise no_permission()
        return user

    def _check_room_for_active(self) -> None:
        if sum(hook.active for hook in self._hooks.values()) >= MAX_ACTIVE_HOOKS:
            raise invalid("eventHook", f"an org has at most {MAX_ACTIVE_HOOKS} active event hooks")

    def _keep(self, hook: EventHook) -> EventHook:
        self._hooks[hook.id] = hook
        return hook

    def _keep_user(self, user: User) -> User:
        self._users[user.id] = user
        return user
