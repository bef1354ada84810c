"""Whether okhook can work: it can write to its store, and knows which process forwards."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import anyio

from okhook.errors import StoreEnded, StoreFailed
from okhook.runtime.counters import ServiceCounters
from okhook.store.contract import Store
from okhook.text import plain
from okhook.wire.url import split_url

STORE_WITHIN_S = 0.8
"""How long a store may take to commit. A probe of Kubernetes waits one second by default."""

_REASON_LIMIT = 200


@dataclass(frozen=True, slots=True)
class Work:
    """What a receiver works with: its store, and the URLs that it forwards to, in their order.

    ``since_seq`` is the newest record of the time when it began.
    """

    store: Store
    since_seq: int = 0
    targets: Sequence[str] = ()
    duplicates: bool = True


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether okhook is ready, and a sentence on each part of it."""

    ready: bool
    lines: tuple[str, ...]


class Health:
    """Knows whether this process works, for the admin port and the service manager.

    ``work`` is None while there is no store to receive into: at the start, at the end, and while
    its disk is full. Then ``why_not`` says which. ``awaited`` returns what else is missing.
    """

    def __init__(
        self, counters: ServiceCounters, awaited: Callable[[], str | None] = lambda: None
    ) -> None:
        self.counters = counters
        self._awaited = awaited
        self.work: Work | None = None
        self.why_not = "okhook is starting"

    @contextmanager
    def working(self, work: Work) -> Iterator[None]:
        """Have a store during the block."""
        self.work = work
        try:
            yield
        finally:
            self.work, self.why_not = None, "okhook is stopping"

    async def store_fault(self) -> str | None:
        """Write to the store; return why that failed, without any path, or None."""
        work = self.work
        if work is None:
            return self.why_not
        with anyio.move_on_after(STORE_WITHIN_S):
            try:
                await work.store.check_writable()
            except StoreFailed as error:
                return f"the store cannot be written: {_reason(error)}"
            return None
        return f"the store did not commit within {STORE_WITHIN_S:g} s"

    async def responds(self, *, within_s: float) -> bool:
        """Return whether the store answers, well or badly. One that hangs or has ended does not."""
        work = self.work
        if work is None:
            return True
        with anyio.move_on_after(within_s):
            try:
                await work.store.check_writable()
            except StoreEnded:
                return False
            except StoreFailed:
                return True
            return True
        return False

    async def readiness(self) -> Readiness:
        """Look at each part."""
        fault = await self.store_fault()
        lines = [f"store: {fault or 'records can be stored'}"]
        targets = () if self.work is None else self.work.targets
        held = [self._held(url, last=fault is not None) for url in targets]
        # What was known of a lease may have changed since the store stopped answering.
        words = _FORWARDED if fault is None else _LAST_FORWARDED
        for number, (url, holds) in enumerate(zip(targets, held, strict=True), 1):
            lines.append(f"target {number}, {origin_of(url)}: {words[holds]}")
        awaited = self._awaited()
        if awaited is not None:
            lines.append(awaited)
        ready = fault is None and awaited is None and None not in held
        return Readiness(ready, tuple(lines))

    def _held(self, url: str, *, last: bool) -> bool | None:
        """Return whether this process forwards; None if that is not known, or not any more.

        With ``last``, what was known last is enough.
        """
        lease = self.counters.leases.get(url)
        if lease is None or (lease.held and not last and not lease.is_sure()):
            return None
        return lease.held


_FORWARDED = {
    True: "this process forwards",
    False: "another process forwards",
    None: "it is not known yet which process forwards",
}
_LAST_FORWARDED = _FORWARDED | {
    True: "this process forwarded when the store last worked",
    False: "another process forwarded when the store last worked",
}


def origin_of(url: str) -> str:
    """Return the scheme, host and port of a URL: its path or query may be a credential."""
    scheme, hosts, _ = split_url(url)
    return plain(f"{scheme}://{hosts.rpartition('@')[2]}", limit=_REASON_LIMIT)


def _reason(error: StoreFailed) -> str:
    return plain(error.why or "see the log", limit=_REASON_LIMIT)
