"""The Management API client: calls one org, patiently, and takes no answer on trust.

The credential goes to the org's own host and nowhere else: every address is checked before it is
called, and redirects are not followed.
"""

import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, final
from urllib.parse import parse_qsl, urljoin, urlsplit

import anyio

from okhook.activity import Activity
from okhook.errors import OkhookError, Unavailable
from okhook.http.client import Answer, AnswerLost, Headers, HttpClient, HttpError, TimedOut
from okhook.okta.answers import UnexpectedAnswer, json_array
from okhook.okta.credential import Credential, Form, OrgLine
from okhook.okta.patience import (
    MAY_HEAL,
    SURELY_NOT_CARRIED_OUT,
    Healing,
    Patience,
    Patiently,
    ServerFault,
)
from okhook.okta.redaction import without_secrets
from okhook.okta.refusals import refusal
from okhook.okta.scopes import is_in_api
from okhook.runtime.ids import utc_now
from okhook.secret import Secret
from okhook.text import plain
from okhook.wire.org import Org

Publish = Callable[[Activity], None]

_PAGES = 1000
"""More pages than any list of an org's event hooks or of a day's log has."""

_LINK = re.compile(r"<([^<>]*)>([^,<]*)")
"""A target, which may hold commas, and its parameters (RFC 8288)."""

_TRIES = 3
"""One, one with another nonce or time, one with another token: what a refusal may ask for."""


class OutcomeUnknown(Unavailable):
    """A call that must not be made twice brought no clear answer: it may have been carried out."""


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
        """Leave out the body, which may hold the hook's secret, and a query of many words."""
        return f"{self.method} {self.path.partition('?')[0]}"


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
        self._secrets = secrets
        self._credential = credential
        self._http = http
        self._patiently = Patiently(
            org, patience or Patience(), publish=publish, sleep=sleep, now=now
        )
        self._authentication = credential.opened(OrgLine(org, self._post, publish, now))

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """What must never be shown, should an answer repeat it."""
        return (*self._authentication.secrets, *self._secrets)

    def hush(self, text: str) -> str:
        """Return ``text`` with every secret of this client blotted out."""
        return without_secrets(text, self.secrets)

    async def granted_scopes(self) -> tuple[str, ...] | None:
        """Return the scopes that the app was granted; None for a credential without scopes.

        Raises:
            CredentialsError, OktaRefused, Unavailable: the org does not say it.

        """
        return await self._authentication.granted()

    async def call(self, call: Call) -> Answer:
        """Make a call that may be repeated, and return its 2xx answer.

        Raises:
            CredentialsError, OktaRefused, Unavailable: what the org said, or that it is not there.

        """
        try:
            return await self._answered(call, MAY_HEAL)
        except ServerFault as fault:
            raise self._refusal(repr(call), fault.answer) from None
        except HttpError as fault:
            raise self._unreachable(repr(call), fault) from fault

    async def call_once(self, call: Call) -> Answer:
        """Make a call that must not be carried out twice, and return its 2xx answer.

        It is repeated only where the org cannot have seen it. Once it is under way it is not
        cancelled, because then nobody would know what became of it.

        Raises:
            OutcomeUnknown: it may have been carried out; look before it is made again.
            CredentialsError, OktaRefused, Unavailable: as :meth:`call`.

        """
        try:
            return await self._answered(call, SURELY_NOT_CARRIED_OUT, shield=True)
        except ServerFault as fault:
            refused = self._refusal(repr(call), fault.answer)
            raise OutcomeUnknown(
                refused.what, why=refused.why, next_step=refused.next_step
            ) from None
        except SURELY_NOT_CARRIED_OUT as fault:
            raise self._unreachable(repr(call), fault) from fault
        except (TimedOut, AnswerLost) as fault:
            lost = self._unreachable(repr(call), fault)
            raise OutcomeUnknown(lost.what, why=lost.why, next_step=lost.next_step) from fault
        except HttpError as fault:
            raise self._unreachable(repr(call), fault) from fault

    async def entries(self, path: str) -> AsyncIterator[Any]:
        """Yield the entries of a list, over all its pages (``Link: <…>; rel="next"``).

        Raises:
            UnexpectedAnswer: it is not a list, the next page is on another host, or the pages go
                round in a circle.

        """
        seen: set[int] = set()
        following: str | None = path
        while following is not None:
            if page_key(following) in seen or len(seen) >= _PAGES:
                raise UnexpectedAnswer(f"the pages of {path} in {self.org.host} come to no end")
            seen.add(page_key(following))
            answer = await self.call(Call("GET", following))
            for entry in json_array(answer, f"the list {path}", self.hush):
                yield entry
            following = self.next_page(following, answer)

    def next_page(self, page: str, answer: Answer) -> str | None:
        """Return the address of the page after ``page``, in the org; None where it is the last.

        Raises:
            UnexpectedAnswer: it is on another host, or not in the Management API.

        """
        for value in answer.header_values("link"):
            for target, parameters in _LINK.findall(value):
                if 'rel="next"' in parameters.replace(" ", ""):
                    return self._page(target.strip(), beside=page)
        return None

    def _page(self, target: str, *, beside: str) -> str:
        url = self._own_url(target, beside=beside)
        if not is_in_api(url):
            raise UnexpectedAnswer(
                f"{self.org.host} sent us to a next page that is none of its API:"
                f" {plain(self.hush(urlsplit(url).path), limit=100)}"
            )
        return url

    async def _answered(self, call: Call, healing: Healing, *, shield: bool = False) -> Answer:
        """Make the call, patiently, and return its 2xx answer."""

        async def attempt() -> Answer:
            return await self._exchange(call, shield=shield)

        answer = await self._patiently.until_answered(attempt, repr(call), healing)
        if not answer.is_success:
            raise self._refusal(repr(call), answer)
        return answer

    async def _exchange(self, call: Call, *, shield: bool) -> Answer:
        """Make the call; one that is refused for what it presented alone is made anew."""
        url = self._own_url(call.path)
        for _ in range(_TRIES):
            presented = await self._authentication.presented(call.method, url)
            answer = await self._sent(call, url, presented.headers, shield=shield)
            if not presented.wants_another(answer):
                break
        return answer

    async def _sent(self, call: Call, url: str, presented: Headers, *, shield: bool) -> Answer:
        headers = [("Accept", "application/json"), *presented]
        body = None
        if call.body is not None:
            headers.append(("Content-Type", "application/json"))
            body = json.dumps(call.body).encode()
        with anyio.CancelScope(shield=shield):
            return await self._http.send(
                call.method, url, headers=headers, body=body, timeout_s=call.timeout_s
            )
        raise AssertionError("a scope that nobody cancels swallows nothing")

    async def _post(self, path: str, made: Callable[[], Form]) -> Answer:
        """Post a form of the credential's own, fresh for each try; its refusals are answers."""
        url, called = self._own_url(path), f"POST {path}"

        async def attempt() -> Answer:
            form = made()
            return await self._http.send("POST", url, headers=form.headers, body=form.body)

        try:
            return await self._patiently.until_answered(attempt, called, MAY_HEAL)
        except ServerFault as fault:
            raise self._refusal(called, fault.answer) from None
        except HttpError as fault:
            raise self._unreachable(called, fault) from fault

    def _refusal(self, asked: str, answer: Answer) -> OkhookError:
        return refusal(
            answer, org=self.org, asked=asked, credential=self._credential, hush=self.hush
        )

    def _unreachable(self, asked: str, fault: HttpError) -> Unavailable:
        return Unavailable(
            f"{self.org.host} did not answer {asked}",
            why=self.hush(fault.reason),
            next_step="check the org's address and the network;"
            " HTTPS_PROXY and SSL_CERT_FILE are respected",
        )

    def _own_url(self, path: str, *, beside: str = "/") -> str:
        """Return the address of ``path`` in the org, having made sure that it is in the org.

        What is relative stands beside another address.
        """
        own = urlsplit(self.org.url)
        try:
            url = urljoin(urljoin(f"{self.org.url}/", beside), path)
            asked = urlsplit(url)
        except ValueError as error:
            raise UnexpectedAnswer(
                f"{self.org.host} sent us to what is no address", why=str(error)
            ) from None
        if (asked.scheme, asked.netloc) != (own.scheme, own.netloc):
            raise UnexpectedAnswer(
                f"{self.org.host} sent us to another host: {asked.scheme}://{asked.netloc}",
                why="the token goes to the org that was named and to no other host",
            )
        return url


def page_key(address: str) -> int:
    """Return what tells whether two addresses, absolute or not, are one page: what they ask."""
    parts = urlsplit(address)
    return hash((parts.path, tuple(sorted(parse_qsl(parts.query)))))
