"""The port, and the canary's way in."""

import socket
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from okhook.config.setting import Setting
from okhook.doctor.canary import CanarySent
from okhook.doctor.check import Finding, Outcome
from okhook.doctor.checks_receiver import WayIn, check_path, check_port, way_in
from okhook.doctor.place import Place
from okhook.doctor.receivers import ReceiverHere, receivers_here
from okhook.doctor.tunnels import TunnelHere
from okhook.http.client import Answer, ConnectionFailed
from okhook.records.record import AuthOutcome, Record
from okhook.runtime.run_files import RunDirectory
from okhook.wire.canary import CANARY_REMARK
from okhook.wire.hook_call import CallAttempt
from tests.doctor.hooks import AUTH, COMMANDS, PLACE, URL, record
from tests.support.answering import free_port

pytestmark = pytest.mark.anyio

LOCAL = "http://127.0.0.1:4000/hook"
SERVE = ReceiverHere("http://127.0.0.1:1337/hook", 1337, 42, is_up=False)
WAY = WayIn(LOCAL, "ours", Place(4000, "/hook"))
UP = ReceiverHere("http://127.0.0.1:1337/hook", 1337, 42, is_up=True)


def tunnel(url: str | None, port: int) -> TunnelHere:
    return TunnelHere(url, Place(port, "/hook"), 43)


async def test_a_free_port_is_sound_and_a_taken_one_is_not() -> None:
    """By whom it is taken is said; an address that is none of this machine's is a remedy's too."""
    port = free_port()
    assert (await check_port("127.0.0.1", port, ())).outcome is Outcome.OK
    with socket.create_server(("127.0.0.1", port)):
        found = await check_port("127.0.0.1", port, ())
    assert found.outcome is Outcome.FAILED
    assert "process" in found.detail
    elsewhere = await check_port("192.0.2.1", port, ())
    assert elsewhere.outcome is Outcome.FAILED
    assert "--host" in (elsewhere.remedy or "")


async def test_our_own_receiver_may_have_the_port_or_another() -> None:
    """With a receiver that runs, the port of the settings is nobody's business."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        own = await check_port("127.0.0.1", port, [replace(SERVE, port=port)])
        other = await check_port("127.0.0.1", port, [replace(SERVE, port=port + 1)])
    assert own.outcome is other.outcome is Outcome.OK
    assert SERVE.url in own.detail
    assert SERVE.url in other.detail


def test_receivers_are_read_from_their_run_files(tmp_path: Path) -> None:
    """One whose process is that of an `up` is known as such; nonsense in a file is passed over."""
    run_directory = RunDirectory(tmp_path)
    with (
        run_directory.own("receiver-1337") as good,
        run_directory.own("receiver-1") as bad,
        run_directory.own("up-0123") as up,
    ):
        good.write({"url": SERVE.url, "port": 1337})
        bad.write({"url": None, "port": "x"})
        assert [each.is_up for each in receivers_here(run_directory)] == [False]
        up.write({"org": "o"})
        (found,) = receivers_here(run_directory)
    assert (found.url, found.port, found.is_up) == (SERVE.url, 1337, True)
    assert found.since is not None
    assert found.since <= datetime.now(UTC)


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
    tunnels: list[TunnelHere],
    named: Setting[str] | None,
    hook_url: str | None,
    receivers: Sequence[ReceiverHere],
    expected: str | None,
) -> None:
    """The org's word for a URL elsewhere is never enough to send the secret there."""
    way = way_in(tunnels, named, hook_url, receivers)
    assert (way.url if way else None) == expected


def sent(status: int | None, arrived: Record | None = None) -> CanarySent:
    if status is None:
        return CanarySent(LOCAL, CallAttempt(None, ConnectionFailed(LOCAL, "refused")), None, 0.1)
    return CanarySent(LOCAL, CallAttempt(Answer(status, (), b"", 0.1), None), arrived, 0.1)


async def path(
    came: CanarySent | None,
    receivers: Sequence[ReceiverHere] = (SERVE,),
    *,
    way: WayIn | None = WAY,
) -> Finding:
    return await check_path(way, AUTH, receivers, came, PLACE, COMMANDS)


async def test_what_became_of_the_canary_is_told() -> None:
    """Arrived, refused, accepted by somebody else, answered with an error, not answered."""
    arrived = await path(sent(204, record(AuthOutcome.MATCHED)))
    assert arrived.outcome is Outcome.OK
    refused = await path(sent(401, record(AuthOutcome.DID_NOT_MATCH)))
    assert (refused.outcome, "does not accept" in refused.detail) == (Outcome.FAILED, True)
    lost = await path(sent(204))
    assert (lost.outcome, "did not arrive here" in lost.detail) == (Outcome.FAILED, True)
    error = await path(sent(500))
    assert (error.outcome, "HTTP 500" in error.detail) == (Outcome.FAILED, True)
    gone = await path(sent(None), receivers=())
    assert (gone.outcome, gone.remedy) == (
        Outcome.FAILED,
        "okhook serve --port 4000 --path /hook",
    )
    unknown = await path(sent(None), receivers=(), way=WayIn("https://hooks.example.com", "ours"))
    assert unknown.remedy == "okhook serve --port 1337"
    nowhere = await path(None, way=None)
    assert nowhere.outcome is Outcome.SKIPPED


async def test_without_a_secret_here_a_refusal_proves_the_path() -> None:
    """`up` made its own, which is sound; a `serve` that asks for one deserves a look."""
    refused = sent(401, record(AuthOutcome.DID_NOT_MATCH))

    async def outcome(receiver: ReceiverHere) -> Outcome:
        return (await check_path(WAY, None, [receiver], refused, PLACE, COMMANDS)).outcome

    assert await outcome(UP) is Outcome.OK
    assert await outcome(SERVE) is Outcome.WARNING


async def test_the_receivers_reason_is_told_without_what_is_said_already() -> None:
    """That it was a canary is how the sentence begins."""
    kept = replace(record(AuthOutcome.DID_NOT_MATCH), reason="no secret" + CANARY_REMARK)
    found = await check_path(WAY, None, [SERVE], sent(401, kept), PLACE, COMMANDS)
    assert found.facts[0].endswith("which refused it: no secret")
