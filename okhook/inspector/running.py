"""Run the inspector on a port of its own, on this machine alone."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from socket import socket

import anyio

from okhook.inspector.access import HOST, Access, Signer, inspector_key, link_to
from okhook.inspector.actions import Actions
from okhook.inspector.app import Inspector
from okhook.runtime.hub import ActivityHub
from okhook.runtime.run_files import InspectorRun
from okhook.runtime.server import serving
from okhook.runtime.shutdown import short_grace_s
from okhook.runtime.sockets import bound, listen, port_of

_PORTS_TRIED = 20
_HIGHEST_PORT = 65535


@asynccontextmanager
async def inspecting(port: int, actions: Actions, hub: ActivityHub) -> AsyncIterator[str]:
    """Serve the inspector, on the next free port; the block gets a URL that opens it once."""
    run_directory = actions.run_directory
    key = inspector_key(run_directory.state)
    listener, ending = _listening(port), anyio.Event()
    port = port_of(listener)
    signer = Signer(key, port)
    access = Access(signer, actions.now)
    inspector = Inspector(access, actions, ending, hub)
    with run_directory.own(InspectorRun.name(port)) as run_file:
        async with serving(inspector.app(), listener, lambda _: None, grace_s=short_grace_s):
            run_file.write(InspectorRun(port, str(actions.store)))
            try:
                yield link_to(signer, actions.now())
            finally:
                ending.set()


def _listening(port: int) -> socket:
    """Return a socket on ``port``, else on the next one that is free."""
    for each in range(port, min(port + _PORTS_TRIED, _HIGHEST_PORT)):
        with suppress(OSError):
            return bound(HOST, each)
    return listen(HOST, min(port + _PORTS_TRIED, _HIGHEST_PORT), flag="--inspector-port")
