"""``okhook serve`` as a service: its manager holds the socket, and restarts it under load."""

import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
import pytest

from tests.load.deliveries import fresh_deliveries
from tests.load.kept import assert_kept
from tests.load.polite import polite_load
from tests.support.activation import start_activated
from tests.support.okhook_process import PATIENCE_S, environment
from tests.support.waiting import wait_until

HOOK = "/okta-webhooks-endpoint"


class Manager:
    """Does what systemd does with a service: holds its sockets, and listens to it.

    It takes what it is told at once: a service loses what the socket has no room for.
    """

    def __init__(self, home: Path, notify: socket.socket, listeners: list[socket.socket]) -> None:
        self.home = home
        self._notify = notify
        self._listeners = listeners
        self._told: list[str] = []

    def listen(self) -> None:
        """Take what is told until the socket is shut down."""
        while message := self._notify.recv(4096):
            self._told.append(message.decode())

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

    def wait_for(self, line: str) -> None:
        """Wait until a message has that line, and forget what came up to it."""

        def found() -> bool:
            return any(line in message.split("\n") for message in self._told)

        wait_until(found, lambda: self._told)
        while line not in self._told.pop(0).split("\n"):
            pass

    def is_silent_for(self, duration_s: float) -> bool:
        """Return whether nothing comes for a while."""
        before = len(self._told)
        time.sleep(duration_s)
        return len(self._told) == before

    @staticmethod
    def stop(service: "subprocess.Popen[bytes]") -> None:
        """Stop the service as systemd does."""
        service.send_signal(signal.SIGTERM)
        assert service.wait(PATIENCE_S) == 0


@contextmanager
def manager(home: Path, listeners: list[socket.socket]) -> Iterator[Manager]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
        notify.bind(str(home / "notify"))
        manager = Manager(home, notify, listeners)
        listening = threading.Thread(target=manager.listen)
        listening.start()
        try:
            yield manager
        finally:
            notify.shutdown(socket.SHUT_RD)
            listening.join()


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
        systemd.wait_for("STOPPING=1")


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
        stopped = psutil.Process(service.pid)
        try:
            wait_until(lambda: stopped.status() == psutil.STATUS_STOPPED)
            assert systemd.is_silent_for(1.0)
        finally:
            os.kill(service.pid, signal.SIGCONT)
        systemd.stop(service)
