"""The org's state as a machine: whatever is done to it, in whatever order."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from okhook.sandbox.hooks import MAX_ACTIVE_HOOKS, AuthScheme, Channel, EventHook, HookDraft
from okhook.sandbox.refusals import ApiRefusal
from okhook.sandbox.state import OrgState
from okhook.sandbox.users import User, UserDraft, UserStatus
from okhook.secret import Secret

NOW = datetime(2026, 2, 1, tzinfo=UTC)
EVENT = "user.lifecycle.create"
CHANNELS = [
    Channel("https://a.example.com", (), None),
    Channel("https://b.example.com", (), None),
    Channel("https://b.example.com", (("X-A", "b"),), None),
    Channel("https://b.example.com", (), AuthScheme("authorization", Secret("s"))),
    Channel("https://b.example.com", (), AuthScheme("authorization", Secret("t"))),
]
channels = st.sampled_from(CHANNELS)
pick = st.integers(0, 1000)


def admin() -> User:
    profile = {"login": "admin@example.com", "email": "admin@example.com"}
    return User("00uadmin", UserDraft(profile, True, None), UserStatus.ACTIVE, NOW, NOW, NOW, NOW)


def draft(channel: Channel = CHANNELS[0], events: tuple[str, ...] = (EVENT,)) -> HookDraft:
    return HookDraft("hook", None, events, (), channel)


class HookLifeCycle(RuleBasedStateMachine):
    """Beside the org, this remembers which channel of which hook has proved itself.

    The one thing that must never be: an event for a hook that is not ACTIVE, or whose present
    channel did not answer its challenge.
    """

    def __init__(self) -> None:
        super().__init__()
        self.org = OrgState(admin(), "oty1")
        self.proved: dict[str, Channel | None] = {}
        self.active: set[str] = set()
        self.channel: dict[str, Channel] = {}
        self.made = 0
        self.now = NOW

    def _any(self, number: int) -> str:
        return sorted(self.channel)[number % len(self.channel)]

    def _later(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now

    @rule(channel=channels)
    def create(self, channel: Channel) -> None:
        hook_id = f"who{self.made:04}"
        self.made += 1
        if len(self.active) >= MAX_ACTIVE_HOOKS:
            with pytest.raises(ApiRefusal):
                self.org.create_hook(draft(channel), hook_id, self._later())
            return
        hook = self.org.create_hook(draft(channel), hook_id, self._later())
        assert (hook.active, hook.verified) == (True, False)
        self.channel[hook_id], self.proved[hook_id] = channel, None
        self.active.add(hook_id)

    @precondition(lambda self: self.channel)
    @rule(number=pick, channel=channels)
    def replace(self, number: int, channel: Channel) -> None:
        hook_id = self._any(number)
        self.org.replace_hook(hook_id, draft(channel), self._later())
        if channel != self.channel[hook_id]:
            self.proved[hook_id] = None
        self.channel[hook_id] = channel

    @precondition(lambda self: self.channel)
    @rule(number=pick, answered=channels)
    def verify(self, number: int, answered: Channel) -> None:
        """A challenge is answered by a channel that may have been replaced meanwhile."""
        hook_id = self._any(number)
        hook = self.org.verify_hook(hook_id, answered, self._later())
        assert (hook is not None) == (answered == self.channel[hook_id])
        if hook is not None:
            self.proved[hook_id] = answered

    @precondition(lambda self: self.channel)
    @rule(number=pick)
    def deactivate(self, number: int) -> None:
        hook_id = self._any(number)
        self.org.deactivate_hook(hook_id, self._later())
        self.active.discard(hook_id)

    @precondition(lambda self: self.channel)
    @rule(number=pick)
    def activate(self, number: int) -> None:
        hook_id = self._any(number)
        if hook_id not in self.active and len(self.active) >= MAX_ACTIVE_HOOKS:
            with pytest.raises(ApiRefusal):
                self.org.activate_hook(hook_id, self._later())
            return
        self.org.activate_hook(hook_id, self._later())
        self.active.add(hook_id)

    @precondition(lambda self: self.channel)
    @rule(number=pick)
    def delete(self, number: int) -> None:
        hook_id = self._any(number)
        if hook_id in self.active:
            with pytest.raises(ApiRefusal):
                self.org.delete_hook(hook_id)
            return
        self.org.delete_hook(hook_id)
        del self.channel[hook_id], self.proved[hook_id]

    @invariant()
    def events_go_to_hooks_that_proved_themselves_alone(self) -> None:
        wanted = {i for i in self.active if self.proved[i] == self.channel[i]}
        assert {hook.id for hook in self.org.receivers_of(EVENT)} == wanted
        assert self.org.receivers_of("user.lifecycle.delete.initiated") == []

    @invariant()
    def the_org_shows_what_it_was_told(self) -> None:
        assert [hook.id for hook in self.org.hooks()] == sorted(self.channel)
        assert {hook.id for hook in self.org.hooks() if hook.active} == self.active
        assert len(self.active) <= MAX_ACTIVE_HOOKS


TestHookLifeCycle = HookLifeCycle.TestCase
TestHookLifeCycle.settings = settings(max_examples=60, stateful_step_count=60, deadline=None)


def user_of(org: OrgState, login: str, status: UserStatus = UserStatus.STAGED) -> User:
    profile = {"login": login, "email": login, "firstName": "Jane", "lastName": "Doe"}
    return org.create_user(UserDraft(profile, False, None), f"00u{login}", NOW, status)


def test_a_login_is_unique_in_any_case() -> None:
    """Two users cannot sign in with the same name."""
    org = OrgState(admin(), "oty1")
    user_of(org, "jane@example.com")
    with pytest.raises(ApiRefusal, match="login"):
        user_of(org, "Jane@Example.com")


def test_a_user_is_found_by_id_login_and_unambiguous_first_part() -> None:
    """And not by a first part that two have; ``me`` is the token's owner."""
    org = OrgState(admin(), "oty1")
    jane = user_of(org, "jane@example.com")
    user_of(org, "joe@example.com")
    user_of(org, "joe@example.org")
    assert org.user(jane.id) == org.user("JANE@example.com") == org.user("jane") == jane
    assert org.user("me") == org.admin
    for key in ("joe", "nobody", ""):
        with pytest.raises(ApiRefusal, match="Not found"):
            org.user(key)


def test_the_life_of_a_user() -> None:
    """STAGED, PROVISIONED, DEPROVISIONED, and gone; each refuses what it cannot do."""
    org = OrgState(admin(), "oty1")
    jane = user_of(org, "jane@example.com")
    assert org.activate_user(jane.id, NOW).status is UserStatus.PROVISIONED
    with pytest.raises(ApiRefusal, match="already active"):
        org.activate_user(jane.id, NOW)
    with pytest.raises(ApiRefusal):
        org.delete_user(jane.id)
    assert org.deactivate_user(jane.id, NOW).status is UserStatus.DEPROVISIONED
    with pytest.raises(ApiRefusal):
        org.deactivate_user(jane.id, NOW)
    org.delete_user(jane.id)
    with pytest.raises(ApiRefusal, match="Not found"):
        org.user(jane.id)


def test_the_owner_of_the_token_stays() -> None:
    """Nobody saws off the branch that the org's log entries sit on."""
    org = OrgState(admin(), "oty1")
    with pytest.raises(ApiRefusal, match="permission"):
        org.deactivate_user("me", NOW)


def test_a_hook_lacks_its_secret_only_where_it_has_one_to_send() -> None:
    """Without an auth scheme there is nothing to lack."""
    hook = EventHook("who1", draft(), True, True, NOW, "00u1", NOW)
    forgotten = replace(CHANNELS[0], auth=AuthScheme("authorization", None))
    assert not hook.lacks_secret
    assert not replace(hook, draft=draft(CHANNELS[3])).lacks_secret
    assert replace(hook, draft=draft(forgotten)).lacks_secret
