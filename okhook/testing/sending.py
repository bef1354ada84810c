"""Deliver to a target as Okta does, in an event loop or, for a WSGI application, without one."""

from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeVar

import anyio

from okhook.http.client import HttpClient
from okhook.runtime.ids import new_uuid
from okhook.testing.arguments import (
    CallOptions,
    Target,
    check_count,
    delivery_body,
    read_options,
    read_target,
)
from okhook.testing.asgi import run_asgi
from okhook.testing.exchange import AppCalls, Exchange
from okhook.testing.lifespan import Lifespans
from okhook.testing.results import DeliveryResult, VerificationResult, attempts_of
from okhook.testing.wsgi import InlineCalls, WsgiApp, run_wsgi
from okhook.wire.hook_call import (
    Client,
    HookCall,
    deliver,
    delivery_headers,
    verification_headers,
    verify,
)

R = TypeVar("R", bound=DeliveryResult)


@dataclass(frozen=True, slots=True)
class Sending(Generic[R]):
    """What to send to a target: its call, and what becomes of the call's attempts."""

    target: Target
    timeout_s: float
    call: Callable[[Client], Coroutine[Any, Any, HookCall]]
    result: Callable[[HookCall, Sequence[Exchange]], R]


def a_delivery(
    target: object, delivery: object, path: str | None, how: CallOptions
) -> Sending[DeliveryResult]:
    """Return a delivery; each time that it is sent has its own request id."""
    to, body, (auth, custom, timeout_s) = (
        read_target(target, path),
        delivery_body(delivery),
        read_options(**how),
    )

    async def call(client: Client) -> HookCall:
        headers = delivery_headers(new_uuid(), auth, custom)
        return await deliver(client, to.url, headers, body, timeout_s=timeout_s)

    def result(done: HookCall, seen: Sequence[Exchange]) -> DeliveryResult:
        return DeliveryResult(attempts_of(done, seen))

    return Sending(to, timeout_s, call, result)


def a_verification(
    target: object, path: str | None, how: CallOptions
) -> Sending[VerificationResult]:
    """Return a verification challenge."""
    to, (auth, custom, timeout_s) = read_target(target, path), read_options(**how)
    challenge = new_uuid()

    async def call(client: Client) -> HookCall:
        headers = verification_headers(challenge, new_uuid(), auth, custom)
        return await verify(client, to.url, headers, timeout_s=timeout_s)

    def result(done: HookCall, seen: Sequence[Exchange]) -> VerificationResult:
        return VerificationResult(attempts_of(done, seen), challenge)

    return Sending(to, timeout_s, call, result)


async def send(sending: Sending[R], times: int, concurrent: int, lifespans: Lifespans) -> list[R]:
    """Send it ``times`` times, up to ``concurrent`` at once."""
    _check(times, concurrent)
    app = sending.target.asgi
    state = {} if app is None else await lifespans.state_of(app)
    done: list[tuple[HookCall, Sequence[Exchange]]] = []
    left = iter(range(times))
    async with clients(sending.target, state, sending.timeout_s, concurrent) as new_client:

        async def send_in_turn() -> None:
            for _ in left:
                client = new_client()
                call = await sending.call(client)
                done.append((call, client.exchanges if isinstance(client, AppCalls) else ()))

        async with anyio.create_task_group() as tasks:
            for _ in range(min(times, concurrent)):
                tasks.start_soon(send_in_turn)
    return [sending.result(call, exchanges) for call, exchanges in done]


def send_inline(sending: Sending[R], app: WsgiApp, times: int, concurrent: int) -> list[R]:
    """Send it without an event loop: in this thread, or in ``concurrent`` threads."""
    _check(times, concurrent)

    def sent(_: int) -> R:
        client = InlineCalls(app)
        return sending.result(_done(sending.call(client)), client.exchanges)

    if concurrent == 1:
        return [sent(number) for number in range(times)]
    with ThreadPoolExecutor(concurrent) as threads:
        return list(threads.map(sent, range(times)))


def _check(times: int, concurrent: int) -> None:
    check_count("times", times)
    check_count("concurrent", concurrent)


def _done(call: Coroutine[Any, Any, HookCall]) -> HookCall:
    """Return the result of a coroutine that never waits."""
    try:
        call.send(None)
    except StopIteration as done:
        result: HookCall = done.value
        return result
    raise AssertionError("the call waits")


@asynccontextmanager
async def clients(
    target: Target, state: dict[str, Any], timeout_s: float, concurrent: int
) -> AsyncIterator[Callable[[], HttpClient | AppCalls]]:
    """Give a function that returns a client; the one of an app has its exchanges.

    At the end, an app that still runs has as much time again as Okta gives it. Then it is
    cancelled.
    """
    if target.asgi is not None:
        run = partial(run_asgi, target.asgi, state)
    elif target.wsgi is not None:
        # A call may need two threads: one for an answer that is too late, and one for the retry.
        run = partial(run_wsgi, target.wsgi, anyio.CapacityLimiter(2 * concurrent))
    else:
        async with HttpClient(timeout_s=timeout_s, max_connections=concurrent) as client:
            yield lambda: client
        return
    made: list[AppCalls] = []
    async with anyio.create_task_group() as tasks:

        def new_client() -> AppCalls:
            made.append(AppCalls(run, tasks))
            return made[-1]

        yield new_client
        with anyio.move_on_after(timeout_s):
            for exchange in (each for calls in made for each in calls.exchanges):
                await exchange.ended.wait()
        tasks.cancel_scope.cancel()
