"""Prove the path: a canary posted to the webhook URL must arrive in the local store.

A verified hook proves less. Hookdeck answers Okta's challenge in its own cloud, so the session, the
path, the receiver and the secret may all be wrong behind it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import final

import anyio

from okhook.errors import OkhookError, TunnelFailed, Unavailable
from okhook.http.client import HttpClient
from okhook.records.record import Record, RecordKind
from okhook.runtime.ids import new_uuid
from okhook.secret import HookAuth
from okhook.up.arrivals import Arrivals
from okhook.wire.canary import canary_body
from okhook.wire.delivery import parse_delivery
from okhook.wire.hook_call import CallAttempt, deliver, delivery_headers

_AGAIN_AFTER_S = (0.5, 1.0, 2.0)
"""A canary that came before anybody listened is not sent again by Hookdeck, so we send another."""


@dataclass(frozen=True, slots=True)
class ProvedPath:
    """The path works; ``elapsed_s`` lay between the last canary's POST and its arrival."""

    elapsed_s: float


@final
class PathProof:
    """Sends canaries and waits for one among the arrivals in the store."""

    def __init__(
        self,
        http: HttpClient,
        arrivals: Arrivals,
        auth: HookAuth | None,
        *,
        now: Callable[[], datetime],
        clock: Callable[[], float] = anyio.current_time,
    ) -> None:
        self._http = http
        self._arrivals = arrivals
        self._auth = auth
        self._now = now
        self._clock = clock

    async def prove(self, webhook_url: str, *, timeout_s: float) -> ProvedPath:
        """Post canaries to ``webhook_url`` until one is in the store.

        Raises:
            TunnelFailed: they were accepted, and none arrived here.
            Unavailable: the URL itself does not accept them.

        """
        event_id = new_uuid()
        last: CallAttempt | None = None
        since = await self._arrivals.last_seq()
        with anyio.move_on_after(timeout_s):
            for sent in count():
                began = self._clock()
                last = await self._send(webhook_url, event_id)
                with anyio.move_on_after(_AGAIN_AFTER_S[min(sent, len(_AGAIN_AFTER_S) - 1)]):
                    await self._arrivals.first(since, lambda record: _is_canary(record, event_id))
                    return ProvedPath(self._clock() - began)
        raise _not_proved(webhook_url, last, timeout_s)

    async def _send(self, url: str, event_id: str) -> CallAttempt:
        body = canary_body(event_id=event_id, event_uuid=new_uuid(), moment=self._now())
        call = await deliver(self._http, url, delivery_headers(event_id, self._auth), body)
        return call.last


def _is_canary(record: Record, event_id: str) -> bool:
    return (
        record.kind is RecordKind.CANARY
        and parse_delivery(record.request.body).event_id == event_id
    )


def _not_proved(url: str, last: CallAttempt | None, timeout_s: float) -> OkhookError:
    if last is None or last.answer is None:
        reason = last.error.reason if last and last.error else "no answer"
        return Unavailable(
            f"the webhook URL {url} cannot be reached",
            why=reason,
            next_step="check the tunnel, or the URL given with --public-url",
        )
    if not last.answer.is_success:
        return Unavailable(
            f"the webhook URL {url} does not accept deliveries",
            why=f"it answered a canary with HTTP {last.answer.status}",
            next_step="see that it leads to this receiver, with its path and its secret",
        )
    return TunnelFailed(
        f"a canary was accepted at {url}, but did not arrive here within {timeout_s:g} s",
        why="the URL answers, and what it accepts does not reach this receiver",
        next_step="see that nobody else listens on the same source, and look at its dashboard",
    )
