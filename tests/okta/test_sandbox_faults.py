"""The client against an org that spoils its answers, on real sockets: nothing doubled or lost."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import anyio
import pytest

from okhook.http.client import HttpClient
from okhook.okta.answers import UnexpectedAnswer
from okhook.okta.auth.credential import SswsCredential
from okhook.okta.client import Call, OktaClient
from okhook.okta.event_hooks import body_of
from okhook.okta.event_hooks_api import EventHooksApi
from okhook.okta.registered_here import RegisteredHere
from okhook.okta.registration import Registration
from okhook.okta.retry import CallRetried, OutcomeUnknown, RateLimited
from okhook.okta.system_log import LogQuery, SystemLogApi
from okhook.runtime.ids import utc_now
from okhook.sandbox.activities import ApiCalled, FaultInjected
from okhook.sandbox.faults import read_fault
from okhook.secret import Secret
from okhook.wire.org import Org
from tests.okta.setup import QUICK, WANTED, Watched
from tests.sandbox.rig import TOKEN, OrgRig, org_rig
from tests.sandbox.seeding import every, seed
from tests.support.held_clock import held_clock
from tests.support.waiting import until

pytestmark = pytest.mark.anyio

LOGS = "/api/v1/logs"
HOOKS = "/api/v1/eventHooks"
TOLD_ONCE = replace(QUICK, countdown_step_s=QUICK.longest_rate_limit_wait_s)
"""A wait is told once, however long: a busy server's Date, and so the wait, may be seconds off."""


@asynccontextmanager
async def client_and_org(
    tmp_path: Path, watched: Watched, *faults: str
) -> AsyncIterator[tuple[OktaClient, OrgRig]]:
    spoilt = tuple(read_fault(fault) for fault in faults)
    async with (
        org_rig(tmp_path, faults=spoilt) as org,
        HttpClient(user_agent="okhook/tests") as http,
    ):
        client = OktaClient(
            Org(org.sandbox.url),
            SswsCredential(Secret(TOKEN), "OKHOOK_TOKEN"),
            http,
            publish=watched.publish,
            retry=TOLD_ONCE,
            sleep=watched.sleep,
        )
        yield client, org


def injected(org: OrgRig) -> list[str]:
    return [told.fault for told in org.told.of(FaultInjected)]


@pytest.mark.parametrize(
    ("fault", "said", "reason"),
    [
        (f"429:2@{LOGS}", RateLimited, None),
        (f"500:2@{LOGS}", CallRetried, "HTTP 500"),
        (f"cut:2@{LOGS}", CallRetried, "peer closed connection"),
        (f"slow=0.05:2@{LOGS}", None, None),
    ],
)
async def test_every_entry_is_read_once(
    tmp_path: Path, fault: str, said: type[RateLimited | CallRetried] | None, reason: str | None
) -> None:
    """Over several pages, some of them spoilt; each wait is said."""
    watched = Watched()
    now = utc_now()
    async with client_and_org(tmp_path, watched, fault) as (client, org):
        seeds = every(timedelta(seconds=1), 25, until=now)
        uuids = seed(org.sandbox.log, seeds)
        query = LogQuery(since=seeds[0].published - timedelta(seconds=1), limit=10)
        read = [entry.uuid async for entry in SystemLogApi(client).entries(query)]
        assert injected(org) == [fault.partition(":")[0].partition("=")[0]] * 2
    assert read == uuids
    told = [one for one in watched.activities if isinstance(one, RateLimited | CallRetried)]
    assert {type(one) for one in told} == ({said} if said else set())
    assert len(told) == (2 if said else 0)
    for one in told:
        if isinstance(one, CallRetried):
            assert one.reason.startswith(str(reason))
            assert one.call.startswith(f"GET {LOGS}") or LOGS in one.call
        else:
            assert one.remaining_s >= 3
    assert len(watched.slept_s) == (2 if said is RateLimited else 0)


async def test_a_log_that_goes_round_in_a_circle_is_said(tmp_path: Path) -> None:
    """The first page that comes again ends the reading, instead of doubling its entries."""
    watched = Watched()
    now = utc_now()
    async with client_and_org(tmp_path, watched, f"next-loop@{LOGS}") as (client, org):
        seeds = every(timedelta(seconds=1), 25, until=now)
        uuids = seed(org.sandbox.log, seeds)
        query = LogQuery(since=seeds[0].published, limit=10)
        read: list[str] = []

        async def read_on() -> None:
            async for entry in SystemLogApi(client).entries(query):
                read.append(entry.uuid)  # noqa: PERF401 - what was read before the error

        with pytest.raises(UnexpectedAnswer, match="has too many pages"):
            await read_on()
        assert injected(org) == ["next-loop"]
    assert read == uuids[:10]


async def test_a_create_whose_answer_is_cut_is_not_made_again(tmp_path: Path) -> None:
    """The hook is there, once, and the caller is told that nobody knows."""
    async with client_and_org(tmp_path, Watched(), f"cut@POST{HOOKS}") as (client, org):
        api = EventHooksApi(client)
        with pytest.raises(OutcomeUnknown):
            await api.create(body_of(WANTED, description=None))
        assert [hook.name for hook in await api.all()] == [WANTED.name]
        assert injected(org) == ["cut"]


async def test_a_create_that_is_answered_late_is_not_made_again(tmp_path: Path) -> None:
    """What takes longer than the client waits was carried out all the same."""
    async with client_and_org(tmp_path, Watched(), f"slow=1@POST{HOOKS}") as (client, org):
        body = body_of(WANTED, description=None)
        with held_clock() as clock:

            async def pass_the_time() -> None:
                await until(lambda: injected(org))
                clock.advance(0.4)

            async with anyio.create_task_group() as tasks:
                tasks.start_soon(pass_the_time)
                with pytest.raises(OutcomeUnknown):
                    await client.call(Call("POST", HOOKS, body, timeout_s=0.4, once=True))
        assert len(await EventHooksApi(client).all()) == 1
        assert injected(org) == ["slow"]


@pytest.mark.parametrize("kind", ["cut", "500"])
async def test_a_registration_doubles_nothing(tmp_path: Path, kind: str) -> None:
    """Where the answer to the create is lost, the hook is looked for before it is made again."""
    watched = Watched()
    fault = f"{kind}@POST{HOOKS}"
    async with client_and_org(tmp_path, watched, fault) as (client, org):
        registration = Registration(
            EventHooksApi(client),
            RegisteredHere(tmp_path / "state"),
            publish=watched.publish,
        )
        registered = await registration.register(WANTED)
        hooks = await EventHooksApi(client).all()
        assert injected(org) == [kind]
        creates = [
            call for call in org.told.of(ApiCalled) if (call.method, call.path) == ("POST", HOOKS)
        ]
    assert [hook.id for hook in hooks] == [registered.hook.id]
    assert len(creates) == (1 if kind == "cut" else 2)
    assert any(isinstance(one, CallRetried) for one in watched.activities)
