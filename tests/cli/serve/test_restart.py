"""``okhook serve`` as a service: its manager holds the socket, and restarts it under load."""

import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.load.deliveries import fresh_deliveries
from tests.load.kept import assert_kept
from tests.load.polite import polite_load
from tests.support.activation import start_activated
from tests.support.okhook_process import PATIENCE_S, environment

HOOK = "/okta-webhooks-endpoint"


class Manager:
    """Does what systemd does with a service: holds its sockets, and listens to it."""

    def __init__(self, home: Path, notify: socket.socket, listeners: list[socket.socket]) -> None:
        self.home = home
        self._notify = notify
        self._listeners = listeners

    def start(self, *flags: str, **env: str) -> "subprocess.Popen[bytes]":
        """Start the service, and wait until it says that it is ready."""
        variables = {"NOTIFY_SOCKET": self._notify.getsockname(), **env}
        service = start_activated(
            ["-m", "okhook", "serve", "--log-format", "json", *flags],
            self._listeners,
            env={**environment(self.home), **variables},
            cwd=self.home,
            stdout=subprocess.DEVNULL,
        )
        self.wait_for("READY=1")
        return service

    def wait_for(self, told: str) -> str:
        """Return the first message that has the line ``told``."""
        while True:
            message = self._notify.recv(4096).decode()
            if told in message.split("\n"):
                return message

    def is_silent_for(self, duration_s: float) -> bool:
        """Read what was told before, and return whether nothing more comes for a while."""
        self._notify.settimeout(duration_s)
        for _ in range(10):
            try:
                self._notify.recv(4096)
            except TimeoutError:
                return True
        return False

    @staticmethod
    def stop(service: "subprocess.Popen[bytes]") -> None:
        """Stop the service as systemd does."""
        service.send_signal(signal.SIGTERM)
        assert service.wait(PATIENCE_S) == 0


@contextmanager
def manager(home: Path, listeners: list[socket.socket]) -> Iterator[Manager]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
        notify.bind(str(home / "notify"))
        notify.settimeout(PATIENCE_S)
        yield Manager(home, notify, listeners)


@pytest.mark.service
def test_a_restart_refuses_no_delivery(tmp_path: Path) -> None:
    """Clients notice nothing: each delivery is answered 204 and kept, three restarts long."""
    with (
        socket.create_server(("127.0.0.1", 0), backlog=1024) as listener,
        manager(tmp_path, [listener]) as systemd,
    ):
        url = f"http://127.0.0.1:{listener.getsockname()[1]}{HOOK}"
        service = systemd.start()
        with polite_load(url, fresh_deliveries(), clients=8) as load:
            for _ in range(3):
                load.wait_for(100)
                systemd.stop(service)
                service = systemd.start()
            load.wait_for(100)
        systemd.stop(service)
    assert load.faults == {}
    assert load.outcomes.refused == {}
    assert_kept(tmp_path / "state" / "store.db", load.outcomes)


def test_a_service_says_how_it_does(tmp_path: Path) -> None:
    """Ready once it answers, alive while it runs, stopping when it was told to stop."""
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        socket.create_server(("127.0.0.1", 0)) as admin,
        manager(tmp_path, [listener, admin]) as systemd,
    ):
        service = systemd.start(
            "--port", "9", LISTEN_FDNAMES="okhook.socket:admin", WATCHDOG_USEC="300000"
        )
        with httpx.Client(trust_env=False) as client:
            port, admin_port = (each.getsockname()[1] for each in (listener, admin))
            assert client.get(f"http://127.0.0.1:{port}{HOOK}").status_code == 400
            assert client.get(f"http://127.0.0.1:{admin_port}/readyz").status_code == 200
        systemd.wait_for("WATCHDOG=1")
        systemd.stop(service)
        assert systemd.wait_for("STOPPING=1")


@pytest.mark.service
def test_a_service_that_hangs_gives_no_sign_of_life(tmp_path: Path) -> None:
    """A process that is stopped does not run its loop: the manager hears nothing, and restarts."""
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        manager(tmp_path, [listener]) as systemd,
    ):
        service = systemd.start(WATCHDOG_USEC="200000")
        systemd.wait_for("WATCHDOG=1")
        os.kill(service.pid, signal.SIGSTOP)
        try:
            assert systemd.is_silent_for(1.0)
        finally:
            os.kill(service.pid, signal.SIGCONT)
        systemd.stop(service)
