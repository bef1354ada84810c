"""Which running ``okhook up`` looks after a hook, by the run files of this machine."""

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest

from okhook.okta.event_hooks import EventHook, body_of, read_event_hook
from okhook.okta.hook_holder import HookHolder, holder_of
from okhook.runtime.run_files import RunDirectory, RunFacts
from okhook.wire.org import Org
from tests.okta.fake_org import FakeOrg, shown
from tests.okta.setup import ORG, WANTED

ELSEWHERE = "https://elsewhere.example.com/"


def hook() -> EventHook:
    return read_event_hook(shown(FakeOrg().add(body_of(WANTED, description=None))))


def held(
    tmp_path: Path,
    facts: RunFacts,
    *,
    org: Org = ORG,
    beside: Sequence[tuple[str, RunFacts]] = (),
) -> HookHolder | None:
    """Return who holds the hook while an up with ``facts`` runs, and ``beside`` it other things."""
    runs = RunDirectory(tmp_path / "run")
    with ExitStack() as running:
        for name, written in (("up-0123456789abcdef", facts), *beside):
            running.enter_context(runs.own(name)).write(written)
        return holder_of(hook(), org, runs.running)


def test_the_hook_that_an_up_will_deactivate_is_its_own(tmp_path: Path) -> None:
    """In that org alone; the process is told, so that it can be ended."""
    mine = {"org": ORG.url, "hook_id": hook().id, "pid": 7}
    found = held(tmp_path, mine)
    assert found == HookHolder(ORG, 7)
    assert "(process 7)" in found.refusal(next_step="x").what
    assert held(tmp_path, {**mine, "org": ELSEWHERE}) is None
    assert held(tmp_path, {**mine, "org": 7}) is None
    assert held(tmp_path, {**mine, "hook_id": "whoAnother"}) is None


def test_this_machines_spellings_are_one_org(tmp_path: Path) -> None:
    """A sandbox is one under either name of the loopback address."""
    mine = {"org": "http://127.0.0.1:8137", "hook_id": hook().id}
    assert held(tmp_path, mine, org=Org("http://localhost:8137")) is not None
    assert held(tmp_path, mine, org=Org("http://localhost:8138")) is None


@pytest.mark.parametrize(("kind", "fact"), [("receiver", "url"), ("tunnel", "webhook_url")])
def test_a_hook_that_was_active_before_is_known_by_its_url(
    tmp_path: Path, kind: str, fact: str
) -> None:
    """An up does not deactivate it at its end, and so names none; its own URL tells."""
    unnamed = {"org": ORG.url, "hook_id": None, "pid": 7}
    assert held(tmp_path, unnamed, beside=[(f"{kind}-1", {fact: WANTED.url, "pid": 7})]) is not None
    assert held(tmp_path, unnamed, beside=[(f"{kind}-1", {fact: WANTED.url, "pid": 8})]) is None
    assert held(tmp_path, unnamed, beside=[(f"{kind}-1", {fact: ELSEWHERE, "pid": 7})]) is None


def test_what_a_killed_up_left_holds_nothing(tmp_path: Path) -> None:
    """Its lock is free."""
    runs = RunDirectory(tmp_path / "run")
    with runs.own("up-0") as up:
        up.write({"org": ORG.url, "hook_id": hook().id})
        left = (tmp_path / "run" / "up-0.json").read_text()
    (tmp_path / "run" / "up-0.json").write_text(left)
    assert holder_of(hook(), ORG, runs.running) is None
