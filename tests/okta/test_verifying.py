"""Verification, again and again while the endpoint comes up."""

from pathlib import Path

import pytest

from okhook.errors import ExitCode, NotVerified
from okhook.okta.activities import ProbeReport, VerifyingAgain
from okhook.okta.verifying import verify_patiently
from tests.okta.fake_org import FakeOrg
from tests.okta.setup import WANTED, Watched, registration_in

REPORT = ProbeReport("https://h.example.com/", (), "nobody is there", "start it", None)


class Time:
    """A clock that moves when somebody sleeps."""

    def __init__(self) -> None:
        self.now_s = 1000.0
        self.slept_s: list[float] = []

    def __call__(self) -> float:
        return self.now_s

    async def sleep(self, seconds: float) -> None:
        self.slept_s.append(seconds)
        self.now_s += seconds


async def report() -> ProbeReport:
    return REPORT


async def verified_in(
    org: FakeOrg, state: Path, wait_s: float, watched: Watched, time: Time
) -> bool:
    async with registration_in(org, state) as registration:
        registered = await registration.register(WANTED)
        done = await verify_patiently(
            registration,
            registered,
            probe=report,
            wait_s=wait_s,
            publish=watched.publish,
            clock=time,
            sleep=time.sleep,
        )
        return done.hook.is_verified


@pytest.mark.anyio
async def test_an_endpoint_that_comes_up_is_verified(tmp_path: Path) -> None:
    """The org is asked again until it can verify, and each try is told with its cause."""
    org, watched, time = FakeOrg(), Watched(), Time()
    org.verifies = lambda _: time.now_s >= 1006
    assert await verified_in(org, tmp_path, 30, watched, time)
    assert time.slept_s == [1, 2, 4]
    tries = [a for a in watched.activities if isinstance(a, VerifyingAgain)]
    assert [again.attempt for again in tries] == [1, 2, 3]
    assert {again.cause for again in tries} == {"nobody is there"}


@pytest.mark.anyio
@pytest.mark.parametrize("wait_s", [0, 0.5, 30])
async def test_what_does_not_come_up_is_exit_8(tmp_path: Path, wait_s: float) -> None:
    """After the wait it ends with the cause, the org's words and the report."""
    org, watched, time = FakeOrg(verifies=lambda _: False), Watched(), Time()
    with pytest.raises(NotVerified) as caught:
        await verified_in(org, tmp_path, wait_s, watched, time)
    outcome = caught.value
    assert outcome.exit_code is ExitCode.NOT_VERIFIED
    assert sum(time.slept_s) == wait_s
    assert "nobody is there" in str(outcome.why)
    assert "Unable to verify event hook" in str(outcome.why)
    assert outcome.next_step == "start it"
    assert REPORT in watched.activities
    assert str(org.only_hook()["id"]) in outcome.what


@pytest.mark.anyio
async def test_a_hook_that_was_right_stays_unchanged(tmp_path: Path) -> None:
    """Verifying a verified hook changes nothing; verifying an unverified one updates it."""
    org = FakeOrg()
    async with registration_in(org, tmp_path) as registration:
        await registration.register(WANTED)
        first = await registration.verify(await registration.find(WANTED.name))
        second = await registration.verify(await registration.find(WANTED.name))
    assert (first.action, second.action) == ("updated", "unchanged")
