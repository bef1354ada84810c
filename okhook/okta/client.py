"""The client of the Management API: it calls one org, retries, and checks every answer.

The credential goes to the org's own host and nowhere else: the client checks every address before
it calls it, and follows no redirects.
"""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

import anyio

from okhook.activity import Activity, Warned
from okhook.errors import ConfigurationError, OkhookError, Unavailable
from okhook.http.client import Answer, HttpClient
from okhook.http.errors import EnvironmentFault, HttpError
from okhook.okta.answers import (
    UnexpectedAnswer,
    json_array,
    json_object,
    next_link,
    not_okta,
    without_secrets,
)
from okhook.okta.auth.credential import TOKEN_PATH, Credential, ServiceAppCredential, is_in_api
from okhook.okta.refusals import ScopeMissing, refusal
from okhook.okta.retry import (
    MAYBE_RECEIVED,
    TEMPORARY,
    CallRetried,
    OutcomeUnknown,
    RateLimited,
    RetryPolicy,
    ServerFault,
    rate_limit_wait,
)
from okhook.runtime.ids import utc_now
from okhook.secret import Secret
from okhook.text import plain
from okhook.wire.org import Org

Publish = Callable[[Activity], None]

_PAGES = 10_000
"""Far more pages than any list has; with a thousand entries on each, than 90 days of a log."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the API. ``path`` is relative to the org's URL; ``body`` is sent as JSON.

    A ``once`` call must not be carried out twice. One that is not ``signed`` has no credential.
    """

    method: str
    path: str
    body: dict[str, Any] | None = None
    timeout_s: float = 15.0
    once: bool = False
    signed: bool = True

    def __repr__(self) -> str:
        """Omit the body, which may contain the hook's secret, and the query, which may be long."""
        return f"{self.method} {self.path.partition('?')[0]}"


class OktaClient:
    """Calls the Management API of ``org``. It publishes every wait.

    Answers are redacted: ``secrets`` and those of the credential. Methods raise CredentialsError,
    OktaRefused and Unavailable with the org's reason, and UnexpectedAnswer for another answer than
    Okta documents.
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
        # Imports httpx, which is slow, and not every command makes a client.
        from okhook.okta.auth.oauth import ServiceAppAuth, TokenAuth

        self.org = org
        self.sleep = sleep
        self._secrets = secrets
        self._http = http
        self._refusal = partial(refusal, org=org, credential=credential, redact=self.redact)
        self._auth = (
            ServiceAppAuth(credential, org, now)
            if isinstance(credential, ServiceAppCredential)
            else TokenAuth(credential.scheme, credential.token)
        )
        self._publish = publish
        self._policy = retry or RetryPolicy()
        self._now = now
        for warning in credential.warnings:
            publish(Warned(warning))

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """Everything to redact in an answer."""
        return (*self._auth.secrets, *self._secrets)

    def redact(self, text: str) -> str:
        """Return ``text`` with every secret of this client redacted."""
        return without_secrets(text, self.secrets)

    async def granted_scopes(self) -> tuple[str, ...] | None:
        """Return the scopes that the app was granted; None for a token."""
        if not self._auth.scopes:
            return self._auth.scopes
        try:
            await self.call(Call("POST", TOKEN_PATH))
        except ScopeMissing:
            return ()
        return self._auth.granted

    async def call(self, call: Call) -> Answer:
        """Make a call, retry it if that can help, and return its 2xx answer.

        A ``once`` call is retried only if the org cannot have received it, and is not cancelled
        while it is under way. Raises OutcomeUnknown if it may have been carried out.
        """
        url = self._own_url(call.path)
        try:
            answer = await self._retried(call, url)
        except HttpError as fault:
            failure = self._failure(call, fault)
            if _is_in_doubt(call, url, fault):
                why, next_step = failure.why, failure.next_step
                raise OutcomeUnknown(failure.what, why=why, next_step=next_step) from fault
            raise failure from fault
        if not answer.is_success:
            raise self._refusal(answer, asked=_asked(call, answer.url))
        return answer

    async def object(self, call: Call, what: str) -> Mapping[str, Any]:
        """Make a call, and return the JSON object in its answer; errors name it ``what``."""
        return json_object(await self.call(call), what, self.redact)

    async def carry_out(self, call: Call) -> None:
        """Make a call whose answer has nothing to read. A proxy's sign-in page answers 200, too."""
        answer = await self.call(call)
        if answer.is_page:
            raise not_okta(answer, repr(call), self.redact)

    async def entries(self, path: str) -> AsyncIterator[Any]:
        """Yield the entries of a list, from all its pages."""
        async for page in self.pages(Call("GET", path), f"the list {path}"):
            for entry in page:
                yield entry

    async def pages(self, first: Call, what: str) -> AsyncIterator[list[Any]]:
        """Yield the pages of a list, along its links (``Link: <…>; rel="next"``)."""
        seen: set[int] = set()
        call = first
        while True:
            parts = urlsplit(call.path)  # the same page may have an absolute or a relative address
            key = hash((parts.path, tuple(sorted(parse_qsl(parts.query)))))
            if key in seen or len(seen) >= _PAGES:
                raise UnexpectedAnswer(
                    f"{what} in {self.org.host} has too many pages, or repeats a page",
                    next_step="try again; if the command has --since, read a shorter period",
                )
            seen.add(key)
            answer = await self.call(call)
            yield json_array(answer, what, self.redact)
            following = next_link(answer)
            if following is None:
                return
            call = replace(call, path=self._url_of_page(following, base=call.path))

    def _url_of_page(self, link: str, base: str) -> str:
        url = self._own_url(link, base=base)
        if not is_in_api(url):
            raise UnexpectedAnswer(
                f"{self.org.host} links to a next page outside its API:"
                f" {plain(self.redact(urlsplit(url).path), limit=100)}"
            )
        return url

    async def _retried(self, call: Call, url: str) -> Answer:
        """Make a call again after each fault that another try may mend; publish every wait."""
        number = 1
        while True:
            try:
                return await self._admitted(call, url)
            except HttpError as fault:
                may_mend = isinstance(fault, TEMPORARY) and not _is_in_doubt(call, url, fault)
                if number >= self._policy.tries or not may_mend:
                    raise
                asked_s = self._policy.asked_wait_s(fault, self._now())
                wait_s = asked_s or self._policy.usual_wait_s(number)
                self._publish(CallRetried(_asked(call, fault.url), fault.reason, wait_s))
            await anyio.sleep(wait_s)
            number += 1

    async def _admitted(self, call: Call, url: str) -> Answer:
        """Make a call again after each 429; raise Unavailable if the org still limits us."""
        longest_s = self._policy.longest_rate_limit_wait_s
        for waits_left in range(self._policy.rate_limit_waits, -1, -1):
            answer = await self._sent(call, url)
            if answer.status >= 500:
                raise ServerFault(answer)
            if answer.status != 429:
                return answer
            wait_s, asked_s = rate_limit_wait(answer, now=self._now(), longest_s=longest_s)
            longer_s = asked_s if asked_s is not None and asked_s > wait_s else None
            while waits_left and wait_s > 0:
                self._publish(RateLimited(self.org.url, wait_s, longer_s))
                step_s = min(self._policy.countdown_step_s, wait_s)
                await self.sleep(step_s)
                wait_s -= step_s
        raise Unavailable(
            f"{self.org.host} still limits okhook's calls (HTTP 429)"
            + (f"; it asks for another {asked_s:.0f} s" if asked_s else ""),
            next_step="try again later; other tools with the same kind of token share the limit",
        )

    async def _sent(self, call: Call, url: str) -> Answer:
        # A POST without a body has "Content-Length: 0", which Okta requires of lifecycle calls.
        headers, body = [("Accept", "application/json")], None
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
                auth=self._auth if call.signed else None,
            )
        raise AssertionError("unreachable: nothing cancels the scope")

    def _failure(self, call: Call, fault: HttpError) -> OkhookError:
        asked = _asked(call, fault.url)
        if isinstance(fault, ServerFault):
            return self._refusal(fault.answer, asked=asked)
        if isinstance(fault, EnvironmentFault):
            what = f"could not call {self.org.host}"
            return ConfigurationError(what, why=fault.reason, next_step="correct or unset it")
        return Unavailable(
            f"{self.org.host} did not respond to {asked}",
            why=self.redact(fault.reason),
            next_step="check the org's address, the network, and HTTPS_PROXY and SSL_CERT_FILE",
        )

    def _own_url(self, path: str, *, base: str = "/") -> str:
        """Return the URL of ``path``, relative to ``base``; raise if it is outside the org."""
        own = urlsplit(self.org.url)
        try:
            url = urljoin(urljoin(f"{self.org.url}/", base), path)
            parts = urlsplit(url)
        except ValueError as error:
            what = f"{self.org.host} links to an invalid address"
            raise UnexpectedAnswer(what, why=str(error)) from None
        if (parts.scheme, parts.netloc) != (own.scheme, own.netloc):
            raise UnexpectedAnswer(
                f"{self.org.host} links to another host: {parts.scheme}://{parts.netloc}",
                why="okhook sends the token to the org's own host only",
            )
        return url


def _is_in_doubt(call: Call, url: str, fault: HttpError) -> bool:
    """Return whether the org may have carried out a call that must not be made twice.

    If another request failed, such as the one for a token, the call was not sent.
    """
    return call.once and isinstance(fault, MAYBE_RECEIVED) and fault.url == url


def _asked(call: Call, url: str) -> str:
    """Name the request to ``url`` that was made for a call: the call itself, or one for a token."""
    path = urlsplit(url).path
    return f"POST {path}" if path == TOKEN_PATH else repr(call)
