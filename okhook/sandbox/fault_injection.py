"""Spoil answers as the org was asked to. Everything else about a call stays as it is."""

import math
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import final

import anyio
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import Message, Send

from okhook.sandbox.activities import FaultInjected
from okhook.sandbox.injected_faults import Fault, FaultKind, FaultsLeft
from okhook.sandbox.rate_limit import Allowance
from okhook.sandbox.refusals import internal_error
from okhook.sandbox.surroundings import Surroundings

_LINK = re.compile(r'<([^>]*)>; rel="(self|next)"')


@final
class FaultInjection:
    """Injects ``faults``, and tells of each answer that is spoilt."""

    def __init__(self, faults: Sequence[Fault], around: Surroundings) -> None:
        self._left = FaultsLeft(faults)
        self._around = around

    def allowance(self, request: Request, allowance: Allowance) -> Allowance:
        """Return what is left for a call: nothing, where it is to be one too many."""
        fault = self.take(FaultKind.RATE_LIMIT, request)
        if fault is None:
            return allowance
        reset = math.ceil(self._around.now().timestamp() + fault.seconds)
        return replace(allowance, remaining=0, reset=reset, exceeded=True)

    def refuse(self, request: Request) -> None:
        """Refuse the call where the org is to fail.

        Raises:
            ApiRefusal: 500, before anything is carried out.

        """
        if self.take(FaultKind.SERVER_ERROR, request) is not None:
            raise internal_error("injected fault")

    def spoiling(self, request: Request, send: Send) -> Send:
        """Return the way back to the client, on which the answer is spoilt."""
        return _SpoiltAnswer(self, request, send).send

    def take(self, kind: FaultKind, request: Request) -> Fault | None:
        """Return a fault of a kind that is for this call, and tell that it is injected."""
        path = request.url.path
        fault = self._left.take(kind, request.method, path)
        if fault is not None:
            self._around.publish(
                FaultInjected(self._around.now(), kind.value, request.method, path)
            )
        return fault


@final
class _SpoiltAnswer:
    """An answer on its way. One that is cut ends without its end, so that the server closes."""

    def __init__(self, faults: FaultInjection, request: Request, send: Send) -> None:
        self._faults = faults
        self._request = request
        self._send = send
        self._is_cut = False

    async def send(self, message: Message) -> None:
        if self._is_cut:
            return
        if message["type"] == "http.response.start":
            await self._begin(message)
        elif len(message.get("body", b"")) > 1 and self._take(FaultKind.CUT):
            self._is_cut = True
            half = message["body"][: len(message["body"]) // 2]
            await self._send({**message, "body": half, "more_body": True})
        else:
            await self._send(message)

    async def _begin(self, message: Message) -> None:
        slow = self._take(FaultKind.SLOW)
        if slow is not None:
            await anyio.sleep(slow.seconds)
        headers = MutableHeaders(scope=message)
        links = dict(match[::-1] for match in _LINK.findall(", ".join(headers.getlist("link"))))
        if "next" in links and self._take(FaultKind.NEXT_LOOP):
            del headers["link"]
            for rel in links:
                headers.append("Link", f'<{links["self"]}>; rel="{rel}"')
        await self._send(message)

    def _take(self, kind: FaultKind) -> Fault | None:
        return self._faults.take(kind, self._request)
