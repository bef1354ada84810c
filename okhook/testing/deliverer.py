"""Deliver to a receiver as Okta does, from sync and from async tests."""

from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any, Self, TypeVar, Unpack, overload

from anyio.from_thread import BlockingPortal, start_blocking_portal

from okhook.testing.arguments import CallOptions
from okhook.testing.lifespan import Lifespans
from okhook.testing.results import DeliveryResult, VerificationResult
from okhook.testing.sending import Sending, a_delivery, a_verification, send, send_inline

Delivery = Mapping[str, Any] | bytes
"""What ``okhook.testing.delivery`` returns, another JSON object, or the bytes of a body."""

R = TypeVar("R", bound=DeliveryResult)


class Deliverer:
    """Sends deliveries as Okta does: its headers, its timeout of 3 s, its one retry.

    ::

        with Deliverer() as deliver:
            seen = deliver(app, delivery("user.lifecycle.create"), secret="s3cret")
        assert seen.delivered

    Without the ``with``, a call starts and stops the application.
    A target is a URL, or the application object itself, which needs no server: ASGI (FastAPI,
    Starlette, Django) or WSGI (Flask, Django). An ASGI application runs in an event loop of its
    own, with its lifespan, from its first delivery to the end of the block. A WSGI application runs
    in the thread of the test, unless deliveries are concurrent. Nothing can interrupt it there: if
    it is late, Okta's retry comes when it has returned.
    """

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._is_entered = False
        self._portal: BlockingPortal | None = None
        self._lifespans = Lifespans()

    def __enter__(self) -> Self:
        self._is_entered = True
        return self

    def __exit__(self, *fault: object) -> None:
        portal, self._portal, self._is_entered = self._portal, None, False
        with self._stack:
            if portal is not None:
                portal.call(self._lifespans.stop)

    @overload
    def __call__(
        self,
        target: object,
        delivery: Delivery,
        path: str | None = ...,
        *,
        concurrent: int = ...,
        **how: Unpack[CallOptions],
    ) -> DeliveryResult: ...

    @overload
    def __call__(
        self,
        target: object,
        delivery: Delivery,
        path: str | None = ...,
        *,
        times: int,
        concurrent: int = ...,
        **how: Unpack[CallOptions],
    ) -> list[DeliveryResult]: ...

    def __call__(
        self,
        target: object,
        delivery: Delivery,
        path: str | None = None,
        *,
        times: int | None = None,
        concurrent: int = 1,
        **how: Unpack[CallOptions],
    ) -> DeliveryResult | list[DeliveryResult]:
        """Deliver to ``target``, and return what Okta saw.

        ``path`` is that of the hook (``/hook``), for an application object or a URL without one.
        ``times`` sends the same delivery that many times, up to ``concurrent`` at once, and returns
        a list of results. ``how`` are ``secret`` (the whole value of the header ``Authorization``,
        or of ``secret_header``), more ``headers``, and ``timeout`` in seconds.

        An exception of an application object is a 500, as on a server; the result has it as
        ``exception`` and ``traceback``. Raises ``TypeError`` or ``ValueError`` for an argument, and
        ``LifespanFailed``.
        """
        results = self._sent(
            a_delivery(target, delivery, path, how), 1 if times is None else times, concurrent
        )
        return results[0] if times is None else results

    def verify(
        self, target: object, path: str | None = None, **how: Unpack[CallOptions]
    ) -> VerificationResult:
        """Send the verification challenge to ``target``, and return what Okta saw."""
        return self._sent(a_verification(target, path, how), 1, 1)[0]

    def _sent(self, sending: Sending[R], times: int, concurrent: int) -> list[R]:
        if sending.target.wsgi is not None:
            return send_inline(sending, sending.target.wsgi, times, concurrent)
        if not self._is_entered:
            with Deliverer() as once:
                return once._sent(sending, times, concurrent)
        if self._portal is None:
            self._portal = self._stack.enter_context(start_blocking_portal())
        return self._portal.call(send, sending, times, concurrent, self._lifespans)


class AsyncDeliverer:
    """The async twin of :class:`Deliverer`, for asyncio: it runs in the event loop of the test.

    So an application object can share with the test what belongs to that loop::

        async with AsyncDeliverer() as deliver:
            seen = await deliver(app, delivery())

    URLs and WSGI applications work on trio, too.
    """

    def __init__(self) -> None:
        self._lifespans = Lifespans()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *fault: object) -> None:
        await self._lifespans.stop()

    @overload
    async def __call__(
        self,
        target: object,
        delivery: Delivery,
        path: str | None = ...,
        *,
        concurrent: int = ...,
        **how: Unpack[CallOptions],
    ) -> DeliveryResult: ...

    @overload
    async def __call__(
        self,
        target: object,
        delivery: Delivery,
        path: str | None = ...,
        *,
        times: int,
        concurrent: int = ...,
        **how: Unpack[CallOptions],
    ) -> list[DeliveryResult]: ...

    async def __call__(
        self,
        target: object,
        delivery: Delivery,
        path: str | None = None,
        *,
        times: int | None = None,
        concurrent: int = 1,
        **how: Unpack[CallOptions],
    ) -> DeliveryResult | list[DeliveryResult]:
        """Deliver as :class:`Deliverer` does; a WSGI application runs in a thread."""
        sending = a_delivery(target, delivery, path, how)
        results = await send(sending, 1 if times is None else times, concurrent, self._lifespans)
        return results[0] if times is None else results

    async def verify(
        self, target: object, path: str | None = None, **how: Unpack[CallOptions]
    ) -> VerificationResult:
        """Send the verification challenge to ``target``, and return what Okta saw."""
        return (await send(a_verification(target, path, how), 1, 1, self._lifespans))[0]

    def end(self) -> None:
        """End without ``async with``, when the event loop of the test no longer runs."""
        self._lifespans.stop_from_outside()
