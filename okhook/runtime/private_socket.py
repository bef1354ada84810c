"""A Unix socket for this user alone: by the rights of its directory, and the uid of a peer."""

import os
import socket
import struct
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path

_LONGEST_PATH_BYTES = 103
"""macOS has room for 104 bytes with the final zero, Linux for 108."""

_SHORT_DIRECTORY = "/tmp"  # noqa: S108 - mkdtemp makes a directory in it that is nobody else's

_LOCAL_PEERCRED = 1
_XUCRED_BYTES = 76
"""macOS: the option that returns a ``struct xucred``, and the size of that."""


@contextmanager
def private_socket(path: Path) -> Iterator[tuple[socket.socket, Path]]:
    """Listen at ``path``, or in a directory of its own in /tmp; yield the socket and its path.

    The directory of ``path`` becomes this user's alone. ``OSError`` means that none can be made.
    """
    with ExitStack() as stack:
        try:
            bound = stack.enter_context(_listening(path))
        except OSError:
            directory = stack.enter_context(
                tempfile.TemporaryDirectory(prefix="okhook-", dir=_SHORT_DIRECTORY)
            )
            path = Path(directory) / path.name
            bound = stack.enter_context(_listening(path))
        yield bound, path


def remove_left_over(path: Path) -> None:
    """Remove the socket of a killed process, and the directory that was made for it."""
    with suppress(OSError):
        path.unlink(missing_ok=True)
        if path.parent.parent == Path(_SHORT_DIRECTORY):
            path.parent.rmdir()


def is_own_user(connection: socket.socket) -> bool:
    """Return whether a process of this user is at the other end."""
    if sys.platform == "linux":
        credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
        _, uid, _ = struct.unpack("3i", credentials)
    else:
        credentials = connection.getsockopt(0, _LOCAL_PEERCRED, _XUCRED_BYTES)
        _, uid = struct.unpack_from("Ii", credentials)
    return bool(uid == os.geteuid())


@contextmanager
def _listening(path: Path) -> Iterator[socket.socket]:
    if len(os.fsencode(path)) > _LONGEST_PATH_BYTES:
        raise OSError(f"the path is longer than {_LONGEST_PATH_BYTES} bytes")
    path.parent.chmod(0o700)
    path.unlink(missing_ok=True)
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)) as listener:
        listener.bind(str(path))
        try:
            path.chmod(0o600)
            listener.listen(128)
            listener.setblocking(False)
            yield listener
        finally:
            with suppress(OSError):
                path.unlink(missing_ok=True)
