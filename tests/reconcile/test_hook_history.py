"""How a hook stood when: what its history says against hooks whose life is known."""

from dataclasses import dataclass, field
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from okhook.okta.system_log import VERIFIED, LogEntry
from okhook.reconcile.hook_history import (
    ACTIVATED,
    CREATED,
    DEACTIVATED,
    UPDATED,
    HookStatus,
    hook_history,
)
from tests.reconcile.rig import a_hook, after, change

DELIVERING, UNVERIFIED, INACTIVE = HookStatus.DELIVERING, HookStatus.UNVERIFIED, HookStatus.INACTIVE
OTHERS = {CREATED, VERIFIED, UPDATED}


def told(*changes: LogEntry, active: bool = True, verified: bool = True) -> list[str]:
    """Return how the hook stood at each half minute, in three letters each, from 0:30 on."""
    history = hook_history(a_hook(active=active, verified=verified), changes)
    return [history.at(after(n + 0.5)).status.value[:3] for n in range(len(changes) + 1)]


def test_without_a_change_it_always_stood_as_it_stands() -> None:
    """A log that says nothing of the hook says that nothing happened to it."""
    for active, verified, status in (
        (True, True, DELIVERING),
        (True, False, UNVERIFIED),
        (False, True, INACTIVE),
        (False, False, INACTIVE),
    ):
        stretch = hook_history(a_hook(active=active, verified=verified), []).at(after(0))
        assert (stretch.status, stretch.since) == (status, None)


def test_the_life_of_a_hook() -> None:
    """From nothing to active, verified, changed, verified again, and away."""
    life = [CREATED, VERIFIED, UPDATED, VERIFIED, DEACTIVATED, ACTIVATED]
    changes = [change(each, n + 1) for n, each in enumerate(life)]
    assert told(*changes) == ["ina", "unv", "del", "unv", "del", "ina", "del"]


def test_a_status_begins_with_its_change() -> None:
    """The moment of a change belongs to what it made; what changed nothing begins nothing."""
    changes = [change(CREATED, 1), change(VERIFIED, 2), change(VERIFIED, 3), change(DEACTIVATED, 4)]
    history = hook_history(a_hook(active=False), changes)
    assert history.at(after(0)).since is None
    assert (history.at(after(1)).status, history.at(after(1)).since) == (UNVERIFIED, after(1))
    assert history.at(after(1.999)).status is UNVERIFIED
    assert (history.at(after(2.001)).status, history.at(after(3.5)).since) == (DELIVERING, after(2))
    assert (history.at(after(999)).status, history.at(after(999)).since) == (INACTIVE, after(4))


def test_an_event_in_the_millisecond_of_an_activation_may_have_come_before() -> None:
    """Times are whole milliseconds, so neither of the two is known to be first."""
    for event_type, before in ((ACTIVATED, INACTIVE), (VERIFIED, DELIVERING)):
        history = hook_history(a_hook(), [change(event_type, 1)])
        assert history.at(after(1)).status is before
    created = hook_history(a_hook(), [change(CREATED, 1), change(VERIFIED, 2)])
    assert [created.at(after(n)).status for n in (1, 2, 3)] == [UNVERIFIED, UNVERIFIED, DELIVERING]


def test_before_the_log_it_was_the_opposite() -> None:
    """Before an activation a hook was inactive, and before a deactivation it was active."""
    assert told(change(ACTIVATED, 1)) == ["ina", "del"]
    assert told(change(DEACTIVATED, 1), active=False) == ["del", "ina"]
    assert told(change(VERIFIED, 1), change(DEACTIVATED, 2), active=False) == ["del", "del", "ina"]


@pytest.mark.parametrize("event_type", [CREATED, ACTIVATED, DEACTIVATED, UPDATED, VERIFIED])
def test_a_change_that_failed_changed_nothing(event_type: str) -> None:
    """Okta logs a verification that failed under the name of one that did not."""
    failed = change(event_type, 1, result="FAILURE")
    for active, verified in ((True, True), (True, False), (False, True)):
        without = told(active=active, verified=verified) * 2
        assert told(failed, active=active, verified=verified) == without


def test_an_update_that_was_verified_again_had_changed_the_channel() -> None:
    """Between the two the hook got nothing; a verification that failed between them helps none."""
    failed = change(VERIFIED, 2, result="FAILURE")
    assert told(change(UPDATED, 1), failed, change(VERIFIED, 3)) == ["del", "unv", "unv", "del"]


def test_an_update_that_left_it_unverified_had_changed_the_channel() -> None:
    """A hook that nobody verified since is unverified since."""
    assert told(change(UPDATED, 1), verified=False) == ["del", "unv"]


def test_an_update_that_left_it_verified_had_not() -> None:
    """A new name or another event type stops no delivery."""
    assert told(change(UPDATED, 1), change(UPDATED, 2)) == ["del", "del", "del"]


def test_of_updates_in_a_row_the_last_one_is_taken() -> None:
    """The log does not say which; the latest is the least that was missed."""
    changes = [change(UPDATED, 1), change(UPDATED, 2), change(VERIFIED, 3)]
    assert told(*changes) == ["del", "del", "unv", "del"]
    assert told(*changes[:2], verified=False) == ["del", "del", "unv"]


def test_updates_of_a_hook_that_was_never_verified_do_not_verify_it() -> None:
    """It is unverified until something says otherwise."""
    assert told(change(CREATED, 1), change(UPDATED, 2), verified=False) == ["ina", "unv", "unv"]


def test_a_hook_that_was_deleted_is_gone() -> None:
    """One that was looked up by its id a moment before is inactive from then on."""
    assert told(change("event_hook.deleted", 1), active=False) == ["ina", "ina"]
    assert told(change(ACTIVATED, 1), change("event_hook.deleted", 2))[2] == "ina"


@dataclass(frozen=True)
class Moment:
    """What the org did, and how the hook truly stood from then on."""

    entry: LogEntry
    at: datetime
    moved: bool
    active: bool
    verified: bool

    @property
    def bears_on_verification(self) -> bool:
        return self.entry.outcome == "SUCCESS" and self.entry.event_type in OTHERS


@dataclass
class Life:
    """A hook as an org keeps it, and what the org logs of it."""

    active: bool = True
    verified: bool = False
    moments: list[Moment] = field(default_factory=list)

    def step(self, name: str) -> None:
        """Do what ``name`` says, where the org would do it and log it."""
        if (name == "activate" and self.active) or (name == "deactivate" and not self.active):
            return
        moved = name == "move"
        self.active = {"activate": True, "deactivate": False}.get(name, self.active)
        self.verified = {"verify": True, "move": False}.get(name, self.verified)
        minutes = len(self.moments) + 1
        event_type, result = LOGGED_AS[name]
        entry = change(event_type, minutes, result=result)
        self.moments.append(Moment(entry, after(minutes), moved, self.active, self.verified))


LOGGED_AS = {
    "create": (CREATED, "SUCCESS"),
    "move": (UPDATED, "SUCCESS"),
    "rename": (UPDATED, "SUCCESS"),
    "move in vain": (UPDATED, "FAILURE"),
    "verify": (VERIFIED, "SUCCESS"),
    "verify in vain": (VERIFIED, "FAILURE"),
    "activate": (ACTIVATED, "SUCCESS"),
    "deactivate": (DEACTIVATED, "SUCCESS"),
}


def verified_is_known(known: list[Moment], number: int) -> bool:
    """Tell whether the log says for sure if the hook was verified after ``known[number]``.

    ``number`` -1 is before them all. It is not sure before the first entry that bears on it, in a
    row of updates, and where a hook that was only renamed is verified once more.
    """
    bearing = [n for n, each in enumerate(known) if each.bears_on_verification]
    before = [known[n] for n in bearing if n <= number]
    later = [known[n] for n in bearing if n > number]
    if not before:
        return not later
    if before[-1].entry.event_type != UPDATED:
        return True
    if not later:
        return True
    return later[0].entry.event_type == VERIFIED and before[-1].moved


@settings(max_examples=400, deadline=None)
@given(
    steps=st.lists(st.sampled_from([each for each in LOGGED_AS if each != "create"]), max_size=12),
    cut=st.integers(0, 13),
)
def test_the_history_is_the_life_wherever_the_log_tells_it(steps: list[str], cut: int) -> None:
    """Whatever was done to a hook, and wherever the log that is left begins."""
    life = Life()
    for name in ("create", *steps):
        life.step(name)
    cut = min(cut, len(life.moments))
    lost, known = life.moments[:cut], life.moments[cut:]
    hook = a_hook(active=life.active, verified=life.verified)
    history = hook_history(hook, [each.entry for each in known])
    for number in range(-1, len(known)):
        truth = known[number] if number >= 0 else lost[-1] if lost else None
        at = after(cut + number + 1.5)
        status = history.at(at).status
        at_once = history.at(after(cut + number + 1)).status
        assert at_once is status or number == -1 or status is DELIVERING
        if truth is None or not truth.active:
            assert status is INACTIVE
        else:
            assert status is not INACTIVE
            if verified_is_known(known, number):
                assert status is (DELIVERING if truth.verified else UNVERIFIED)
