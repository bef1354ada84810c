"""Bind listening sockets, with good errors."""

import errno
import os
import select
import socket
from contextlib import suppress

from okhook.errors import InvalidInput, PortInUse
from okhook.runtime.run_files import RunDirectory
from okhook.runtime.running_here import programs_here

OUT_OF_DESCRIPTORS = (errno.EMFILE, errno.ENFILE)


def listen(
    host: str, port: int, *, flag: str = "--port", runs: RunDirectory | None = None
) -> socket.socket:
    """Return a socket that listens on ``host``:``port`` (0 lets the system choose).

    Raises:
        PortInUse: another process listens there. The error names it if possible, and the command
            that stops it if it is an okhook of ``runs``.
        InvalidInput: the host is not an address of this machine, or the port needs privileges.
    """
    try:
        return bound(host, port)
    except OSError as error:
        raise _bind_fault(host, port, flag, runs, error) from error


def bound(host: str, port: int) -> socket.socket:
    """Return a socket that listens on ``host``:``port``, or raise ``OSError``."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Given the protocol, asyncio sets TCP_NODELAY. Without it, Nagle's algorithm delays the body
    # of an answer by 40 ms.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(1024)
    except OSError:
        listener.close()
        raise
    except (TypeError, UnicodeError):
        listener.close()
        raise OSError(errno.EINVAL, "it is not a valid host name") from None
    listener.setblocking(False)
    return listener


def refuse_more(listener: socket.socket) -> None:
    """Let the system take no more connections than those that it has accepted already.

    Those would be reset when the socket is closed: accept them first.
    """
    with suppress(OSError):
        listener.listen(0)


def has_waiting(listener: socket.socket) -> bool:
    """Return whether a connection waits to be accepted."""
    poll = select.poll()
    poll.register(listener, select.POLLIN)
    return bool(poll.poll(0))


def port_of(listener: socket.socket) -> int:
    """Return the port of ``listener``."""
    return int(listener.getsockname()[1])


EVERY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared with, not bound to
"""The hosts that stand for every address of this machine, and the loopback address of each."""


def url_of(listener: socket.socket, path: str = "") -> str:
    """Return the http URL of ``path`` on ``listener``, for programs on this machine."""
    host, port = listener.getsockname()[:2]
    return local_url(host, port, path)


def local_url(host: str, port: int, path: str = "") -> str:
    """Return the http URL of ``path`` on a host to listen on, for programs on this machine."""
    host = EVERY_ADDRESS.get(host, host)
    return f"http://[{host}]:{port}{path}" if ":" in host else f"http://{host}:{port}{path}"


def has_descriptors() -> bool:
    """Return whether this process can open another file or connection."""
    try:
        os.close(os.open(os.devnull, os.O_RDONLY))
    except OSError as error:
        return error.errno not in OUT_OF_DESCRIPTORS
    return True


def how_to_free(port: int, flag: str, runs: RunDirectory | None) -> str:
    """Return the next step for a port that is in use."""
    users = (each for each in programs_here(runs) if each.uses(port)) if runs else ()
    names = (each.names[-1] for each in users if each.is_running and each.pid != os.getpid())
    stop = next(names, None)
    return f"stop it{f': `okhook down {stop}`' if stop else ''}, or choose another port with {flag}"


def _bind_fault(
    host: str, port: int, flag: str, runs: RunDirectory | None, error: OSError
) -> Exception:
    if error.errno == errno.EADDRINUSE:
        holder = _holder_of(port)
        return PortInUse(
            f"port {port} on {host} is in use" + (f" by {holder}" if holder else ""),
            next_step=how_to_free(port, flag, runs),
        )
    if error.errno == errno.EACCES:
        return InvalidInput(
            f"no permission to listen on port {port}",
            next_step=f"choose a port above 1023 with {flag}",
        )
    return InvalidInput(
        f"could not listen on {host}:{port}",
        why=error.strerror or str(error),
        next_step=f"pass {flag} with an address of this machine"
        if flag == "--admin"
        else "set --host to an address of this machine, without a port",
    )


def _holder_of(port: int) -> str | None:
    import psutil

    try:
        for connection in psutil.net_connections(kind="tcp"):
            address = connection.laddr
            listening = connection.status == psutil.CONN_LISTEN and address and address[1] == port
            if listening and connection.pid is not None:
                name = psutil.Process(connection.pid).name()
                return f"{name} (process {connection.pid})"
    except psutil.Error:
        return None
    return None
