"""What a service manager passes on is taken once, checked, and kept from child processes."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from okhook.errors import ConfigurationError
from okhook.runtime.service_manager import PassedSocket, ServiceManager
from tests.support.activation import start_activated
from tests.support.okhook_process import PATIENCE_S

OURS = "ours"
"""Stands for the number of this process, which differs in each process of pytest-xdist."""


def number(pid: str) -> str:
    return str(os.getpid()) if pid == OURS else pid


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener


def test_the_variables_are_removed() -> None:
    """A child, such as Hookdeck, must not take itself for the service."""
    environ = {
        "NOTIFY_SOCKET": "/run/n",
        "WATCHDOG_USEC": "30000000",
        "WATCHDOG_PID": number(OURS),
        "LISTEN_PID": number(OURS),
        "LISTEN_FDS": "0",
        "LISTEN_FDNAMES": "",
        "PATH": "/bin",
    }
    found = ServiceManager.taken_from(environ)
    assert environ == {"PATH": "/bin"}
    assert found == ServiceManager("/run/n", 30.0, ())


@pytest.mark.parametrize(
    ("usec", "pid", "watchdog_s"),
    [
        ("500000", None, 0.5),
        ("500000", OURS, 0.5),
        ("500000", "1", None),
        ("0", OURS, None),
        *((each, OURS, None) for each in ("", "-1", "x", "1.5", "\u0661", "9" * 40)),
    ],
)
def test_the_watchdog_is_for_the_process_that_it_names(
    usec: str, pid: str | None, watchdog_s: float | None
) -> None:
    """What is no number of microseconds is no watchdog."""
    environ = {"WATCHDOG_USEC": usec, **({} if pid is None else {"WATCHDOG_PID": number(pid)})}
    assert ServiceManager.taken_from(environ).watchdog_s == watchdog_s


@pytest.mark.parametrize(
    ("pid", "count"),
    [("1", "1"), (OURS, "x"), (OURS, ""), (OURS, "-1"), ("", "1"), (OURS, "0"), (OURS, "\u0661")],
)
def test_sockets_for_another_process_are_not_ours(pid: str, count: str) -> None:
    """A parent's variables may have been inherited."""
    assert ServiceManager.taken_from({"LISTEN_PID": number(pid), "LISTEN_FDS": count}).sockets == ()


TAKES = """
import os, sys
from okhook.runtime.service_manager import ServiceManager
service = ServiceManager.taken_from(os.environ)
assert not [name for name in os.environ if name.startswith("LISTEN_")]
print([(each.name, each.descriptor, os.get_inheritable(each.descriptor))
       for each in service.sockets])
for admin in (False, True):
    with service.listener(admin=admin) as listener:
        print(listener.getsockname()[1], listener.proto, listener.getblocking())
"""


def test_sockets_are_told_apart_by_their_names(listener: socket.socket, tmp_path: Path) -> None:
    """Descriptors from 3 on, as sd_listen_fds(3) says; a child of okhook does not inherit them."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        program = start_activated(
            ["-c", TAKES],
            [other, listener],
            env={"LISTEN_FDNAMES": "admin:okhook.socket"},
            cwd=tmp_path,
            stdout=subprocess.PIPE,
        )
        said, _ = program.communicate(timeout=PATIENCE_S)
        ports = [each.getsockname()[1] for each in (listener, other)]
    assert said.decode().splitlines() == [
        "[('admin', 3, False), ('okhook.socket', 4, False)]",
        *(f"{port} {socket.IPPROTO_TCP} False" for port in ports),
    ]


def test_each_listener_is_a_duplicate(listener: socket.socket) -> None:
    """The receiver closes it at its end, and may need it again."""
    service = ServiceManager(sockets=(PassedSocket("", listener.fileno()),))
    for _ in range(2):
        found = service.listener(admin=False)
        assert found is not None
        found.close()
    with socket.create_connection(listener.getsockname()):
        pass
    assert service.listener(admin=True) is None
    assert ServiceManager().listener(admin=False) is None


def test_what_is_no_listening_tcp_socket_is_refused(tmp_path: Path) -> None:
    """The error says what to set in the unit."""
    with (
        socket.socket(socket.AF_UNIX) as local,
        socket.socket() as deaf,
        socket.socket(type=socket.SOCK_DGRAM) as datagrams,
        (tmp_path / "file").open("w") as file,
    ):
        local.bind(str(tmp_path / "s"))
        local.listen()
        for each in (local, deaf, datagrams, file):
            service = ServiceManager(sockets=(PassedSocket("", each.fileno()),))
            with pytest.raises(ConfigurationError, match="no TCP socket") as caught:
                service.listener(admin=False)
            assert "ListenStream=" in (caught.value.next_step or "")


def test_several_sockets_for_one_port_are_refused(listener: socket.socket) -> None:
    """The one for the admin port has its name."""
    passed = tuple(PassedSocket("okhook.socket", listener.fileno()) for _ in range(2))
    with pytest.raises(ConfigurationError, match="2 sockets") as caught:
        ServiceManager(sockets=passed).listener(admin=False)
    assert "FileDescriptorName=admin" in (caught.value.next_step or "")


def test_lines_are_one_datagram_to_a_path_or_to_an_abstract_name(tmp_path: Path) -> None:
    """The two forms of NOTIFY_SOCKET."""
    names = [str(tmp_path / "notify")]
    if sys.platform == "linux":
        names.append(f"@okhook-test-{os.getpid()}")
    for name in names:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.bind(f"\0{name[1:]}" if name[0] == "@" else name)
            ServiceManager(name).tell("READY=1", "STATUS=receiving")
            assert manager.recv(100) == b"READY=1\nSTATUS=receiving"


@pytest.mark.parametrize("name", [None, "/nowhere/notify", "@nobody-listens-here", "vsock:2:1"])
def test_nobody_need_listen(name: str | None) -> None:
    """To tell never fails and never waits: the service is more than its manager."""
    ServiceManager(name).tell("READY=1")


def test_a_manager_that_does_not_read_is_not_waited_for(tmp_path: Path) -> None:
    """When its buffer is full, what is told is lost."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        for _ in range(2000):
            ServiceManager(str(tmp_path / "notify")).tell("WATCHDOG=1")
