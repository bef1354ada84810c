"""How `okhook trigger` looks: it fits a terminal, and what can be pasted is whole."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from inline_snapshot import snapshot

from okhook.activity import Activity
from okhook.cli.trigger.view import TriggerRenderer
from okhook.text import plain
from okhook.trigger.activities import (
    Arrived,
    CleanedUp,
    Created,
    Finding,
    LeftInOrg,
    Lost,
    NotRemoved,
    StepDone,
    Subject,
    Triggered,
)
from okhook.trigger.scenario import ACTIONS, MEMBERSHIPS
from tests.trigger.setup import NOW

ORG = "https://dev-123.okta.com"
LOGIN = "okhook-jane-1a2b3c4d@example.com"
USER = Subject("00ub0oNGTSWTBKOLGLNR", LOGIN)
GROUP = Subject("00g1emaKYZTWRYYRRTSK", "okhook Support 1a2b3c4d")
MADE_USER, MADE_GROUP = Created("user", USER.name, USER.id), Created("group", GROUP.name, GROUP.id)
AGAIN = "okhook trigger --cleanup-only --org dev-123.okta.com"
COMMAND = "okhook hooks edit who8vt36qfNpCGz9H1e6 " + " ".join(f"--add-event {t}" for t in ACTIONS)


def shown(*activities: Activity, width: int | None = 80) -> list[str]:
    render = TriggerRenderer(width)
    return [line.plain for activity in activities for line in render(activity)]


def done(event_type: str, *, is_preparation: bool = False) -> StepDone:
    group = GROUP if event_type in MEMBERSHIPS else None
    return StepDone(event_type, is_preparation, USER, group, NOW)


def lost(*findings: Finding) -> Lost:
    return Lost(done("user.lifecycle.suspend"), 600.4, True, "uuid-1", findings)


def test_a_run_that_arrives() -> None:
    """What was done, to whom, and how long its event took; what is left, and what removes it."""
    arrived = Arrived(
        done("group.user_membership.add"), 42, "uuid-1", "event-1", "who1", NOW, took_s=0.0512
    )
    assert shown(
        done("user.lifecycle.create", is_preparation=True),
        arrived.step,
        arrived,
        Triggered(ORG, "mine.toml", 2, 2),
        LeftInOrg(ORG, (MADE_USER, MADE_GROUP), AGAIN),
        LeftInOrg(ORG, (MADE_USER,), AGAIN),
    ) == snapshot(
        [
            "prepared  user.lifecycle.create  okhook-jane-1a2b3c4d@example.com",
            "done      group.user_membership.add  okhook-jane-1a2b3c4d@example.com",
            "          group okhook Support 1a2b3c4d",
            "arrived   group.user_membership.add  after 0.05 s, as #42",
            "all 2 events arrived",
            "left      user okhook-jane-1a2b3c4d@example.com (00ub0oNGTSWTBKOLGLNR)",
            "left      group okhook Support 1a2b3c4d (00g1emaKYZTWRYYRRTSK)",
            "          they are still in dev-123.okta.com; remove them with:",
            "          → okhook trigger --cleanup-only --org dev-123.okta.com",
            "left      user okhook-jane-1a2b3c4d@example.com (00ub0oNGTSWTBKOLGLNR)",
            "          it is still in dev-123.okta.com; remove it with:",
            "          → okhook trigger --cleanup-only --org dev-123.okta.com",
        ]
    )


def test_a_run_that_does_not() -> None:
    """Each question with its answer, the evidence beneath, and what fixes it."""
    long = "the hook and the receiver have different secrets, which is a thing that needs a line"
    assert shown(
        lost(
            Finding("logged", "is it in the System Log?", "yes", "uuid-1 at noon"),
            Finding("received", "did anything get here?", "no", long, f"{long}:\nokhook this"),
        ),
        CleanedUp(
            ORG,
            removed=(MADE_GROUP,),
            gone=(),
            left=(NotRemoved(MADE_USER, "refused"),),
            removing=AGAIN,
        ),
        CleanedUp(ORG, removed=(), gone=(MADE_USER,), left=(), removing=AGAIN),
        CleanedUp(ORG, removed=(), gone=(), left=(), removing=AGAIN),
    ) == snapshot(
        [
            "lost      user.lifecycle.suspend  not received after 600 s; it will not arrive",
            "how far the event got:",
            "  yes     is it in the System Log?",
            "          uuid-1 at noon",
            "  no      did anything get here?",
            "          the hook and the receiver have different secrets, which is a thing",
            "          that needs a line",
            "          → the hook and the receiver have different secrets, which is a thing",
            "            that needs a line:",
            "            okhook this",
            "removed   group okhook Support 1a2b3c4d (00g1emaKYZTWRYYRRTSK)",
            "left      user okhook-jane-1a2b3c4d@example.com (00ub0oNGTSWTBKOLGLNR)",
            "          refused",
            "          to try again:",
            "          → okhook trigger --cleanup-only --org dev-123.okta.com",
            "gone      user okhook-jane-1a2b3c4d@example.com (00ub0oNGTSWTBKOLGLNR)",
            "          already deleted",
            "nothing to remove",
        ]
    )


@pytest.mark.parametrize("event_type", ACTIONS)
@pytest.mark.parametrize("is_preparation", [True, False])
def test_every_step_fits_80_columns(event_type: str, is_preparation: bool) -> None:
    """Nothing is broken in the middle of a word; in a file a step is one line."""
    step = done(event_type, is_preparation=is_preparation)
    assert max(len(line) for line in shown(step)) <= 80
    assert len(shown(step, width=None)) == 1


def test_what_is_to_be_pasted_is_never_broken() -> None:
    """A command and an address are whole, however narrow the terminal is."""
    dashboard = "https://dashboard.hookdeck.com/events/" + "x" * 80
    for mend in (COMMAND, dashboard):
        assert f"          → {mend}" in shown(lost(Finding("q", "so?", "no", "e", mend)), width=40)


@given(st.text(max_size=40), st.integers(20, 200) | st.none())
def test_what_comes_from_outside_steers_no_terminal(text: str, width: int | None) -> None:
    """The name of a hook or a group, a reason of the org's: each stays text on its line."""
    nasty = f"\x1b[2J\u202e[bold]{text}\n"
    finding = Finding("q", "so?", "no", nasty, nasty)
    step = replace(done("user.lifecycle.create"), user=Subject("00u1", nasty))
    made = Created("user", nasty, None)
    lines = shown(
        step,
        lost(finding),
        LeftInOrg(ORG, (made,), AGAIN),
        CleanedUp(ORG, (made,), (made,), (NotRemoved(made, nasty),), AGAIN),
        width=width,
    )
    assert all(plain(line) == line for line in lines)
