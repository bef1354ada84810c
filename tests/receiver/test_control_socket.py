"""The control socket: this user's other commands reach a receiver without its secret."""

import os
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from okhook.activity import Activity, Warned
from okhook.receiver import control_socket
from okhook.receiver.running import ReceiverConfig, running_receiver
from okhook.records.record import AuthOutcome, NewRecord
from okhook.runtime.ids import utc_now
from okhook.runtime.run_files import ReceiverRun, RunDirectory, TunnelRun
from okhook.runtime.running_here import FAULT, THROUGH_TUNNEL
from okhook.secret import HookAuth, Secret
from tests.support.answering import Asked, answer, answering_server
from tests.support.ports import free_port
from tests.support.records import delivery_body

pytestmark = pytest.mark.anyio

SECRET = "made-by-up-4711"
AUTH = HookAuth("X-Hook-Key", Secret(SECRET))


class Rig:
    """A receiver with a secret, and what it kept and said."""

    def __init__(self, run_directory: Path) -> None:
        self.run_directory = RunDirectory(run_directory)
        self.kept: list[NewRecord] = []
        self.said: list[Activity] = []
        self.receiver: ReceiverRun

    async def append(self, record: NewRecord) -> int:
        self.kept.append(record)
        return len(self.kept)

    @property
    def path(self) -> Path:
        assert self.receiver.control_socket is not None
        return Path(self.receiver.control_socket)

    async def post(self, **headers: str) -> httpx.Response:
        """Post a delivery to the control socket."""
        transport = httpx.AsyncHTTPTransport(uds=str(self.path))
        async with httpx.AsyncClient(transport=transport) as client:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            return await client.post(self.receiver.url, content=delivery_body(), headers=named)


@asynccontextmanager
async def rig(
    run_directory: Path, auth: HookAuth | None = AUTH, port: int = 0
) -> AsyncIterator[Rig]:
    it = Rig(run_directory)
    async with running_receiver(
        ReceiverConfig(port=port, auth=auth),
        append=it.append,
        publish=it.said.append,
        now=utc_now,
        run_directory=it.run_directory,
    ) as it.receiver:
        yield it


async def test_the_control_socket_adds_the_secret_field_21(tmp_path: Path) -> None:
    """A delivery comes as from Okta; on its port the receiver still asks for the secret."""
    async with rig(tmp_path / "run") as it:
        assert (await it.post()).status_code == 204
        async with httpx.AsyncClient(trust_env=False) as client:
            refused = await client.post(it.receiver.url, content=delivery_body())
        assert refused.status_code == 401
    stored, without = it.kept
    assert (stored.auth, without.auth) == (AuthOutcome.MATCHED, AuthOutcome.DID_NOT_MATCH)
    assert stored.request.body == delivery_body()
    assert (b"host", it.receiver.url.split("/")[2].encode()) in stored.request.headers
    assert SECRET not in repr((stored, it.receiver))
    assert it.said == []


async def test_the_control_socket_is_for_this_user_alone_field_21(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody else may enter its directory, and whoever gets through all the same is not heard."""
    run_directory = tmp_path / "run"
    run_directory.mkdir(mode=0o755)
    async with rig(run_directory) as it:
        assert it.path.parent == run_directory
        assert stat.S_IMODE(run_directory.stat().st_mode) == 0o700
        assert stat.S_IMODE(it.path.stat().st_mode) == 0o600
        monkeypatch.setattr("okhook.runtime.private_socket.os.geteuid", lambda: os.getuid() + 1)
        with pytest.raises(httpx.TransportError):
            await it.post()
        monkeypatch.undo()
        assert it.kept == []
        assert (await it.post()).status_code == 204
    assert not it.path.exists()


async def test_a_long_path_gets_a_short_private_directory_field_21(tmp_path: Path) -> None:
    """A socket's path has room for little more than 100 bytes; nothing is left behind."""
    async with rig(tmp_path / ("x" * 100) / "run") as it:
        assert len(os.fsencode(it.path)) < 104
        assert stat.S_IMODE(it.path.parent.stat().st_mode) == 0o700
        assert it.path.parent.stat().st_uid == os.geteuid()
        assert (await it.post()).status_code == 204
    assert not it.path.parent.exists()


@pytest.mark.parametrize("is_same_port", [True, False])
async def test_what_a_killed_receiver_left_is_removed_field_21(
    tmp_path: Path, is_same_port: bool
) -> None:
    """Its socket leads nowhere, and its port may never be used again."""
    state, port = tmp_path / ("x" * 100) / "run", free_port()
    async with rig(state, port=port) as it:
        left = (state / f"receiver-{port}.json").read_bytes()
    it.path.parent.mkdir()
    it.path.touch()
    # A run file without a lock is that of a killed process.
    (state / f"receiver-{port if is_same_port else 1}.json").write_bytes(left)
    async with rig(state, port=port) as again:
        assert not it.path.parent.exists()
        assert (await again.post()).status_code == 204


async def test_where_no_socket_can_be_made_that_is_said_field_21(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The receiver receives all the same."""

    def fails(path: Path) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(control_socket, "private_socket", fails)
    async with rig(tmp_path / "run") as it:
        assert it.receiver.control_socket is None
        (warning,) = it.said
        assert isinstance(warning, Warned)
        assert warning.text == (
            "other commands need the secret to reach this receiver:"
            " could not create a Unix socket: Operation not supported"
        )


async def test_without_a_secret_there_is_no_control_socket_field_21(tmp_path: Path) -> None:
    """The port lets everybody in."""
    async with rig(tmp_path / "run", auth=None) as it:
        assert it.receiver.control_socket is None
    assert it.said == []


async def test_the_control_socket_sends_through_the_tunnel_field_21(tmp_path: Path) -> None:
    """With the secret, to the tunnel of this receiver alone; what comes back has no secret."""

    def repeat(asked: Asked) -> bytes:
        text = repr(asked.headers).encode()
        return answer(202, text, f"X-Repeated: {SECRET}")

    async with rig(tmp_path / "run") as it:
        through = {THROUGH_TUNNEL.replace("-", "_"): "1", "X_Okhook_Canary": "1"}
        nowhere = await it.post(**through)
        assert nowhere.headers[FAULT] == "this receiver has no tunnel"
        with (
            answering_server(repeat) as webhook,
            it.run_directory.own("tunnel-1") as other,
            it.run_directory.own("tunnel-2") as tunnel,
        ):
            other.write(TunnelRun(port=1, webhook_url="http://127.0.0.1:9/other"))
            tunnel.write(TunnelRun(port=it.receiver.port, webhook_url=webhook.url))
            sent = await it.post(**through)
    assert (sent.status_code, sent.content) == (202, b"")
    assert SECRET not in repr(sent.headers)
    (asked,) = webhook.asked
    assert (asked.header("x-hook-key"), asked.header("x-okhook-canary")) == (SECRET, "1")
    assert asked.header("host") == webhook.url.split("/")[2]
    assert asked.header(THROUGH_TUNNEL) is None
    assert asked.body == delivery_body()
    assert it.kept == []
