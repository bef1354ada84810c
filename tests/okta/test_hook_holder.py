"""Which running ``okhook up`` looks after a hook, by the run files of this machine."""

from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from okhook.okta.event_hooks import EventHook, body_of, read_event_hook
from okhook.okta.hook_choice import holder_of, hook_in_use
from okhook.runtime.run_files import ReceiverRun, Run, RunDirectory, TunnelRun, UpRun
from okhook.runtime.running_here import running_here
from okhook.wire.org import Org
from tests.okta.fake_org import FakeOrg, shown
from tests.okta.setup import ORG, WANTED

ELSEWHERE = "https://elsewhere.example.com/"


def hook() -> EventHook:
    return read_event_hook(shown(FakeOrg().add(body_of(WANTED, description=None))))


def held(
    tmp_path: Path,
    up: UpRun,
    *,
    org: Org = ORG,
    beside: Run | None = None,
) -> UpRun | None:
    """Return who holds the hook while ``up`` runs, and ``beside`` it something else."""
    runs = RunDirectory(tmp_path / "run")
    with ExitStack() as running:
        for run in (up, *([] if beside is None else [beside])):
            running.enter_context(runs.own(run.name("0123456789abcdef"))).write(run)
        return holder_of(hook(), org, running_here(runs))


def test_the_hook_that_an_up_will_deactivate_is_its_own(tmp_path: Path) -> None:
    """In that org alone; the process is told, so that it can be ended."""
    mine = UpRun(ORG.url, hook().id, pid=7)
    found = held(tmp_path, mine)
    assert found == mine
    assert "(process 7)" in hook_in_use(ORG, found, next_step="x").what
    assert held(tmp_path, replace(mine, org=ELSEWHERE)) is None
    assert held(tmp_path, replace(mine, org="no org")) is None
    assert held(tmp_path, replace(mine, hook_id="whoAnother")) is None


def test_this_machines_spellings_are_one_org(tmp_path: Path) -> None:
    """A sandbox is one under either name of the loopback address."""
    mine = UpRun("http://127.0.0.1:8137", hook().id)
    assert held(tmp_path, mine, org=Org("http://localhost:8137")) is not None
    assert held(tmp_path, mine, org=Org("http://localhost:8138")) is None


@pytest.mark.parametrize(
    "beside",
    [
        ReceiverRun(WANTED.url, 1, pid=7),
        TunnelRun("okta", "/", 1337, webhook_url=WANTED.url, pid=7),
    ],
)
def test_a_hook_that_was_active_before_is_known_by_its_url(
    tmp_path: Path, beside: ReceiverRun | TunnelRun
) -> None:
    """An up does not deactivate it at its end, and so names none; its own URL tells."""
    unnamed = UpRun(ORG.url, pid=7)
    assert held(tmp_path, unnamed, beside=beside) is not None
    assert held(tmp_path, unnamed, beside=replace(beside, pid=8)) is None
    assert held(tmp_path, unnamed, beside=ReceiverRun(ELSEWHERE, 1, pid=7)) is None
    assert (
        held(tmp_path, unnamed, beside=TunnelRun("okta", "/", 1337, webhook_url=ELSEWHERE, pid=7))
        is None
    )


def test_what_a_killed_up_left_holds_nothing(tmp_path: Path) -> None:
    """Its lock is free."""
    runs = RunDirectory(tmp_path / "run")
    with runs.own("up-0") as up:
        up.write(UpRun(ORG.url, hook().id))
        left = (tmp_path / "run" / "up-0.json").read_text()
    (tmp_path / "run" / "up-0.json").write_text(left)
    assert holder_of(hook(), ORG, running_here(runs)) is None
