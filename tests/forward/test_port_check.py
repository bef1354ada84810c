"""Whether an app on this machine listens, on real sockets."""

import socket

import pytest

from okhook.forward.port_check import port_check

pytestmark = pytest.mark.anyio


async def test_an_app_listens_or_it_does_not() -> None:
    """The host can be a name. The app gets a connection, and nothing on it."""
    with socket.create_server(("127.0.0.1", 0)) as app:
        port = app.getsockname()[1]
        for host in ("127.0.0.1", "localhost"):
            listens = port_check(f"http://{host}:{port}/hook?a=1")
            assert listens is not None
            assert await listens()
            connection, _ = app.accept()
            with connection:
                assert connection.recv(1) == b""
        listens = port_check(f"https://127.0.0.1:{port}")
        assert listens is not None
        assert await listens()
    with socket.socket() as held:  # nobody else can listen there meanwhile
        held.bind(("127.0.0.1", 0))
        refuses = port_check(f"http://127.0.0.1:{held.getsockname()[1]}/")
        assert refuses is not None
        assert not await refuses()


@pytest.mark.parametrize("url", ["https://app.example.com/hook", "nats://127.0.0.1:4222/okta"])
def test_only_apps_on_this_machine_are_checked(url: str) -> None:
    """Another machine may count connections, and a stream's client connects again by itself."""
    assert port_check(url) is None
