"""The Management API client: calls one org, patiently, and takes no answer on trust.

The credential goes to the org's own host and nowhere else: every address is checked before it is
called, and redirects are not followed.
"""

import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, final
from urllib.parse import urljoin, urlsplit

import anyio
import stamina

from okhook.activity import Activity
from okhook.errors import OkhookError, Unavailable
from okhook.http import (
    Answer,
    AnswerLost,
    ConnectionFailed,
    HttpClient,
    HttpError,
    NameNotFound,
    TimedOut,
)
from okhook.okta.activities import CallRetried, RateLimited
from okhook.okta.answers import UnexpectedAnswer, json_array
from okhook.okta.credential import Credential
from okhook.okta.rate_limit import RateLimitWait, rate_limit_wait
from okhook.okta.redaction import hushing
from okhook.okta.refusals import refusal
from okhook.org import Org
from okhook.runtime.ids import utc_now
from okhook.secret import Secret

Publish = Callable[[Activity], None]

_PAGES = 1000
"""More pages than any list of an org's event hooks or of a day's log has."""


class OutcomeUnknown(Unavailable):
    """A call that must not be made twice brought no clear answer: it may have been carried out."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long the client keeps trying.

    Network faults and 5xx: ``tries`` calls in all, ``first_wait_s`` between the first two, doubled
    each time up to ``longest_wait_s``, with some jitter. A 429: ``rate_limit_waits`` waits, each at
    most ``longest_rate_limit_wait_s`` (Okta's windows are a minute long), told every
    ``countdown_step_s``.
    """

    tries: int = 4
    first_wait_s: float = 0.5
    longest_wait_s: float = 8.0
    jitter_s: float = 0.5
    rate_limit_waits: int = 3
    longest_rate_limit_wait_s: float = 90.0
    countdown_step_s: float = 5.0


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the API: ``path`` is below the org's URL. ``body`` is sent as JSON.

    A POST without one says ``Content-Length: 0``, which Okta wants of lifecycle calls.
    """

    method: str
    path: str
    body: dict[str, Any] | None = None
    timeout_s: float = 15.0

    def __repr__(self) -> str:
        """Leave out the body, which may hold the hook's secret."""
        return f"{self.method} {self.path}"


class _ServerFault(Exception):
    """A 5xx: the org may do better next time."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(f"HTTP {answer.status}")
        self.answer = answer


_SURELY_NOT_CARRIED_OUT = (NameNotFound, ConnectionFailed)
_MAY_HEAL = (_ServerFault, NameNotFound, ConnectionFailed, TimedOut, AnswerLost)


@final
class OktaClient:
    """Calls the Management API of ``org``. ``publish`` is told of every wait.

    ``secrets`` are blotted out of what the org says, beside the credential's own.
    """

    def __init__(
        self,
        org: Org,
        credential: Credential,
        http: HttpClient,
        *,
        publish: Publish,
        secrets: tuple[Secret, ...] = (),
        patience: Patience | None = None,
        sleep: Callable[[float], Awaitable[None]] = anyio.sleep,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self.org = org
        self.secrets = (*credential.secrets, *secrets)
        self.hush = hushing(self.secrets)
        self._credential = credential
        self._http = http
        self._publish = publish
        self._patience = patience or Patience()
        self._sleep = sleep
        self._now = now

    async def call(self, call: Call) -> Answer:
        """Make a call that may be repeated, and return its 2xx answer.

        Raises:
            CredentialsError, OktaRefused, Unavailable: what the org said, or that it is not there.

        """
        try:
            return await self._persist(call, _MAY_HEAL)
        except _ServerFault as fault:
            raise self._refusal(call, fault.answer) from None
        except HttpError as fault:
            raise self._unreachable(call, fault) from fault

    async def call_once(self, call: Call) -> Answer:
        """Make a call that must not be carried out twice, and return its 2xx answer.

        It is repeated only where the org cannot have seen it. Once it is under way it is not
        cancelled, because then nobody would know what became of it.

        Raises:
            OutcomeUnknown: it may have been carried out; look before it is made again.
            CredentialsError, OktaRefused, Unavailable: as :meth:`call`.

        """
        try:
            return await self._persist(call, _SURELY_NOT_CARRIED_OUT, shield=True)
        except _ServerFault as fault:
            refused = self._refusal(call, fault.answer)
            raise OutcomeUnknown(
                refused.what, why=refused.why, next_step=refused.next_step
            ) from None
        except _SURELY_NOT_CARRIED_OUT as fault:
            raise self._unreachable(call, fault) from fault
        except (TimedOut, AnswerLost) as fault:
            lost = self._unreachable(call, fault)
            raise OutcomeUnknown(lost.what, why=lost.why, next_step=lost.next_step) from fault
        except HttpError as fault:
            raise self._unreachable(call, fault) from fault

    async def entries(self, path: str) -> AsyncIterator[Any]:
        """Yield the entries of a list, over all its pages (``Link: <…>; rel="next"``).

        Raises:
            UnexpectedAnswer: it is not a list, the next page is on another host, or the pages go
                round in a circle.

        """
        seen: set[str] = set()
        following: str | None = path
        while following is not None:
            if following in seen or len(seen) >= _PAGES:
                raise UnexpectedAnswer(f"the pages of {path} in {self.org.host} come to no end")
            seen.add(following)
            answer = await self.call(Call("GET", following))
            for entry in json_array(answer, f"the list {path}", self.hush):
                yield entry
            following = self._next_page(following, answer)

    async def _persist(
        self, call: Call, healing: tuple[type[Exception], ...], *, shield: bool = False
    ) -> Answer:
        _quieten_stamina()
        patience = self._patience
        async for attempt in stamina.retry_context(
            on=healing,
            attempts=patience.tries,
            timeout=None,
            wait_initial=patience.first_wait_s,
            wait_max=patience.longest_wait_s,
            wait_jitter=patience.jitter_s,
        ):
            with attempt:
                try:
                    return await self._admitted(call, shield=shield)
                except healing as fault:
                    if attempt.num < patience.tries:
                        self._publish(CallRetried(repr(call), _reason(fault), attempt.next_wait))
                    raise
        raise AssertionError("the last attempt returns or raises")

    async def _admitted(self, call: Call, *, shield: bool) -> Answer:
        """Make the call until it is not answered with a 429."""
        for _ in range(self._patience.rate_limit_waits):
            answer = await self._exchange(call, shield=shield)
            if answer.status != 429:
                return self._checked(call, answer)
            await self._wait_for_admission(answer)
        answer = await self._exchange(call, shield=shield)
        if answer.status != 429:
            return self._checked(call, answer)
        wait = self._wait_after(answer)
        asked = f" asks for another {wait.asked_s:.0f} s" if wait.asked_s else ""
        raise Unavailable(
            f"{self.org.host} still limits our calls (HTTP 429){asked}",
            next_step="try again later; other tools with the same kind of token share the limit",
        )

    async def _wait_for_admission(self, answer: Answer) -> None:
        wait = self._wait_after(answer)
        remaining_s = wait.wait_s
        while remaining_s > 0:
            asked_s = wait.asked_s if wait.is_cut_short else None
            self._publish(RateLimited(self.org.url, remaining_s, asked_s))
            step_s = min(self._patience.countdown_step_s, remaining_s)
            await self._sleep(step_s)
            remaining_s -= step_s

    def _wait_after(self, answer: Answer) -> RateLimitWait:
        longest_s = self._patience.longest_rate_limit_wait_s
        return rate_limit_wait(answer, now=self._now(), longest_s=longest_s)

    async def _exchange(self, call: Call, *, shield: bool) -> Answer:
        url = self._own_url(call.path)
        headers = [("Accept", "application/json")]
        headers += await self._credential.headers(call.method, url)
        body = None
        if call.body is not None:
            headers.append(("Content-Type", "application/json"))
            body = json.dumps(call.body).encode()
        with anyio.CancelScope(shield=shield):
            return await self._http.send(
                call.method, url, headers=headers, body=body, timeout_s=call.timeout_s
            )
        raise AssertionError("a scope that nobody cancels swallows nothing")

    def _checked(self, call: Call, answer: Answer) -> Answer:
        if answer.is_success:
            return answer
        if answer.status >= 500:
            raise _ServerFault(answer)
        raise self._refusal(call, answer)

    def _refusal(self, call: Call, answer: Answer) -> OkhookError:
        return refusal(
            answer,
            org=self.org,
            asked=repr(call),
            origin=self._credential.origin,
            hush=self.hush,
        )

    def _unreachable(self, call: Call, fault: HttpError) -> Unavailable:
        return Unavailable(
            f"{self.org.host} did not answer {call!r}",
            why=self.hush(fault.reason),
            next_step="check the org's address and the network;"
            " HTTPS_PROXY and SSL_CERT_FILE are respected",
        )

    def _own_url(self, path: str) -> str:
        """Return the address of ``path`` in the org, having made sure that it is in the org."""
        url = urljoin(f"{self.org.url}/", path)
        own, asked = urlsplit(self.org.url), urlsplit(url)
        if (asked.scheme, asked.netloc) != (own.scheme, own.netloc):
            raise UnexpectedAnswer(
                f"{self.org.host} sent us to another host: {asked.scheme}://{asked.netloc}",
                why="the token goes to the org that was named and to no other host",
            )
        return url

    def _next_page(self, page: str, answer: Answer) -> str | None:
        for value in answer.header_values("link"):
            for link in value.split(","):
                target, _, parameters = link.partition(";")
                target = target.strip()
                if target.startswith("<") and 'rel="next"' in parameters.replace(" ", ""):
                    return urljoin(self._own_url(page), target[1:].removesuffix(">"))
        return None


def _quieten_stamina() -> None:
    """Keep stamina's own warnings off stderr: every retry is published as an activity."""
    logger = logging.getLogger("stamina")
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())


def _reason(fault: Exception) -> str:
    return fault.reason if isinstance(fault, HttpError) else str(fault)
