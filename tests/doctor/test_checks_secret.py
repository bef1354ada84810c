"""The hook's secret: what proves it, what contradicts it, and what is left open."""

from datetime import timedelta
from pathlib import Path

import anyio
import pytest

from okhook.doctor.canary import CanarySent
from okhook.doctor.check import Finding, Outcome
from okhook.doctor.checks_secret import SecretEvidence, check_secret
from okhook.doctor.evidence import is_of_this_run, last_delivery, was_written
from okhook.doctor.receivers import ReceiverHere
from okhook.hook_call import CallAttempt
from okhook.okta.remembered import RememberedHooks
from okhook.org import Org
from okhook.record import AuthOutcome, NewRecord, RecordKind
from okhook.secret import HookAuth, Secret
from okhook.store.sqlite import open_store
from tests.doctor.hooks import AUTH, NOW, URL, command, hook, record
from tests.records import delivery_body, post

pytestmark = pytest.mark.anyio

ORG = Org("https://dev-1.okta.com")


def canary(auth: AuthOutcome) -> CanarySent:
    return CanarySent(URL, CallAttempt(None, None), record(auth), 0.1)


def evidence(
    *,
    written: bool | None = None,
    last: AuthOutcome | None = None,
    this_run: bool = False,
    receiver: AuthOutcome | None = None,
) -> SecretEvidence:
    return SecretEvidence(
        written,
        None if last is None else record(last),
        this_run,
        None if receiver is None else canary(receiver),
    )


MATCHED, NOT_ASKED, REFUSED = (
    AuthOutcome.MATCHED,
    AuthOutcome.NOT_ASKED,
    AuthOutcome.DID_NOT_MATCH,
)


@pytest.mark.parametrize(
    ("known", "outcome"),
    [
        (evidence(written=True, receiver=MATCHED), Outcome.OK),
        (evidence(last=MATCHED, this_run=True), Outcome.OK),
        (evidence(last=MATCHED, this_run=True, receiver=REFUSED), Outcome.OK),
        (evidence(written=None, receiver=MATCHED), Outcome.WARNING),
        (evidence(last=MATCHED, this_run=False, receiver=MATCHED), Outcome.WARNING),
        (evidence(receiver=NOT_ASKED), Outcome.WARNING),
        (evidence(written=False, receiver=MATCHED), Outcome.FAILED),
        (evidence(written=False, last=MATCHED), Outcome.FAILED),
        (evidence(written=True), Outcome.SKIPPED),
        (evidence(written=True, receiver=REFUSED), Outcome.SKIPPED),
        (evidence(), Outcome.SKIPPED),
    ],
)
async def test_only_what_went_through_proves_the_secret(
    known: SecretEvidence, outcome: Outcome
) -> None:
    """A delivery that an earlier receiver took says nothing of the one that runs now."""
    assert (await check_secret(hook(), AUTH, known, command)).outcome is outcome


async def test_a_hook_without_a_secret_is_told_apart() -> None:
    """Sound where the receiver asks for none; broken where it does."""

    async def found(known: SecretEvidence) -> Finding:
        return await check_secret(hook(auth_field=None), None, known, command)

    assert (await found(evidence(receiver=NOT_ASKED))).outcome is Outcome.OK
    assert (await found(evidence(receiver=REFUSED))).outcome is Outcome.FAILED


async def test_a_secret_in_another_header_is_not_found_there() -> None:
    """The hook sends X-Key, the receiver looks into Authorization."""
    found = await check_secret(
        hook(auth_field="x-key"), AUTH, evidence(written=True, receiver=MATCHED), command
    )
    assert found.outcome is Outcome.FAILED
    assert "x-key" in found.detail


async def test_what_this_machine_wrote_is_known_by_its_fingerprint(tmp_path: Path) -> None:
    """The same secret, another one, a hook that was changed since, and one never written."""
    remembered = RememberedHooks(tmp_path)
    ours = hook()
    assert was_written(remembered.of_hook(ORG, ours.id), ours, AUTH.value.secret) is None
    remembered.remember(ORG, "mine", ours, AUTH.value.secret)
    known = remembered.of_hook(ORG, ours.id)
    assert was_written(known, ours, AUTH.value.secret) is True
    assert was_written(known, ours, Secret("another-secret")) is False
    assert was_written(known, hook("who2"), AUTH.value.secret) is None
    remembered.remember(ORG, "mine", ours, None)
    assert was_written(remembered.of_hook(ORG, ours.id), ours, AUTH.value.secret) is None
    assert remembered.of_hook(Org("https://dev-2.okta.com"), ours.id) is None


async def test_the_last_delivery_of_the_hook_is_found_in_the_store(tmp_path: Path) -> None:
    """Not another hook's, not a canary, and not what is no delivery."""
    path = tmp_path / "store.db"
    assert last_delivery(path, "who123") is None
    async with open_store(path) as store:
        for number in range(2):
            await store.append(
                NewRecord(
                    RecordKind.DELIVERY,
                    post(delivery_body(f"e{number}")),
                    204,
                    None,
                    AuthOutcome.MATCHED,
                )
            )
        bad = NewRecord(RecordKind.MALFORMED, post(b"x"), 400, "no", AuthOutcome.MATCHED)
        await store.append(bad)
        await store.settled()
    found = await anyio.to_thread.run_sync(last_delivery, path, "who123")
    assert found is not None
    assert found.seq == 2
    assert last_delivery(path, "who-other") is None


def test_a_delivery_is_of_this_run_where_it_came_after_the_receiver_began() -> None:
    """With two receivers nobody knows to which of them it came."""
    early, late = (
        ReceiverHere(URL, 1, 1, False, NOW - ago) for ago in (timedelta(hours=1), timedelta(0))
    )
    last = record(MATCHED, ago=timedelta(minutes=5))
    assert is_of_this_run(last, [early])
    assert not is_of_this_run(last, [late])
    assert not is_of_this_run(last, [early, early])
    assert not is_of_this_run(None, [early])


def test_the_secret_is_in_no_finding() -> None:
    """Not even in the name of where it stands."""

    async def found() -> Finding:
        return await check_secret(hook(), AUTH, evidence(receiver=MATCHED), command)

    assert isinstance(AUTH.value, HookAuth)
    assert AUTH.value.secret.reveal() not in str(anyio.run(found))
