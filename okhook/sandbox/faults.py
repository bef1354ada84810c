"""Faults that the org was asked for: it spoils answers, and carries out calls as it always does.

A fault is written ``KIND[=SECONDS][:COUNT][@[METHOD]PREFIX]``: ``429=3:2@/api/v1/logs`` spoils
the next two answers about the System Log, ``cut@POST/api/v1/users`` that to the next new user.
"""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final, final

import anyio
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import Message, Send

from okhook.activity import Activity
from okhook.sandbox.activities import FaultInjected
from okhook.sandbox.rate_limit import Allowance
from okhook.sandbox.refusals import internal_error

_FORM = "KIND[=SECONDS][:COUNT][@[METHOD]PREFIX]"
_PATTERN = re.compile(
    r"(?P<kind>[a-z0-9-]+)"
    r"(?:=(?P<seconds>[0-9]{1,4}(?:\.[0-9]{1,3})?))?"
    r"(?::(?P<count>[0-9]{1,6}))?"
    r"(?:@(?P<method>[A-Z]+)?(?P<prefix>/\S*))?"
)
_LINK = re.compile(r'<([^>]*)>; rel="(self|next)"')


class FaultKind(StrEnum):
    """The ways in which an answer is spoilt."""

    RATE_LIMIT = "429"
    """Refused as one call too many; the limit is reset SECONDS (3) after the answer's Date."""

    SERVER_ERROR = "500"
    """Refused, and nothing is carried out."""

    SLOW = "slow"
    """Carried out, and answered SECONDS (5) later."""

    CUT = "cut"
    """Carried out; the connection closes in the middle of the answer's body, if it has one."""

    NEXT_LOOP = "next-loop"
    """A list whose next page is the same page again; other answers are left alone."""


_DEFAULT_S: Final = {FaultKind.RATE_LIMIT: 3.0, FaultKind.SLOW: 5.0}


@dataclass(frozen=True, slots=True)
class Fault:
    """The next ``count`` answers for paths that begin with ``prefix`` are spoilt.

    ``method`` None is any; ``seconds`` counts for 429 and slow alone.
    """

    kind: FaultKind
    count: int = 1
    method: str | None = None
    prefix: str = "/"
    seconds: float = 0.0

    def is_for(self, request: Request) -> bool:
        """Tell whether the answer to a call may be spoilt."""
        return self.method in (None, request.method) and request.url.path.startswith(self.prefix)


def read_fault(text: str) -> Fault:
    """Read a fault as it is written.

    Raises:
        ValueError: it is not a fault; the message says why.
    """
    match = _PATTERN.fullmatch(text)
    if match is None:
        raise ValueError(f"must be {_FORM}")
    name, seconds, count = match["kind"], match["seconds"], match["count"]
    if name not in {kind.value for kind in FaultKind}:
        raise ValueError(f"there is no fault {name}; there are {', '.join(FaultKind)}")
    kind = FaultKind(name)
    default = _DEFAULT_S.get(kind)
    if seconds is not None and default is None:
        raise ValueError(f"{name} takes no seconds")
    return Fault(
        kind=kind,
        count=1 if count is None else int(count),
        method=match["method"],
        prefix=match["prefix"] or "/",
        seconds=float(seconds) if seconds is not None else default or 0.0,
    )


@final
class FaultInjection:
    """Injects ``faults``, each as often as it says, and publishes each answer that is spoilt."""

    def __init__(
        self,
        faults: Sequence[Fault],
        publish: Callable[[Activity], None],
        now: Callable[[], datetime],
    ) -> None:
        self._faults = tuple(faults)
        self._left = [fault.count for fault in faults]
        self._publish = publish
        self._now = now

    def allowance(self, request: Request, allowance: Allowance) -> Allowance:
        """Return what is left for a call: nothing, where it is to be one too many."""
        fault = self.take(FaultKind.RATE_LIMIT, request)
        if fault is None:
            return allowance
        reset = math.ceil(self._now().timestamp() + fault.seconds)
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
        """Return the first fault of a kind that is left for a call, and count and publish it."""
        for index, fault in enumerate(self._faults):
            if fault.kind is kind and self._left[index] and fault.is_for(request):
                self._left[index] -= 1
                path = request.url.path
                self._publish(FaultInjected(self._now(), kind.value, request.method, path))
                return fault
        return None


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
