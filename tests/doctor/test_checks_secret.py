"""The hook's secret: what proves it, what contradicts it, and what is left open."""

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import anyio
import pytest

from okhook.config.setting import Setting
from okhook.doctor.canary import CanarySent
from okhook.doctor.check import Finding, Outcome
from okhook.doctor.checks_secret import check_secret
from okhook.doctor.secret_evidence import (
    SecretEvidence,
    is_of_this_run,
    last_delivery,
    start_of_the_only,
)
from okhook.doctor.setup import Commands
from okhook.records.record import RECONSTRUCTED_HEADER, AuthOutcome, NewRecord, RecordKind
from okhook.runtime.run_files import ReceiverRun
from okhook.secret import HookAuth
from okhook.store.open import open_store
from okhook.wire.hook_call import CallAttempt
from okhook.wire.org import Org
from tests.doctor.hooks import AUTH, COMMANDS, NOW, URL, commands, facts, hook, record, with_setup
from tests.support.records import delivery_body, post

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


async def found(
    known: SecretEvidence,
    *,
    auth_field: str | None = "authorization",
    auth: Setting[HookAuth] | None = AUTH,
    commands: Commands = COMMANDS,
) -> Finding:
    setup = with_setup(auth=auth, commands=commands)
    return await check_secret(facts(setup, hook=hook(auth_field=auth_field), secret_evidence=known))


@pytest.mark.parametrize(
    ("known", "outcome"),
    [
        (evidence(written=True, receiver=MATCHED), Outcome.OK),
        (evidence(last=MATCHED, this_run=True), Outcome.OK),
        (evidence(last=MATCHED, this_run=True, receiver=REFUSED), Outcome.OK),
        (evidence(written=False, last=MATCHED, this_run=True, receiver=REFUSED), Outcome.OK),
        (evidence(written=None, receiver=MATCHED), Outcome.WARNING),
        (evidence(last=MATCHED, this_run=False, receiver=MATCHED), Outcome.WARNING),
        (evidence(receiver=NOT_ASKED), Outcome.WARNING),
        (evidence(written=False, receiver=NOT_ASKED), Outcome.WARNING),
        (evidence(written=False, receiver=MATCHED), Outcome.FAILED),
        (evidence(written=False, last=MATCHED), Outcome.FAILED),
        (evidence(written=True, receiver=REFUSED), Outcome.FAILED),
        (evidence(written=False, receiver=REFUSED), Outcome.SKIPPED),
        (evidence(written=None, receiver=REFUSED), Outcome.SKIPPED),
        (evidence(written=True), Outcome.SKIPPED),
        (evidence(), Outcome.SKIPPED),
    ],
)
async def test_only_what_went_through_proves_the_secret(
    known: SecretEvidence, outcome: Outcome
) -> None:
    """A delivery that an earlier receiver took says nothing of the one that runs now."""
    assert (await found(known)).outcome is outcome


async def test_a_secret_that_is_neither_the_hooks_nor_the_receivers_is_written_nowhere() -> None:
    """The set-up may be sound, and this shell's variable wrong: no remedy spoils the hook."""
    neither = await found(evidence(written=False, receiver=REFUSED))
    assert neither.remedy is None
    assert AUTH.origin in neither.detail


async def test_a_receiver_without_the_hooks_secret_is_started_again_with_it() -> None:
    """The hook has what is set here, so the receiver is what has to change."""
    refused = await found(evidence(written=True, receiver=REFUSED))
    assert (refused.remedy or "").splitlines()[-1] == "okhook serve --port 1337"


async def test_nothing_is_proved_without_a_secret_set_here() -> None:
    """Only the hook's own delivery can then speak for it."""
    assert (await found(evidence(receiver=REFUSED), auth=None)).outcome is Outcome.SKIPPED
    delivered = evidence(last=MATCHED, this_run=True, receiver=REFUSED)
    assert (await found(delivered, auth=None)).outcome is Outcome.OK


async def test_a_hook_without_a_secret_is_told_apart() -> None:
    """Sound where the receiver asks for none; broken where it does, with a secret to write."""
    sound = await found(evidence(receiver=NOT_ASKED), auth_field=None)
    assert sound.outcome is Outcome.OK
    unknown = await found(evidence(receiver=REFUSED), auth_field=None, auth=None)
    assert unknown.outcome is Outcome.FAILED
    assert "--auth-secret-file FILE" in (unknown.remedy or "")
    known = await found(
        evidence(receiver=MATCHED),
        auth_field=None,
        commands=commands("--auth-secret-file", "/run/secret"),
    )
    assert known.outcome is Outcome.FAILED
    assert known.remedy == "okhook hooks edit who1 --auth-secret-file /run/secret"


async def test_a_secret_in_another_header_is_not_found_there() -> None:
    """The hook sends X-Key, the receiver looks into Authorization; the edit must name that."""
    wrong = await found(evidence(written=True, receiver=MATCHED), auth_field="x-key")
    assert wrong.outcome is Outcome.FAILED
    assert "x-key" in wrong.detail
    assert wrong.remedy == "okhook hooks edit who1 --auth-field Authorization"


async def test_where_the_receiver_looks_is_claimed_only_where_it_is_known() -> None:
    """It refused what was in Authorization, so it may well look into X-Key."""
    unknown = await found(evidence(written=True, receiver=REFUSED), auth_field="x-key")
    assert unknown.outcome is Outcome.SKIPPED
    down = await found(evidence(written=True), auth_field="x-key")
    assert "the receiver" not in down.detail


async def test_the_last_delivery_of_the_hook_is_found_in_the_store(tmp_path: Path) -> None:
    """Not another hook's, not one that was rebuilt here, and not what is no delivery."""
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
        rebuilt = replace(
            post(delivery_body("e2")), headers=((RECONSTRUCTED_HEADER.lower().encode(), b"1"),)
        )
        await store.append(NewRecord(RecordKind.DELIVERY, rebuilt, 204, None, AuthOutcome.MATCHED))
        bad = NewRecord(RecordKind.MALFORMED, post(b"x"), 400, "no", AuthOutcome.MATCHED)
        await store.append(bad)
        await store.settled()
    last = await anyio.to_thread.run_sync(last_delivery, path, "who123")
    assert last is not None
    assert last.seq == 2
    assert last_delivery(path, "who-other") is None


def test_a_delivery_is_of_this_run_where_it_came_after_the_receiver_began() -> None:
    """With two receivers nobody knows to which of them it came."""
    last = record(MATCHED, ago=timedelta(minutes=5))
    assert is_of_this_run(last, hook(), NOW - timedelta(hours=1))
    assert not is_of_this_run(last, hook(), NOW)
    assert not is_of_this_run(last, hook(), None)
    assert not is_of_this_run(None, hook(), NOW - timedelta(hours=1))


def test_when_the_receiver_began_is_known_where_there_is_one() -> None:
    """It began when its process did."""
    here = ReceiverRun(URL, 1, pid=os.getpid())
    began = start_of_the_only([here])
    assert began is not None
    assert began <= datetime.now(UTC)
    assert start_of_the_only([here, here]) is None
    assert start_of_the_only([]) is None


@pytest.mark.parametrize("changed", ["2026-11-24T11:59:00.000Z", "2026-11-24T10:00:00", "?", None])
def test_a_delivery_of_a_hook_that_was_changed_since_proves_nothing(changed: str | None) -> None:
    """The change may have been of the secret; so may one whose time is not known."""
    last = record(MATCHED, ago=timedelta(minutes=5))
    assert not is_of_this_run(last, hook(last_updated=changed), NOW - timedelta(hours=1))


async def test_the_secret_is_in_no_finding() -> None:
    """Not even in the name of where it stands."""
    assert AUTH.value.secret.reveal() not in str(await found(evidence(receiver=MATCHED)))
