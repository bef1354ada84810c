"""What the System Log says of failures, and the limits that are near."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from okhook.doctor.canary import CanarySent
from okhook.doctor.check import Finding, Outcome
from okhook.doctor.checks_log import check_failures, check_limits, uses
from okhook.doctor.secret_evidence import SecretEvidence
from okhook.okta.event_hooks import EventHook
from okhook.okta.permissions import Permission
from okhook.okta.retry import RateLimitLeft
from okhook.okta.system_log import LogEntry
from okhook.records.record import AuthOutcome, Record
from okhook.wire.hook_call import CallAttempt
from tests.doctor.hooks import URL, entry, facts, hook, record

pytestmark = pytest.mark.anyio

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
HOOK = hook()
ALLOWED = (Permission("System Log", True, None, None),)
LOST = entry("event_hook.delivery", ago=HOUR, reason="connection timeout")


async def failures(
    entries: Sequence[LogEntry] | None,
    *,
    which: EventHook | None = HOOK,
    last: Record | None = None,
    canary: CanarySent | None = None,
) -> Finding:
    evidence = SecretEvidence(True, last, is_of_this_run=False, canary=canary)
    known = facts(
        hook=which, hook_log=entries, last_delivery=last, canary=canary, secret_evidence=evidence
    )
    return await check_failures(known)


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
    found = await failures([LOST, LOST], last=last)
    assert found.outcome is outcome
    assert "2 deliveries failed" in found.detail
    assert "connection timeout" in found.facts[0]
    assert found.remedy == "okhook reconcile --hook who1"


async def test_lost_deliveries_are_over_once_a_canary_comes_through() -> None:
    """What was mended a minute ago is not broken for the rest of the day; what is lost is told."""
    came = CanarySent(URL, CallAttempt(None, None), record(AuthOutcome.MATCHED), 0.1)
    found = await failures([LOST], canary=came)
    assert found.outcome is Outcome.WARNING
    assert "a canary arrives now" in found.detail
    assert found.remedy == "okhook reconcile --hook who1"


@pytest.mark.parametrize(
    "sent",
    [
        CanarySent(URL, CallAttempt(None, None), None, 0.1),
        CanarySent(URL, CallAttempt(None, None), record(AuthOutcome.DID_NOT_MATCH), 0.1),
        CanarySent("http://127.0.0.1:1/", CallAttempt(None, None), record(AuthOutcome.MATCHED), 1),
    ],
)
async def test_only_a_canary_through_the_hooks_own_url_proves_that_it_works(
    sent: CanarySent,
) -> None:
    """One that was lost, was refused or went another way proves nothing."""
    assert (await failures([LOST], canary=sent)).outcome is Outcome.FAILED


async def test_verifications_that_failed_before_one_that_did_not_are_over() -> None:
    """The hook was verified and then edited: what failed before that says nothing any more."""
    entries = [
        entry("event_hook.verified", ago=HOUR, outcome="SUCCESS"),
        entry("event_hook.verified", ago=2 * HOUR),
    ]
    unverified = hook(verification="UNVERIFIED")
    found = await failures(entries, which=unverified)
    assert found.outcome is Outcome.OK
    still = await failures(entries[::-1], which=unverified)
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
    found = await failures(entries, which=hook(verification=verification))
    assert found.outcome is outcome
    sound = await failures(entries[1:], which=hook(verification=verification))
    assert sound.outcome is Outcome.OK


async def test_without_hook_or_right_the_log_says_nothing() -> None:
    """It is left out and not taken for sound."""
    assert (await failures([], which=None)).outcome is Outcome.SKIPPED
    assert (await failures(None)).outcome is Outcome.SKIPPED
    refused = Permission("System Log", False, "no", None)
    assert await facts(hook=HOOK, permissions=(refused,)).hook_log.get() is None
    assert await facts(permissions=(refused,)).limits_log.get() is None


def test_what_is_used_is_counted() -> None:
    """Active hooks alone, the types of the hook, and the calls that the org counts."""
    left = RateLimitLeft(600, 590, None)
    used = uses(
        hook(events=3),
        [hook(), hook("who2", status="INACTIVE")],
        [Permission("event hooks", True, None, left), Permission("users", True, None, None)],
    )
    assert [each.text for each in used] == [
        "1 of 25 active hooks",
        "3 of 300 event types of the hook",
        "10 of 600 calls a minute of event hooks",
    ]


@pytest.mark.parametrize(
    ("active", "status", "outcome"),
    [
        (3, "ACTIVE", Outcome.OK),
        (23, "ACTIVE", Outcome.WARNING),
        (25, "ACTIVE", Outcome.WARNING),
        (25, "INACTIVE", Outcome.FAILED),
    ],
)
async def test_limits_that_are_near_are_told(active: int, status: str, outcome: Outcome) -> None:
    """An org that is full cannot activate one more, which is what this hook needs."""
    assert (await limits(active, which=hook(status=status))).outcome is outcome


async def limits(
    active: int, *, which: EventHook | None = None, log: Sequence[LogEntry] | None = ()
) -> Finding:
    hooks = [hook(f"who{number}") for number in range(active)]
    known = facts(hook=which, hooks=hooks, permissions=ALLOWED, limits_log=log)
    return await check_limits(known)


async def test_a_rate_limit_that_was_met_is_told() -> None:
    """Where the log may not be read, the numbers alone speak."""
    met = entry("system.org.rate_limit.violation", ago=HOUR)
    found = await limits(1, log=[met])
    assert found.outcome is Outcome.WARNING
    assert any("rate_limit.violation" in fact for fact in found.facts)
    assert (await limits(1, log=None)).outcome is Outcome.OK
