"""Prove the path: a canary posted to the webhook URL must arrive in the local store.

A verified hook proves less. Hookdeck answers Okta's challenge in its own cloud, so the session, the
path, the receiver and the secret may all be wrong behind it.
"""

from collections.abc import Callable
from datetime import datetime
from itertools import chain, repeat

import anyio

from okhook.errors import OkhookError, TunnelFailed, Unavailable
from okhook.http.client import HttpClient
from okhook.secret import HookAuth
from okhook.up.arrivals import Arrivals
from okhook.wire.canary_proof import new_canary, was_refused
from okhook.wire.hook_call import CallAttempt


async def prove_path(
    webhook_url: str,
    http: HttpClient,
    arrivals: Arrivals,
    auth: HookAuth | None,
    *,
    timeout_s: float,
    now: Callable[[], datetime],
) -> float:
    """Post canaries to ``webhook_url`` until one is in the store; return how long the last took.

    Raises:
        TunnelFailed: they were accepted, and none arrived here.
        Unavailable: the URL itself does not accept them.
    """
    canary = await new_canary(arrivals)
    last: CallAttempt | None = None
    with anyio.move_on_after(timeout_s):
        # Hookdeck drops a canary that comes before its CLI listens, and never sends it again.
        for within_s in chain((0.5, 1.0), repeat(2.0)):
            began = anyio.current_time()
            last = await canary.post(http, webhook_url, auth, now=now())
            record = await canary.arrival(within_s)
            if record is None:
                continue
            if was_refused(record):
                break
            return anyio.current_time() - began
    raise _not_proved(webhook_url, last, timeout_s)


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
