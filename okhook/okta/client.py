"""The client of the Management API: it calls one org, retries, and checks every answer.

The credential goes to the org's own host and nowhere else: every address is checked before it is
called, and redirects are not followed.
"""

import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, final
from urllib.parse import parse_qsl, urljoin, urlsplit

import anyio

from okhook.activity import Activity, Warned
from okhook.errors import OkhookError, Unavailable
from okhook.http.client import Answer, HttpClient, HttpError
from okhook.okta.answers import UnexpectedAnswer, as_array, as_object, json_value
from okhook.okta.auth.credential import TOKEN_PATH, Credential
from okhook.okta.auth.scopes import is_in_api
from okhook.okta.redaction import without_secrets
from okhook.okta.refusals import ScopeMissing, refusal
from okhook.okta.retry import Retries, RetryPolicy, ServerFault, in_doubt, may_heal
from okhook.runtime.ids import utc_now
from okhook.secret import Secret
from okhook.text import plain
from okhook.wire.org import Org

Publish = Callable[[Activity], None]

_PAGES = 1000
"""More pages than any list of an org's event hooks or of a day's log has."""

_LINK = re.compile(r"<([^<>]*)>([^,<]*)")
"""A target, which may hold commas, and its parameters (RFC 8288)."""


class OutcomeUnknown(Unavailable):
    """A call that must not be made twice brought no clear answer: it may have been carried out."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the API: ``path`` is below the org's URL. ``body`` is sent as JSON.

    A POST without one says ``Content-Length: 0``, which Okta wants of lifecycle calls. A call that
    is made ``once`` must not be carried out twice.
    """

    method: str
    path: str
    body: dict[str, Any] | None = None
    timeout_s: float = 15.0
    once: bool = False

    def __repr__(self) -> str:
        """Leave out the body, which may hold the hook's secret, and a query of many words."""
        return f"{self.method} {self.path.partition('?')[0]}"


@final
class OktaClient:
    """Calls the Management API of ``org``. It publishes every wait.

    ``secrets`` are redacted in what the org says, beside those of the credential. ``sleep`` is also
    for those who call again later. Methods raise CredentialsError, OktaRefused and Unavailable with
    what the org said, and UnexpectedAnswer where that is not what they return.
    """

    def __init__(
        self,
        org: Org,
        credential: Credential,
        http: HttpClient,
        *,
        publish: Publish,
        secrets: tuple[Secret, ...] = (),
        retry: RetryPolicy | None = None,
        sleep: Callable[[float], Awaitable[None]] = anyio.sleep,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        # It imports httpx, which is slow, and not every command that imports this makes a client.
        from okhook.okta.auth.oauth import authentication

        self.org = org
        self.sleep = sleep
        self._secrets = secrets
        self._credential = credential
        self._http = http
        self._auth = authentication(credential, org, now)
        self._retries = Retries(org, retry or RetryPolicy(), publish, sleep, now)
        for warning in credential.warnings:
            publish(Warned(warning))

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """What must never be shown, should an answer repeat it."""
        return (*self._auth.secrets, *self._secrets)

    def hush(self, text: str) -> str:
        """Return ``text`` with every secret of this client redacted."""
        return without_secrets(text, self.secrets)

    async def granted_scopes(self) -> tuple[str, ...] | None:
        """Return the scopes that the app was granted; None for a credential without scopes."""
        if not self._auth.scopes:
            return self._auth.scopes
        try:
            await self.call(Call("POST", TOKEN_PATH))
        except ScopeMissing:
            return ()
        return self._auth.granted

    async def call(self, call: Call) -> Answer:
        """Make a call, again where that may help, and return its 2xx answer.

        A call that is made ``once`` is repeated only where the org cannot have seen it. While it is
        under way it is not cancelled, because then nobody would know what became of it.

        Raises:
            OutcomeUnknown: a ``once`` may have been carried out; look before it is made again.
        """
        url = self._own_url(call.path)

        def is_in_doubt(fault: HttpError) -> bool:
            return call.once and in_doubt(fault, url)

        try:
            answer = await self._retries.until_answered(
                lambda: self._sent(call, url),
                heals=lambda fault: may_heal(fault) and not is_in_doubt(fault),
                called=lambda fault: _asked(call, fault.url),
            )
        except HttpError as fault:
            failure = self._failure(call, fault)
            if is_in_doubt(fault):
                why, next_step = failure.why, failure.next_step
                raise OutcomeUnknown(failure.what, why=why, next_step=next_step) from fault
            raise failure from fault
        if not answer.is_success:
            raise self._refusal(call, answer)
        return answer

    async def object(self, call: Call, what: str) -> Mapping[str, Any]:
        """Make a call, and return the JSON object that answers it; ``what`` is its name."""
        return as_object(json_value(await self.call(call), what, self.hush), what)

    async def entries(self, path: str) -> AsyncIterator[Any]:
        """Yield the entries of a list, over all its pages (``Link: <…>; rel="next"``)."""
        seen: set[int] = set()
        following: str | None = path
        while following is not None:
            if page_key(following) in seen or len(seen) >= _PAGES:
                raise UnexpectedAnswer(f"the pages of {path} in {self.org.host} come to no end")
            seen.add(page_key(following))
            entries, following = await self.page(Call("GET", following), f"the list {path}")
            for entry in entries:
                yield entry

    async def page(self, call: Call, what: str) -> tuple[list[Any], str | None]:
        """Return one page of a list, and the address of the next one; None for the last."""
        answer = await self.call(call)
        entries = as_array(json_value(answer, what, self.hush), what)
        return entries, self._next_page(call.path, answer)

    def _next_page(self, page: str, answer: Answer) -> str | None:
        for value in answer.header_values("link"):
            for target, parameters in _LINK.findall(value):
                if 'rel="next"' not in parameters.replace(" ", ""):
                    continue
                url = self._own_url(target.strip(), beside=page)
                if not is_in_api(url):
                    raise UnexpectedAnswer(
                        f"{self.org.host} sent us to a next page that is none of its API:"
                        f" {plain(self.hush(urlsplit(url).path), limit=100)}"
                    )
                return url
        return None

    async def _sent(self, call: Call, url: str) -> Answer:
        headers = [("Accept", "application/json")]
        body = None
        if call.body is not None:
            headers.append(("Content-Type", "application/json"))
            body = json.dumps(call.body).encode()
        with anyio.CancelScope(shield=call.once):
            return await self._http.send(
                call.method,
                url,
                headers=headers,
                body=body,
                timeout_s=call.timeout_s,
                auth=self._auth,
            )
        raise AssertionError("a scope that nobody cancels swallows nothing")

    def _refusal(self, call: Call, answer: Answer) -> OkhookError:
        return refusal(
            answer,
            org=self.org,
            asked=_asked(call, answer.url),
            credential=self._credential,
            hush=self.hush,
        )

    def _failure(self, call: Call, fault: HttpError) -> OkhookError:
        if isinstance(fault, ServerFault):
            return self._refusal(call, fault.answer)
        return Unavailable(
            f"{self.org.host} did not answer {_asked(call, fault.url)}",
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


def _asked(call: Call, url: str) -> str:
    """Name what was asked for, where ``url`` was called: the call, or a token for it."""
    path = urlsplit(url).path
    return f"POST {path}" if path == TOKEN_PATH else repr(call)


def page_key(address: str) -> int:
    """Return a key that is equal for two addresses of one page, absolute or not."""
    parts = urlsplit(address)
    return hash((parts.path, tuple(sorted(parse_qsl(parts.query)))))
