"""Hooks that lead to a tunnel that no longer runs."""

from dataclasses import replace
from pathlib import Path

import pytest

from okhook.doctor.check import Outcome
from okhook.doctor.checks_hook import check_orphans, orphans_of
from okhook.runtime.run_files import RunDirectory, TunnelRun
from okhook.runtime.running_here import RunningHere
from okhook.tunnel.past_tunnels import note_url
from okhook.wire.org import Org
from tests.doctor.hooks import NOW, URL, facts, hook, with_setup

pytestmark = pytest.mark.anyio


async def test_only_an_active_hook_at_a_url_that_was_ours_and_is_dead_is_an_orphan(
    tmp_path: Path,
) -> None:
    """A URL that this machine never had is somebody else's, whoever registered the hook."""
    hooks = [
        hook("who1"),
        hook("who2", status="INACTIVE"),
        hook("who3", url="https://hkdk.events/never-ours"),
        hook("who4"),
    ]
    setup = with_setup(run_directory=RunDirectory(tmp_path / "run"))
    assert await orphans_of(facts(setup, hooks=hooks)) == []
    note_url(setup.run_directory, URL, NOW)
    for registered in (hooks[0], hooks[2]):
        org = Org("https://dev-1.okta.com")
        setup.registered_here.note(org, registered.id, registered, None)
    found = await orphans_of(facts(setup, hooks=hooks))
    assert [(each.hook.id, each.is_ours) for each in found] == [("who1", True), ("who4", False)]
    running = RunningHere(tunnels=(TunnelRun(webhook_url=URL),))
    assert await orphans_of(facts(replace(setup, running=running), hooks=hooks)) == []


async def test_orphans_are_listed_with_what_deactivates_each(tmp_path: Path) -> None:
    """`--fix` for those registered from here, a command for each of the others."""
    setup = with_setup(run_directory=RunDirectory(tmp_path / "run"))
    note_url(setup.run_directory, URL, NOW)
    setup.registered_here.note(Org("https://dev-1.okta.com"), "mine", hook("who1"), None)
    found = await check_orphans(facts(setup, hooks=[hook("who1"), hook("who4")]))
    assert found.outcome is Outcome.WARNING
    assert len(found.facts) == 2
    assert found.remedy == "okhook doctor --fix\nokhook hooks deactivate who4"
    assert (await check_orphans(facts(setup, hooks=[]))).outcome is Outcome.OK
