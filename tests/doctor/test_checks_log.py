"""What the System Log says of failures, and the limits that are near."""

from datetime import timedelta

import pytest

from okhook.doctor.check import Outcome
from okhook.doctor.checks_log import Use, check_failures, check_limits, may_read_log, uses
from okhook.okta.permissions import Permission
from okhook.okta.retry import RateLimitLeft
from okhook.records.record import AuthOutcome, Record
from tests.doctor.hooks import COMMANDS, entry, hook, record

pytestmark = pytest.mark.anyio

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LOST = entry("event_hook.delivery", ago=HOUR, reason="connection timeout")


@pytest.mark.parametrize(
    ("last", "outcome"),
    [
        (None, Outcome.FAILED),
        (record(AuthOutcome.MATCHED, ago=2 * HOUR), Outcome.FAILED),
        (record(AuthOutcome.MATCHED, ago=HOUR / 2), Outcome.WARNING),
    ],
)
async def test_lost_deliveries_fail_until_one_comes_through(
    last: Record | None, outcome: Outcome
) -> None:
    """They are counted, the last one's reason is told, and how to get them back."""
    found = await check_failures(hook(), [LOST, LOST], last, COMMANDS, works_now=False)
    assert found.outcome is outcome
    assert "2 deliveries failed" in found.detail
    assert "connection timeout" in found.facts[0]
    assert found.remedy == "okhook reconcile --hook who1"


async def test_lost_deliveries_are_over_once_a_canary_comes_through() -> None:
    """What was mended a minute ago is not broken for the rest of the day; what is lost is told."""
    found = await check_failures(hook(), [LOST], None, COMMANDS, works_now=True)
    assert found.outcome is Outcome.WARNING
    assert found.remedy == "okhook reconcile --hook who1"


async def test_verifications_that_failed_before_one_that_did_not_are_over() -> None:
    """The hook was verified and then edited: what failed before that says nothing any more."""
    entries = [
        entry("event_hook.verified", ago=HOUR, outcome="SUCCESS"),
        entry("event_hook.verified", ago=2 * HOUR),
    ]
    unverified = hook(verification="UNVERIFIED")
    found = await check_failures(unverified, entries, None, COMMANDS, works_now=False)
    assert found.outcome is Outcome.OK
    still = await check_failures(unverified, entries[::-1], None, COMMANDS, works_now=False)
    assert still.outcome is Outcome.FAILED


@pytest.mark.parametrize(
    ("verification", "outcome"), [("VERIFIED", Outcome.OK), ("UNVERIFIED", Outcome.FAILED)]
)
async def test_a_failed_verification_counts_until_the_hook_is_verified(
    verification: str, outcome: Outcome
) -> None:
    """A verification that succeeded is no failure at all."""
    entries = [
        entry("event_hook.verified", ago=HOUR),
        entry("event_hook.verified", ago=DAY / 2, outcome="SUCCESS"),
    ]
    found = await check_failures(
        hook(verification=verification), entries, None, COMMANDS, works_now=False
    )
    assert found.outcome is outcome
    sound = await check_failures(
        hook(verification=verification), entries[1:], None, COMMANDS, works_now=False
    )
    assert sound.outcome is Outcome.OK


async def test_without_hook_or_right_the_log_says_nothing() -> None:
    """It is left out and not taken for sound."""
    assert (
        await check_failures(None, [], None, COMMANDS, works_now=False)
    ).outcome is Outcome.SKIPPED
    assert (
        await check_failures(hook(), None, None, COMMANDS, works_now=False)
    ).outcome is Outcome.SKIPPED
    assert not may_read_log([Permission("System Log", False, "no", None)])
    assert may_read_log([Permission("System Log", True, None, None)])


def test_what_is_used_is_counted() -> None:
    """Active hooks alone, the types of the hook, and the calls that the org counts."""
    left = RateLimitLeft(600, 590, None)
    used = uses(
        hook(events=3),
        [hook(), hook("who2", status="INACTIVE")],
        [Permission("event hooks", True, None, left), Permission("users", True, None, None)],
    )
    assert [each.told for each in used] == [
        "1 of 25 active hooks",
        "3 of 300 event types of the hook",
        "10 of 600 calls a minute of event hooks",
    ]


@pytest.mark.parametrize(
    ("used", "status", "outcome"),
    [
        (Use("active hooks", 3, 25), "ACTIVE", Outcome.OK),
        (Use("active hooks", 23, 25), "ACTIVE", Outcome.WARNING),
        (Use("active hooks", 25, 25), "ACTIVE", Outcome.WARNING),
        (Use("active hooks", 25, 25), "INACTIVE", Outcome.FAILED),
    ],
)
async def test_limits_that_are_near_are_told(used: Use, status: str, outcome: Outcome) -> None:
    """An org that is full cannot activate one more, which is what this hook needs."""
    assert (await check_limits(hook(status=status), [used], (), COMMANDS)).outcome is outcome


async def test_a_rate_limit_that_was_met_is_told() -> None:
    """Where the log may not be read, the numbers alone speak."""
    met = entry("system.org.rate_limit.violation", ago=HOUR)
    used = [Use("active hooks", 1, 25)]
    found = await check_limits(None, used, [met], COMMANDS)
    assert found.outcome is Outcome.WARNING
    assert any("rate_limit.violation" in fact for fact in found.facts)
    assert (await check_limits(None, used, None, COMMANDS)).outcome is Outcome.OK
