"""What can be done with users, each with its entries in the log."""

from typing import final

from okhook.sandbox.json_fields import JsonObject
from okhook.sandbox.log_entries import Cause, Happening, user_party
from okhook.sandbox.recorder import Recorder
from okhook.sandbox.state import OrgState
from okhook.sandbox.surroundings import Surroundings
from okhook.sandbox.user_lifecycle import activated_status
from okhook.sandbox.users import User, UserStatus, user_draft


@final
class UserOperations:
    """Changes users, and records what it changed. All raise ``ApiRefusal`` where Okta would."""

    def __init__(self, *, state: OrgState, recorder: Recorder, around: Surroundings) -> None:
        self._state = state
        self._recorder = recorder
        self._around = around

    def all(self) -> list[User]:
        """Return every user."""
        return self._state.users()

    def get(self, key: str) -> User:
        """Return one user."""
        return self._state.user(key)

    def create_staged(self, body: JsonObject, cause: Cause) -> User:
        """Create a user that is yet to be activated."""
        draft = user_draft(body)
        user_id = self._around.ids.okta("00u")
        user = self._state.create_user(draft, user_id, self._around.now(), UserStatus.STAGED)
        self._record("user.lifecycle.create", user, cause)
        return user

    def create_activated(self, body: JsonObject, cause: Cause) -> User:
        """Create a user and activate it: two events that happen close together."""
        draft = user_draft(body)
        user_id = self._around.ids.okta("00u")
        user = self._state.create_user(draft, user_id, self._around.now(), activated_status(draft))
        self._record("user.lifecycle.create", user, cause)
        self._record("user.lifecycle.activate", user, cause)
        return user

    def activate(self, key: str, cause: Cause) -> User:
        """Activate a user."""
        user = self._state.activate_user(key, self._around.now())
        self._record("user.lifecycle.activate", user, cause)
        return user

    def suspend(self, key: str, cause: Cause) -> User:
        """Suspend a user."""
        user = self._state.suspend_user(key, self._around.now())
        self._record("user.lifecycle.suspend", user, cause)
        return user

    def unsuspend(self, key: str, cause: Cause) -> User:
        """Make a user that was suspended ACTIVE again."""
        user = self._state.unsuspend_user(key, self._around.now())
        self._record("user.lifecycle.unsuspend", user, cause)
        return user

    def deactivate(self, key: str, cause: Cause) -> User:
        """Deactivate a user."""
        user = self._state.deactivate_user(key, self._around.now())
        self._record("user.lifecycle.deactivate", user, cause)
        return user

    def delete(self, key: str, cause: Cause) -> None:
        """Deactivate a user that is not DEPROVISIONED; delete one that is."""
        if self._state.user(key).status is not UserStatus.DEPROVISIONED:
            self.deactivate(key, cause)
            return
        user = self._state.delete_user(key)
        self._record("user.lifecycle.delete.initiated", user, cause)
        self._record("user.lifecycle.delete.completed", user, cause)

    def activation_token(self) -> str:
        """Return a one-time activation token. Nothing in the sandbox takes it."""
        return self._around.new_request_id()[:20]

    def _record(self, event_type: str, user: User, cause: Cause) -> None:
        self._recorder.record(Happening(event_type, (user_party(user),), cause))
