"""How calls authenticate, as ``httpx.Auth``: with an API token, or with OAuth and DPoP.

Access tokens and the key that binds them stay in memory: neither outlives the process.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import cast

import anyio
import httpx

from okhook.http.client import Answer
from okhook.json_path import json_object_in
from okhook.okta.auth.credential import TOKEN_PATH, ServiceAppCredential, scope_for
from okhook.okta.auth.dpop import OrgClock, Proofs
from okhook.okta.auth.private_key import generated_key
from okhook.okta.auth.token_endpoint import AccessToken, Asking, TokenEndpoint
from okhook.okta.refusals import ScopeMissing, challenge_of
from okhook.secret import Secret
from okhook.wire.org import Org

_TRIES = 3
"""One call, one more with another nonce or time, and one more with another token."""

_REFUSED = (400, 401)

_MARGIN = timedelta(seconds=60)
"""A token that expires sooner is not used: the call could arrive too late."""

_TOKEN_TIMEOUT = httpx.Timeout(10.0).as_dict()

_LONGEST_REFUSAL_BYTES = 4 << 20
"""Far longer than any refusal or token: a longer answer must not fill our memory."""


class TokenAuth(httpx.Auth):
    """A token, which every call carries; okhook requests no scopes for it."""

    scopes = granted = None

    def __init__(self, scheme: str, token: Secret) -> None:
        self._scheme = scheme
        self.secrets: Sequence[Secret] = (token,)

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Add the ``Authorization`` header."""
        request.headers["Authorization"] = f"{self._scheme} {self.secrets[0].reveal()}"
        yield request


class ServiceAppAuth(httpx.Auth):
    """Access tokens with the scope that a call needs, each sent with a DPoP proof."""

    def __init__(self, app: ServiceAppCredential, org: Org, now: Callable[[], datetime]) -> None:
        self._app = app
        self._now = now
        key, clock = generated_key(), OrgClock(now)
        self._proofs = Proofs(key, clock)
        self._endpoint = TokenEndpoint(app, org, Proofs(key, clock))
        self._asking = anyio.Lock()
        self.scopes = app.scopes
        self.granted: tuple[str, ...] = ()

    @property
    def secrets(self) -> Sequence[Secret]:
        """What to redact in answers."""
        return self._endpoint.secrets

    async def async_auth_flow(
        self, request: httpx.Request
    ) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """Send the request with a token, and request a token first if there is none.

        A request that the org refuses for its token, its nonce or its time is sent again. If the
        token endpoint answers 429 or 5xx, that answer takes the place of the request's. A request
        for the token endpoint itself only finds out which of our scopes are ``granted``. Raises
        OkhookError if the settings exclude the scope, or the org issues no token.
        """
        finds_scopes = request.url.path == TOKEN_PATH
        url = str(request.url)
        ways = [] if finds_scopes else self._app.ways_to(scope_for(request.method, url))
        for _ in range(_TRIES):
            async with self._asking:
                asking = self._all_scopes() if finds_scopes else self._token_for(ways)
                try:
                    asked = next(asking)
                    while True:
                        asked.headers["User-Agent"] = request.headers["User-Agent"]
                        asked.extensions = {**request.extensions, "timeout": _TOKEN_TIMEOUT}
                        response = yield asked
                        asked = asking.send(await _answer_in(response))
                except StopIteration as ended:
                    token: AccessToken | None = ended.value
            if token is None or finds_scopes:
                return
            signed_with = self._proofs.signed_with()
            self._sign(request, token)
            answer = await _answer_in((yield request))
            self._proofs.learn(answer)
            error = _refused_with(answer)
            if error in ("invalid_token", "E0000011"):
                self._endpoint.drop(token)
            elif not self._proofs.can_retry(error, signed_with):
                return

    def _token_for(self, ways: Sequence[str]) -> Asking:
        """Return a token with one of these scopes, or request the least that was granted."""
        for token in self._endpoint.tokens(self._now() + _MARGIN):
            if set(ways) & set(token.scopes):
                return token
        least, *more = ways
        try:
            return (yield from self._endpoint.ask([least]))
        except ScopeMissing:
            for scope in more:
                with suppress(ScopeMissing):
                    return (yield from self._endpoint.ask([scope]))
            raise

    def _all_scopes(self) -> Asking:
        token = yield from self._endpoint.ask(self.scopes)
        if token is not None:
            self.granted = tuple(each for each in self.scopes if each in token.scopes)
        return token

    def _sign(self, request: httpx.Request, token: AccessToken) -> None:
        kind = "DPoP" if token.bound else "Bearer"
        request.headers["Authorization"] = f"{kind} {token.value.reveal()}"
        if token.bound:
            proof = self._proofs.proof(request.method, str(request.url), token.value)
            request.headers["DPoP"] = proof


async def _answer_in(response: httpx.Response) -> Answer:
    """Return the answer; it has a body only if that is a token or explains a refusal."""
    if response.status_code in _REFUSED or response.request.url.path == TOKEN_PATH:
        response.stream = _Capped(cast("httpx.AsyncByteStream", response.stream))
        await response.aread()
    body = response.content if response.is_stream_consumed else b""
    return Answer(response.status_code, tuple(response.headers.multi_items()), body, 0.0)


class _Capped(httpx.AsyncByteStream):
    """An answer's bytes; reading fails if there are too many."""

    def __init__(self, stream: httpx.AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        left = _LONGEST_REFUSAL_BYTES
        async for part in self._stream:
            left -= len(part)
            if left < 0:
                raise httpx.ReadError("the response is longer than 4 MiB")
            yield part

    async def aclose(self) -> None:
        await self._stream.aclose()


def _refused_with(answer: Answer) -> str | None:
    """Return the error code of a refusal, from its header or its body."""
    if answer.status not in _REFUSED:
        return None
    challenge = challenge_of(answer, lambda text: text)
    if challenge is not None:
        return challenge.error
    fields = json_object_in(answer.body)
    code = fields.get("error", fields.get("errorCode"))
    return code if isinstance(code, str) else None
