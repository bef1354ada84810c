"""Prove a path: a canary posted to its URL must arrive in the local store.

A verified hook proves less: Hookdeck answers Okta's verification challenge in its cloud, so the
tunnel, the path and the secret may all be wrong.
"""

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from itertools import chain, repeat

import anyio

from okhook.errors import OkhookError, TunnelFailed, Unavailable
from okhook.http.client import HttpClient
from okhook.records.record import AuthOutcome, Record
from okhook.runtime.hub import ActivityHub
from okhook.runtime.ids import utc_now
from okhook.secret import HookAuth
from okhook.store.contract import Store
from okhook.wire.canary import new_canary
from okhook.wire.hook_call import GONE_BECAUSE, CallAttempt

_PAGE = 100


@dataclass(frozen=True, slots=True)
class Arrivals:
    """The records of ``store``, as ``hub`` announces them."""

    store: Store
    hub: ActivityHub

    async def last_seq(self) -> int:
        """Return the newest record's ``seq``."""
        return await self.store.last_seq()

    async def first(self, after_seq: int, wanted: Callable[[Record], bool]) -> Record:
        """Wait for the first record after ``after_seq`` that is wanted, and return it."""
        with self.hub.subscribe() as published:
            while True:
                while records := await self.store.after(after_seq, _PAGE):
                    for record in records:
                        if wanted(record):
                            return record
                    after_seq = records[-1].seq
                if not await published.batch():
                    await anyio.sleep_forever()


async def prove_path(
    webhook_url: str,
    http: HttpClient,
    arrivals: Arrivals,
    auth: HookAuth | None,
    *,
    timeout_s: float,
) -> float:
    """Post canaries to ``webhook_url`` until one is in the store; return how long that one took.

    Raises:
        TunnelFailed: the URL accepted the canaries, but none arrived.
        Unavailable: the URL did not accept them.
    """
    canary = await new_canary(arrivals)
    last: CallAttempt | None = None
    with anyio.move_on_after(timeout_s):
        # Hookdeck drops a canary that it receives before its CLI listens.
        for within_s in chain((0.5, 1.0, 2.0, 2.0), repeat(5.0)):
            began = anyio.current_time()
            last = await canary.post(http, webhook_url, auth, now=utc_now())
            if last.answer is not None and last.answer.status == HTTPStatus.GONE:
                break
            record = await canary.arrival(within_s)
            if record is None:
                continue
            if record.auth is AuthOutcome.DID_NOT_MATCH:
                break
            return anyio.current_time() - began
    raise _not_proved(webhook_url, last, timeout_s)


def _not_proved(url: str, last: CallAttempt | None, timeout_s: float) -> OkhookError:
    if last is None or last.answer is None:
        return Unavailable(
            f"could not reach the webhook URL {url}",
            why=last.error.reason if last and last.error else "no answer",
            next_step="check the tunnel, or the value of --public-url",
        )
    if last.answer.status == HTTPStatus.GONE:
        return TunnelFailed(
            f"the webhook URL {url} is gone",
            why=f"it returned HTTP 410: {GONE_BECAUSE}",
            next_step="run hookdeck login for a permanent URL, or use another source with"
            " --source; then run okhook up again",
        )
    if not last.answer.is_success:
        return Unavailable(
            f"the webhook URL {url} does not accept deliveries",
            why=f"it returned HTTP {last.answer.status}",
            next_step="make sure that it points to this receiver, with the same path and secret",
        )
    return TunnelFailed(
        f"a canary was accepted at {url}, but did not arrive at this receiver within {timeout_s:g}"
        " s",
        why="requests to this URL do not reach this receiver",
        next_step="make sure that no other listener uses the same Hookdeck source,"
        " and check the source in Hookdeck's dashboard",
    )
