"""Run the inspector on a port of its own, on this machine alone."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from socket import socket

import anyio

from okhook.config.settings import Settings
from okhook.errors import PortInUse
from okhook.inspector.access import Access, Signer, inspector_key, link_to
from okhook.inspector.actions import Actions
from okhook.inspector.app import Inspector
from okhook.runtime.run_files import InspectorRun, RunDirectory
from okhook.runtime.server import serving
from okhook.runtime.sockets import listen, port_of

HOST = "127.0.0.1"
"""The address of every inspector."""
_PORTS_TRIED = 20


@dataclass(frozen=True, slots=True)
class InspectorConfig:
    """The ``port`` to begin with: if it is in use, the inspector takes the next free one."""

    port: int = Settings.inspector_port.default


@asynccontextmanager
async def inspecting(
    config: InspectorConfig, actions: Actions, run_directory: RunDirectory
) -> AsyncIterator[str]:
    """Serve the inspector during the block, which gets a URL that opens it once.

    Raises:
        PortInUse: the port and those after it are in use.
    """
    listener = _listening(config.port)
    port, ending = port_of(listener), anyio.Event()
    signer = Signer(inspector_key(run_directory.state), port)
    access = Access(signer, actions.now)
    inspector = Inspector(access, actions, ending)
    with run_directory.own(InspectorRun.name(port)) as run_file:
        async with serving(inspector.app(), listener, lambda _: None):
            run_file.write(InspectorRun(port))
            try:
                yield link_to(HOST, signer, actions.now())
            finally:
                ending.set()


def _listening(port: int) -> socket:
    tried = [port] if port == 0 else range(port, min(port + _PORTS_TRIED, 65536))
    for each in tried:
        try:
            return listen(HOST, each, flag="--inspector-port")
        except PortInUse as error:
            busy = error
    raise busy
