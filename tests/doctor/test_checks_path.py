"""The path: where a canary is sent, and what becomes of it."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from okhook.config.setting import Setting
from okhook.doctor.canary import CanaryRoute, CanarySent, canary_route
from okhook.doctor.check import Finding, Outcome
from okhook.doctor.checks_path import check_path
from okhook.http.client import Answer
from okhook.http.errors import ConnectionFailed
from okhook.records.record import AuthOutcome, Record
from okhook.runtime.run_files import ReceiverRun, TunnelRun, UpRun
from okhook.runtime.running_here import LocalEndpoint, RunningHere
from okhook.wire.canary import CANARY_REMARK
from okhook.wire.hook_call import CallAttempt
from tests.doctor.hooks import URL, facts, record, with_setup

pytestmark = pytest.mark.anyio

LOCAL = "http://127.0.0.1:4000/hook"
SERVE = ReceiverRun("http://127.0.0.1:1337/hook", 1337, pid=42)
ROUTE = CanaryRoute(LOCAL, "ours", LocalEndpoint(4000, "/hook"))


def tunnel(url: str | None, port: int) -> TunnelRun:
    return TunnelRun(port=port, path="/hook", webhook_url=url, pid=43)


@pytest.mark.parametrize(
    ("tunnels", "named", "hook_url", "receivers", "expected"),
    [
        ([tunnel(URL, 1337)], Setting(LOCAL, "OKHOOK_URL"), LOCAL, [SERVE], URL),
        ([tunnel("https://a.example", 1), tunnel(URL, 1337)], None, None, [SERVE], URL),
        ([tunnel("https://a.example", 1)], None, None, [SERVE], "https://a.example"),
        ([tunnel(None, 1337)], None, None, [SERVE], SERVE.url),
        ([], Setting(LOCAL, "OKHOOK_URL"), URL, [SERVE], LOCAL),
        ([], None, LOCAL, [SERVE], LOCAL),
        ([], None, "https://evil.example/hook", [SERVE], SERVE.url),
        ([], None, "https://evil.example/hook", [], None),
        ([], None, "https://127.0.0.1.evil.example/hook", [], None),
        ([], None, "http://[bad", [], None),
    ],
)
def test_a_canary_goes_only_where_it_is_known_to_lead_here(
    tunnels: list[TunnelRun],
    named: Setting[str] | None,
    hook_url: str | None,
    receivers: Sequence[ReceiverRun],
    expected: str | None,
) -> None:
    """The org's word for a URL elsewhere is never enough to send the secret there."""
    route = canary_route(RunningHere(tuple(receivers), tuple(tunnels)), named, hook_url)
    assert (route.url if route else None) == expected


@pytest.mark.parametrize("port", [1337, 5301])
def test_a_receiver_that_is_named_is_the_one_that_is_checked(port: int) -> None:
    """Not the hook's own, nor that of the first tunnel."""
    other = ReceiverRun("http://127.0.0.1:5301/hook", 5301, pid=44)
    running = RunningHere((SERVE, other), (tunnel(None, 1337), tunnel(URL, 5301)))
    route = canary_route(running.at_port(port), None, SERVE.url, port)
    assert (route and route.url) == {1337: SERVE.url, 5301: URL}[port]
    assert canary_route(
        RunningHere((SERVE, other)).at_port(5301), None, SERVE.url, 5301
    ) == CanaryRoute(other.url, "the receiver's own URL", LocalEndpoint(5301, "/hook"))


async def test_which_of_several_receivers_it_was_is_told() -> None:
    """Unless it was named: then there is nothing to choose."""
    other = ReceiverRun("http://127.0.0.1:4000/hook", 4000, pid=44)
    came = sent(204, record(AuthOutcome.MATCHED))
    found = await path(came, (SERVE, other))
    assert found.detail == (
        "a canary arrived in 100 ms at the receiver on port 4000, one of 2; to check another,"
        " pass --port"
    )
    setup = with_setup(running=RunningHere((SERVE, other)), receiver_port=4000)
    named = await check_path(facts(setup, canary_route=ROUTE, canary=came))
    assert named.detail == "a canary arrived in 100 ms"


def sent(status: int | None, arrived: Record | None = None) -> CanarySent:
    if status is None:
        return CanarySent(LOCAL, CallAttempt(None, ConnectionFailed(LOCAL, "refused")), None, 0.1)
    return CanarySent(LOCAL, CallAttempt(Answer(status, (), b"", 0.1), None), arrived, 0.1)


async def path(
    came: CanarySent | None,
    receivers: Sequence[ReceiverRun] = (SERVE,),
    *,
    route: CanaryRoute | None = ROUTE,
) -> Finding:
    setup = with_setup(running=RunningHere(tuple(receivers)))
    return await check_path(facts(setup, canary_route=route, canary=came))


async def test_what_became_of_the_canary_is_told() -> None:
    """Arrived, refused, accepted by somebody else, answered with an error, not answered."""
    arrived = await path(sent(204, record(AuthOutcome.MATCHED)))
    assert arrived.outcome is Outcome.OK
    refused = await path(sent(401, record(AuthOutcome.DID_NOT_MATCH)))
    assert (refused.outcome, "does not accept" in refused.detail) == (Outcome.FAILED, True)
    lost = await path(sent(204))
    assert (lost.outcome, "did not arrive at this receiver" in lost.detail) == (
        Outcome.FAILED,
        True,
    )
    error = await path(sent(500))
    assert (error.outcome, "HTTP 500" in error.detail) == (Outcome.FAILED, True)
    gone = await path(sent(None), receivers=())
    assert (gone.outcome, gone.remedy) == (
        Outcome.FAILED,
        "okhook serve --port 4000 --path /hook",
    )
    unknown = await path(
        sent(None), receivers=(), route=CanaryRoute("https://hooks.example.com", "ours")
    )
    assert unknown.remedy == "okhook serve --port 1337"
    nowhere = await path(None, route=None)
    assert nowhere.outcome is Outcome.SKIPPED


async def test_a_url_that_is_gone_is_told_with_what_to_do_field_06() -> None:
    """Hookdeck answers 410 when the source was deleted."""
    gone = await path(sent(410))
    assert (gone.outcome, "is gone (HTTP 410)" in gone.detail) == (Outcome.FAILED, True)
    assert "start the tunnel again" in (gone.remedy or "")


async def test_without_a_secret_here_a_refusal_proves_the_path() -> None:
    """`up` made its own, which is sound; a `serve` that asks for one deserves a look."""
    refused = sent(401, record(AuthOutcome.DID_NOT_MATCH))

    async def outcome(*ups: UpRun) -> Outcome:
        setup = with_setup(auth=None, running=RunningHere((SERVE,), ups=ups))
        return (await check_path(facts(setup, canary_route=ROUTE, canary=refused))).outcome

    assert await outcome(UpRun("https://o.okta.com", pid=SERVE.pid)) is Outcome.OK
    assert await outcome() is Outcome.WARNING


async def test_the_receivers_reason_is_told_without_what_is_said_already() -> None:
    """That it was a canary is how the sentence begins."""
    kept = replace(record(AuthOutcome.DID_NOT_MATCH), reason="no secret" + CANARY_REMARK)
    setup = with_setup(auth=None, running=RunningHere((SERVE,)))
    found = await check_path(facts(setup, canary_route=ROUTE, canary=sent(401, kept)))
    assert found.facts[0].endswith("which refused it: no secret")
