"""The engine: side by side, in order, each in its time, and no fault that spreads."""

import anyio
import pytest

from okhook.doctor.check import (
    Check,
    Checked,
    Finding,
    Outcome,
    diagnosis_of,
    failed,
    ok,
    skipped,
    warning,
)
from okhook.doctor.run_checks import CHECKS, run_checks
from okhook.errors import Unavailable
from tests.forward.virtual_time import run_in_virtual_time
from tests.support.okhook_process import PATIENCE_S

pytestmark = pytest.mark.anyio


def giving(finding: Finding) -> Check[None]:
    return Check(finding.detail, lambda _: _return(finding))


async def _return(finding: Finding) -> Finding:
    return finding


async def examined(*checks: Check[None], timeout_s: float = PATIENCE_S) -> list[Checked]:
    """Make the checks; what is published and what is returned must be the same."""
    told: list[Checked] = []
    returned = await run_checks(checks, None, timeout_s=timeout_s, publish=told.append)
    assert tuple(told) == returned
    return told


async def test_checks_are_told_in_their_order_and_made_side_by_side() -> None:
    """The first ends only after the last began: one after the other would never end."""
    last_began = anyio.Event()

    async def first(_: None) -> Finding:
        await last_began.wait()
        return ok("first")

    async def last(_: None) -> Finding:
        last_began.set()
        return ok("last")

    told = await examined(Check("first", first), giving(ok("middle")), Check("last", last))
    assert [each.name for each in told] == ["first", "middle", "last"]


async def test_a_check_is_told_as_soon_as_those_before_it_are_done() -> None:
    """What is known already is on screen while the rest is under way."""
    told: list[Checked] = []
    seen_first = anyio.Event()

    async def second(_: None) -> Finding:
        await seen_first.wait()
        return ok("second")

    def publish(each: Checked) -> None:
        told.append(each)
        seen_first.set()

    checks = [giving(ok("first")), Check("second", second)]
    await run_checks(checks, None, timeout_s=PATIENCE_S, publish=publish)
    assert [each.name for each in told] == ["first", "second"]


async def test_a_check_that_takes_too_long_fails_and_the_others_do_not() -> None:
    """Silence is an answer too; it names the limit."""

    async def never(_: None) -> Finding:
        await anyio.sleep_forever()
        return ok("never")

    slow, sound = await examined(Check("slow", never), giving(ok("sound")), timeout_s=0.02)
    assert slow.finding.outcome is Outcome.FAILED
    assert slow.finding.detail == "not done within 0.02 s"
    assert "--check-timeout" in (slow.finding.remedy or "")
    assert sound.finding.outcome is Outcome.OK


async def test_a_timeout_of_the_checks_own_is_no_limit_of_ours() -> None:
    """A bug that raises TimeoutError is told as a bug, and not as slowness."""

    async def stumbles(_: None) -> Finding:
        raise TimeoutError("somewhere inside")

    (found,) = await examined(Check("stumbles", stumbles))
    assert "bug" in found.finding.detail


async def test_a_bug_in_one_check_is_its_failure_and_never_the_end_of_the_others() -> None:
    """The error is kept for whoever asks for a traceback."""
    bug = KeyError("what")

    async def crashes(_: None) -> Finding:
        raise bug

    crashed, sound = await examined(Check("crashes", crashes), giving(ok("sound")))
    assert crashed.finding.outcome is Outcome.FAILED
    assert crashed.finding.bug is bug
    assert crashed.finding.facts == ("KeyError: 'what'",)
    assert sound.finding.outcome is Outcome.OK


async def test_an_outcome_of_ours_is_told_in_its_three_parts() -> None:
    """Also out of a task group, which wraps it."""
    error = Unavailable("not there", why="two\nlines", next_step="try again")

    async def raises(_: None) -> Finding:
        raise error

    async def raises_in_a_group(_: None) -> Finding:
        raise ExceptionGroup("tasks", [ExceptionGroup("more", [error])])

    for found in await examined(Check("plain", raises), Check("group", raises_in_a_group)):
        assert found.finding == Finding(Outcome.FAILED, "not there", "try again", ("two", "lines"))


async def test_what_needs_a_failed_check_is_left_out_with_the_reason() -> None:
    """Eight checks that an org's absence spoils do not fail eight times."""

    async def must_not_run(_: None) -> Finding:
        raise AssertionError

    org, hook, url = await examined(
        Check("org", lambda _: _return(failed("gone"))),
        Check("hook", must_not_run, needs="org"),
        Check("url", must_not_run, needs="hook"),
    )
    assert org.finding.outcome is Outcome.FAILED
    assert hook.finding == url.finding == skipped("org failed")


async def test_what_needs_a_check_that_was_left_out_has_its_reason() -> None:
    """The same words, so that a screen can fold them into one."""
    first, second = await examined(
        Check("org", lambda _: _return(skipped("no org is set"))),
        Check("hook", lambda _: _return(ok("hook")), needs="org"),
    )
    assert second.finding == first.finding


async def test_a_warning_keeps_nothing_back() -> None:
    """It deserves a look, and the next check is made all the same."""
    _, second = await examined(
        Check("org", lambda _: _return(warning("slow"))),
        Check("hook", lambda _: _return(ok("hook")), needs="org"),
    )
    assert second.finding.outcome is Outcome.OK


def test_the_wait_for_another_check_is_not_its_own_time() -> None:
    """Each of the two takes nearly all the time that a check has."""

    async def slow(_: None) -> Finding:
        await anyio.sleep(9)
        return ok("slow")

    async def play() -> list[Checked]:
        return await examined(Check("first", slow), Check("second", slow, needs="first"))

    told = run_in_virtual_time(play)
    assert [each.finding.outcome for each in told] == [Outcome.OK, Outcome.OK]


async def test_secrets_are_blotted_out_of_everything_that_is_told() -> None:
    """An org that repeats a token in an answer does not get it onto the screen."""
    finding = Finding(Outcome.FAILED, "a hunter2", "b hunter2", ("c hunter2",))
    leaks: Check[None] = Check("leaks", lambda _: _return(finding))
    (checked,) = await run_checks(
        [leaks],
        None,
        timeout_s=PATIENCE_S,
        publish=lambda _: None,
        redact=lambda text: text.replace("hunter2", "…"),
    )
    assert "hunter2" not in str(checked.to_json())


def test_no_check_waits_for_ever() -> None:
    """Each needs only one that stands before it, and no name stands twice."""
    names = [check.name for check in CHECKS]
    assert len(set(names)) == len(names)
    for place, check in enumerate(CHECKS):
        assert check.needs is None or check.needs in names[:place]


async def test_the_diagnosis_is_healthy_as_long_as_nothing_failed() -> None:
    """Warnings and what was left out are counted, and spoil nothing."""
    sound = await examined(giving(ok("a")), giving(warning("b")), giving(skipped("c")))
    line = diagnosis_of(sound, 1.5).to_json()
    assert line == {
        "type": "diagnosis",
        "healthy": True,
        "ok": ["a"],
        "warnings": ["b"],
        "failed": [],
        "skipped": ["c"],
        "duration_ms": 1500,
    }
    broken = await examined(giving(failed("d")))
    assert diagnosis_of(broken, 0).to_json()["healthy"] is False
