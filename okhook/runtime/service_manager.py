"""What a service manager passes on, and what it is told: systemd's protocols.

``sd_listen_fds(3)`` passes sockets that listen already, so that a restart refuses no connection.
``sd_notify(3)`` is told that the service is ready, lives, and stops. Without a service manager
nothing is passed on, and nobody is told.
"""

import os
from collections.abc import MutableMapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from okhook.errors import ConfigurationError

if TYPE_CHECKING:
    import socket

_FIRST_DESCRIPTOR = 3
_MOST_DESCRIPTORS = 64
_VARIABLES = (
    *("LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES", "LISTEN_PIDFDID"),
    *("NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"),
)

ADMIN: Final = "admin"
"""The name of the socket for the admin port; a socket with any other name is the receiver's."""


@dataclass(frozen=True, slots=True)
class PassedSocket:
    """A socket that the service manager opened. ``name`` is its ``FileDescriptorName``."""

    name: str
    descriptor: int


@dataclass(frozen=True, slots=True)
class ServiceManager:
    """The service manager of this process, if it has one.

    It expects a sign of life every ``watchdog_s`` seconds, unless that is None.
    """

    notify_socket: str | None = None
    watchdog_s: float | None = None
    sockets: tuple[PassedSocket, ...] = ()

    @classmethod
    def taken_from(cls, environ: MutableMapping[str, str]) -> "ServiceManager":
        """Return what the variables say, and remove them: they are not for child processes."""
        given = {name: environ.pop(name) for name in _VARIABLES if name in environ}
        if not given:
            return cls()
        return cls(given.get("NOTIFY_SOCKET") or None, _watchdog_s(given), _sockets(given))

    def tell(self, *lines: str) -> None:
        """Send lines such as ``READY=1``. Does not wait for a manager that does not listen."""
        if self.notify_socket is None:
            return
        import socket

        address = self.notify_socket
        if address.startswith("@"):  # a name that is no file
            address = f"\0{address[1:]}"
        with (
            suppress(OSError),
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel,
        ):
            channel.setblocking(False)
            channel.sendto("\n".join(lines).encode(), address)

    def listener(self, *, admin: bool) -> "socket.socket | None":
        """Return the socket that it passed for the receiver or for the admin port, if there is one.

        Each call returns a duplicate, which the caller closes.

        Raises:
            ConfigurationError: it is no TCP socket that listens, or there are several.
        """
        found = [each for each in self.sockets if (each.name == ADMIN) is admin]
        if not found:
            return None
        if len(found) > 1:
            raise ConfigurationError(
                f"the service manager passed {len(found)} sockets for one port",
                next_step=f"pass one, and for the admin port one with FileDescriptorName={ADMIN}",
            )
        return _listening(found[0].descriptor)


def _watchdog_s(given: MutableMapping[str, str]) -> float | None:
    microseconds, pid = given.get("WATCHDOG_USEC", ""), given.get("WATCHDOG_PID", "")
    is_ours = not pid or pid == str(os.getpid())
    is_number = microseconds.isascii() and microseconds.isdigit() and len(microseconds) < 19
    return int(microseconds) / 1e6 if is_ours and is_number and int(microseconds) else None


def _sockets(given: MutableMapping[str, str]) -> tuple[PassedSocket, ...]:
    count = given.get("LISTEN_FDS", "")
    if given.get("LISTEN_PID") != str(os.getpid()) or not (count.isascii() and count.isdigit()):
        return ()
    names = given.get("LISTEN_FDNAMES", "").split(":")
    numbers = range(min(int(count[:4]), _MOST_DESCRIPTORS))
    passed = []
    for number in numbers:
        descriptor = _FIRST_DESCRIPTOR + number
        with suppress(OSError):  # of a descriptor that is not open
            os.set_inheritable(descriptor, False)
            passed.append(PassedSocket(names[number] if number < len(names) else "", descriptor))
    return tuple(passed)


def _listening(descriptor: int) -> "socket.socket":
    import socket

    try:
        listener = socket.socket(fileno=os.dup(descriptor))
        is_tcp = listener.family in (socket.AF_INET, socket.AF_INET6)
        listens = listener.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
    except OSError as error:
        raise _no_socket(descriptor, error.strerror) from error
    if not is_tcp or listener.type != socket.SOCK_STREAM or not listens:
        listener.close()
        raise _no_socket(descriptor, None)
    listener.setblocking(False)
    return listener


def _no_socket(descriptor: int, why: str | None) -> ConfigurationError:
    return ConfigurationError(
        f"the service manager passed no TCP socket that listens (descriptor {descriptor})",
        why=why,
        next_step="in the socket unit, set ListenStream= to a port or to an address with a port",
    )
