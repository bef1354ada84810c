"""Rate limits as in Okta, and faults that a user injects into the org's answers.

A fault is written ``KIND[=SECONDS][:COUNT][@[METHOD]PREFIX]``: ``429=3:2@/api/v1/logs`` spoils
the next two answers about the System Log, ``cut@POST/api/v1/users`` that to the next new user.
"""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import InitVar, dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

import anyio
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import Message, Send

from okhook.activity import Activity
from okhook.sandbox.activities import FaultInjected
from okhook.sandbox.refusals import internal_error

_WINDOW_S: Final = 60


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left of an endpoint's limit. ``reset`` is in seconds since the epoch."""

    limit: int
    remaining: int
    reset: int
    exceeded: bool

    def headers(self) -> list[tuple[str, str]]:
        """Return the headers for an answer."""
        return [
            ("X-Rate-Limit-Limit", str(self.limit)),
            ("X-Rate-Limit-Remaining", str(self.remaining)),
            ("X-Rate-Limit-Reset", str(self.reset)),
        ]


@dataclass
class RateMeter:
    """Counts calls by endpoint: each accepts ``limit`` in a minute.

    The minutes begin at the same time for all.
    """

    limit: int
    _window: int = -1
    _used: dict[str, int] = field(default_factory=dict)

    def count(self, endpoint: str, now: datetime) -> Allowance:
        """Count a call of ``endpoint`` and return its allowance."""
        window = int(now.timestamp()) // _WINDOW_S
        if window != self._window:
            self._window = window
            self._used.clear()
        self._used[endpoint] = used = self._used.get(endpoint, 0) + 1
        return Allowance(
            limit=self.limit,
            remaining=max(0, self.limit - used),
            reset=(window + 1) * _WINDOW_S,
            exceeded=used > self.limit,
        )

    def clear(self) -> None:
        """Forget the calls so far."""
        self._used.clear()


_PATTERN = re.compile(
    r"(?P<kind>[a-z0-9-]+)"
    r"(?:=(?P<seconds>[0-9]{1,4}(?:\.[0-9]{1,3})?))?"
    r"(?::(?P<count>[0-9]{1,6}))?"
    r"(?:@(?P<method>[A-Z]+)?(?P<prefix>/\S*))?"
)
_LINK = re.compile(r'<([^>]*)>; rel="(self|next)"')


class FaultKind(StrEnum):
    """How an answer is spoilt. Only the first two keep the call from taking effect."""

    RATE_LIMIT = "429"
    """The call exceeds a rate limit, which is reset SECONDS (3) after the answer's Date."""

    SERVER_ERROR = "500"

    SLOW = "slow"
    """The answer is SECONDS (5) late."""

    CUT = "cut"
    """The connection closes in the middle of the answer's body, if it has one."""

    NEXT_LOOP = "next-loop"
    """The next page of a list is the same page."""


_DEFAULT_S: Final = {FaultKind.RATE_LIMIT: 3.0, FaultKind.SLOW: 5.0}


@dataclass(frozen=True, slots=True)
class Fault:
    """Spoils the next ``count`` answers to ``method`` (None: any) for paths with a ``prefix``."""

    kind: FaultKind
    count: int = 1
    method: str | None = None
    prefix: str = "/"
    seconds: float = 0.0


def read_fault(text: str) -> Fault:
    """Parse a fault; raise ``ValueError`` with the reason if it is invalid."""
    match = _PATTERN.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r}: expected KIND[=SECONDS][:COUNT][@[METHOD]PREFIX]")
    name, seconds = match["kind"], match["seconds"]
    if name not in {kind.value for kind in FaultKind}:
        raise ValueError(f"{text!r}: expected the kind {', '.join(FaultKind)}")
    kind = FaultKind(name)
    default = _DEFAULT_S.get(kind)
    if seconds is not None and default is None:
        raise ValueError(f"{text!r}: {name} takes no seconds")
    return Fault(
        kind=kind,
        count=int(match["count"] or 1),
        method=match["method"],
        prefix=match["prefix"] or "/",
        seconds=float(seconds or default or 0),
    )


@dataclass
class FaultInjection:
    """Injects ``faults``, and publishes each one."""

    faults: InitVar[Sequence[Fault]]
    publish: Callable[[Activity], None]
    now: Callable[[], datetime]

    def __post_init__(self, faults: Sequence[Fault]) -> None:
        self._left = [(fault, fault.count) for fault in faults]

    def add(self, fault: Fault) -> None:
        """Inject one more fault from now on."""
        self._left.append((fault, fault.count))

    def clear(self) -> None:
        """Inject no more faults."""
        self._left.clear()

    def allowance(self, request: Request, allowance: Allowance) -> Allowance:
        """Return the allowance of a call, exhausted if there is a 429 for it."""
        fault = self.take(FaultKind.RATE_LIMIT, request)
        if fault is None:
            return allowance
        reset = math.ceil(self.now().timestamp() + fault.seconds)
        return replace(allowance, remaining=0, reset=reset, exceeded=True)

    def refuse(self, request: Request) -> None:
        """Raise ``ApiRefusal`` if there is a 500 for the call."""
        if self.take(FaultKind.SERVER_ERROR, request) is not None:
            raise internal_error("injected fault")

    def spoiling(self, request: Request, send: Send) -> Send:
        """Return a ``send`` that spoils the answer."""
        return _SpoiltAnswer(self, request, send).send

    def take(self, kind: FaultKind, request: Request) -> Fault | None:
        """Return the first fault of a kind that is left for a call, and publish it."""
        method, path = request.method, request.url.path
        for index, (fault, left) in enumerate(self._left):
            is_for_call = fault.method in (None, method) and path.startswith(fault.prefix)
            if fault.kind is kind and left and is_for_call:
                self._left[index] = fault, left - 1
                self.publish(FaultInjected(self.now(), kind.value, method, path))
                return fault
        return None


@dataclass
class _SpoiltAnswer:
    faults: FaultInjection
    request: Request
    send_on: Send
    is_cut: bool = False

    async def send(self, message: Message) -> None:
        if self.is_cut:  # without an end of the answer, the server closes the connection
            return
        if message["type"] == "http.response.start":
            await self._begin(message)
        elif len(message.get("body", b"")) > 1 and self._take(FaultKind.CUT):
            self.is_cut = True
            half = message["body"][: len(message["body"]) // 2]
            await self.send_on({**message, "body": half, "more_body": True})
        else:
            await self.send_on(message)

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
        await self.send_on(message)

    def _take(self, kind: FaultKind) -> Fault | None:
        return self.faults.take(kind, self.request)
