"""Choose the URL for a canary, send it, and look for it in the store that the receiver writes."""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

import anyio
from anyio import to_thread

from okhook.config.setting import Setting
from okhook.config.store_location import StoreLocation
from okhook.errors import StoreFailed
from okhook.http.client import HttpClient
from okhook.http.errors import HttpError
from okhook.records.record import AuthOutcome, Record
from okhook.runtime.running_here import (
    FAULT,
    ControlSocket,
    LocalEndpoint,
    RunningHere,
    local_endpoint,
)
from okhook.secret import HookAuth
from okhook.store.open import open_reader
from okhook.wire.canary import new_canary
from okhook.wire.hook_call import CallAttempt

_LOOK_EVERY_S = 0.05
_PAGE = 200


@dataclass(frozen=True, slots=True)
class CanaryRoute:
    """A URL that leads to this machine, and why okhook thinks so.

    ``endpoint`` is where it ends on this machine, None if that is unknown.
    """

    url: str
    why: str
    endpoint: LocalEndpoint | None = None


def canary_route(
    running: RunningHere, named: Setting[str] | None, hook_url: str | None, port: int | None = None
) -> CanaryRoute | None:
    """Return the URL for a canary; None if nothing leads here.

    In this order: the URL of a tunnel, preferably one that leads to a running receiver; the URL
    from the settings (``named``); the hook's URL if it is on this machine, and at ``port`` unless
    that is None; the receiver's URL.
    """
    ports = {receiver.port for receiver in running.receivers}
    for tunnel in sorted(running.tunnels, key=lambda each: each.port not in ports):
        if tunnel.webhook_url is not None:
            end = LocalEndpoint(tunnel.port, tunnel.path)
            return CanaryRoute(tunnel.webhook_url, "the tunnel's webhook URL", end)
    if named is not None:
        return CanaryRoute(named.value, f"the URL from {named.origin}", local_endpoint(named.value))
    here = None if hook_url is None else local_endpoint(hook_url)
    if hook_url is not None and here is not None and port in (None, here.port):
        return CanaryRoute(hook_url, "the hook's URL, on this machine", here)
    for receiver in running.receivers:
        return CanaryRoute(receiver.url, "the receiver's own URL", local_endpoint(receiver.url))
    return None


@dataclass(frozen=True, slots=True)
class CanarySent:
    """What became of a canary: the answer to its POST, and its record in the store, if it arrived.

    ``elapsed_s`` is the time from the POST to the arrival, or to the end of the wait. With
    ``by_receiver`` the running receiver sent it, with its own secret.
    """

    url: str
    answered: CallAttempt
    record: Record | None
    elapsed_s: float
    by_receiver: bool = False

    @property
    def was_refused(self) -> bool:
        """Whether it reached a receiver that expects another secret."""
        return self.record is not None and self.record.auth is AuthOutcome.DID_NOT_MATCH


async def send_canary(
    url: str,
    http: HttpClient,
    store: StoreLocation,
    auth: HookAuth | None,
    *,
    by_receiver: ControlSocket | None,
    arrival_s: float,
    now: Callable[[], datetime],
) -> CanarySent:
    """Post one canary, and wait ``arrival_s`` for it in the store if the URL answers.

    With ``auth``, the caller must know that ``url`` leads to a receiver of this machine. A receiver
    with a control socket can be asked to post it, with its own secret.
    """
    canary = await new_canary(_PolledStore(store))
    began = time.monotonic()
    if by_receiver is None:
        answered = await canary.post(http, url, auth, now=now())
    else:
        async with HttpClient(unix_socket=by_receiver.unix_socket) as own:
            answered = await canary.post(own, url, None, now=now(), custom=by_receiver.headers)
        if answered.answer is not None and (fault := answered.answer.header(FAULT)) is not None:
            answered = CallAttempt(None, HttpError(url, fault))
    record = None if answered.answer is None else await canary.arrival(arrival_s)
    elapsed_s = time.monotonic() - began
    return CanarySent(url, answered, record, elapsed_s, by_receiver=by_receiver is not None)


class _PolledStore:
    """Polls a store that another process writes. A missing store counts as empty."""

    def __init__(self, where: StoreLocation) -> None:
        self._where = where

    async def last_seq(self) -> int:
        return await to_thread.run_sync(self._last_seq)

    async def first(self, after_seq: int, wanted: Callable[[Record], bool]) -> Record:
        while True:
            for record in await to_thread.run_sync(self._after, after_seq):
                if wanted(record):
                    return record
                after_seq = record.seq
            await anyio.sleep(_LOOK_EVERY_S)

    def _last_seq(self) -> int:
        with suppress(StoreFailed), open_reader(self._where) as reader:
            return reader.last_seq()
        return 0

    def _after(self, seq: int) -> list[Record]:
        with suppress(StoreFailed), open_reader(self._where) as reader:
            return [found.record for found in reader.after(seq, _PAGE)]
        return []
