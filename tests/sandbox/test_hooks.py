"""The state of hooks as a machine: whatever is done to them, in whatever order."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from okhook.sandbox import hooks
from okhook.sandbox.hook_body import Channel, HookDraft, read_hook
from okhook.sandbox.org_file import load_org
from okhook.sandbox.refusals import ApiRefusal
from tests.sandbox.rig import hook_body

NOW = datetime(2026, 2, 1, tzinfo=UTC)
EVENT = "user.lifecycle.create"
URL = "https://b.example.com"
DRAFTS = [
    read_hook(hook_body("https://a.example.com")),
    read_hook(hook_body(URL)),
    read_hook(hook_body(URL, config={"headers": [{"key": "X-A", "value": "b"}]})),
    read_hook(hook_body(URL, secret="s")),
    read_hook(hook_body(URL, secret="t")),
]
drafts = st.sampled_from(DRAFTS)
pick = st.integers(0, 1000)


class HookLifeCycle(RuleBasedStateMachine):
    """Beside the org, this remembers which channel of which hook has proved itself.

    The one thing that must never be: an event for a hook that is not ACTIVE, or whose present
    channel did not answer its challenge.
    """

    def __init__(self) -> None:
        super().__init__()
        self.org, _ = load_org(None, NOW)
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

    @rule(draft=drafts)
    def create(self, draft: HookDraft) -> None:
        hook_id = f"who{self.made:04}"
        self.made += 1
        if len(self.active) >= hooks.MAX_ACTIVE_HOOKS:
            with pytest.raises(ApiRefusal):
                hooks.create_hook(self.org, draft, hook_id, self._later())
            return
        hook = hooks.create_hook(self.org, draft, hook_id, self._later())
        assert (hook["status"], hook["verificationStatus"]) == ("ACTIVE", "UNVERIFIED")
        self.channel[hook_id], self.proved[hook_id] = draft.channel, None
        self.active.add(hook_id)

    @precondition(lambda self: self.channel)
    @rule(number=pick, draft=drafts)
    def replace(self, number: int, draft: HookDraft) -> None:
        hook_id = self._any(number)
        hooks.replace_hook(self.org, hook_id, draft, self._later())
        if draft.channel != self.channel[hook_id]:
            self.proved[hook_id] = None
        self.channel[hook_id] = draft.channel

    @precondition(lambda self: self.channel)
    @rule(number=pick, answered=drafts.map(lambda draft: draft.channel))
    def verify(self, number: int, answered: Channel) -> None:
        """A challenge is answered by a channel that may have been replaced meanwhile."""
        hook_id = self._any(number)
        hook = hooks.verify_hook(self.org, hook_id, answered, self._later())
        assert (hook is not None) == (answered == self.channel[hook_id])
        if hook is not None:
            self.proved[hook_id] = answered

    @precondition(lambda self: self.channel)
    @rule(number=pick)
    def deactivate(self, number: int) -> None:
        hook_id = self._any(number)
        hooks.set_status(self.org, hook_id, "INACTIVE", self._later())
        self.active.discard(hook_id)

    @precondition(lambda self: self.channel)
    @rule(number=pick)
    def activate(self, number: int) -> None:
        hook_id = self._any(number)
        if hook_id not in self.active and len(self.active) >= hooks.MAX_ACTIVE_HOOKS:
            with pytest.raises(ApiRefusal):
                hooks.set_status(self.org, hook_id, "ACTIVE", self._later())
            return
        hooks.set_status(self.org, hook_id, "ACTIVE", self._later())
        self.active.add(hook_id)

    @precondition(lambda self: self.channel)
    @rule(number=pick)
    def delete(self, number: int) -> None:
        hook_id = self._any(number)
        if hook_id in self.active:
            with pytest.raises(ApiRefusal):
                hooks.delete_hook(self.org, hook_id)
            return
        hooks.delete_hook(self.org, hook_id)
        del self.channel[hook_id], self.proved[hook_id]

    @invariant()
    def events_go_to_hooks_that_proved_themselves_alone(self) -> None:
        wanted = {i for i in self.active if self.proved[i] == self.channel[i]}
        assert {hook["id"] for hook in hooks.subscribed_to(self.org, EVENT)} == wanted
        assert hooks.subscribed_to(self.org, "user.lifecycle.delete.initiated") == []

    @invariant()
    def the_org_shows_what_it_was_told(self) -> None:
        assert list(self.org.hooks) == sorted(self.channel)
        assert {
            hook["id"] for hook in self.org.hooks.values() if hook["status"] == "ACTIVE"
        } == self.active
        assert len(self.active) <= hooks.MAX_ACTIVE_HOOKS


TestHookLifeCycle = HookLifeCycle.TestCase
TestHookLifeCycle.settings = settings(max_examples=60, stateful_step_count=60, deadline=None)


def test_a_hook_lacks_its_secret_only_where_it_has_one_to_send() -> None:
    """Without an auth scheme nothing is missing."""
    state, _ = load_org(None, NOW)
    without = hooks.create_hook(state, DRAFTS[0], "who1", NOW)
    with_secret = hooks.create_hook(state, DRAFTS[3], "who2", NOW)
    assert not hooks.lacks_secret(state, without)
    assert not hooks.lacks_secret(state, with_secret)
    state.secrets.clear()
    assert not hooks.lacks_secret(state, without)
    assert hooks.lacks_secret(state, with_secret)
