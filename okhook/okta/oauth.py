"""OAuth at work: access tokens by the scope that a call needs, kept until shortly before they end.

Nothing of it outlives the process: neither the tokens nor the key that binds them (DPoP).
"""

import json
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import final

import anyio

from okhook.http.client import Answer, Headers
from okhook.okta.challenge import challenge_of
from okhook.okta.clock import OrgClock
from okhook.okta.dpop import DpopProver
from okhook.okta.refusals import ScopeMissing
from okhook.okta.scopes import scope_for
from okhook.okta.token_endpoint import AccessToken, TokenEndpoint, nonce_of
from okhook.secret import Secret

WaysTo = Callable[[str], Sequence[str]]
"""Gives the scopes that allow what one scope does, the least first; raises where there is none."""

_MARGIN = timedelta(seconds=60)
"""A token that ends sooner is used no more: the call could arrive too late with it."""

_REMEMBERED = 20
"""Of how many tokens it is known that they must not be shown: an answer may come late."""


@final
@dataclass(frozen=True, slots=True)
class PresentedToken:
    """A token with the proof that it is ours to use, and what the proof was made with.

    ``offset`` is the clock's; ``learn`` is told what the call was answered.
    """

    token: AccessToken
    headers: Headers = field(repr=False)
    nonce: str | None
    offset: timedelta
    learn: Callable[["PresentedToken", Answer], bool] = field(repr=False)

    def wants_another(self, answer: Answer) -> bool:
        """Take nonce and time from the answer; tell whether another proof or token would do."""
        return self.learn(self, answer)


@final
class OAuthSession:
    """Authenticates the calls of one client.

    ``scopes`` are those that :meth:`granted` asks for; ``now`` is this machine's time.
    """

    def __init__(
        self,
        endpoint: TokenEndpoint,
        prover: DpopProver,
        *,
        ways_to: WaysTo,
        scopes: Sequence[str],
        clock: OrgClock,
        now: Callable[[], datetime],
    ) -> None:
        self._endpoint = endpoint
        self._prover = prover
        self._ways_to = ways_to
        self._scopes = tuple(scopes)
        self._clock = clock
        self._now = now
        self._tokens: list[AccessToken] = []
        self._issued: deque[Secret] = deque(maxlen=_REMEMBERED)
        self._nonce: str | None = None
        self._asking = anyio.Lock()

    @property
    def secrets(self) -> Sequence[Secret]:
        """The tokens, and what they were asked for with."""
        return (*self._issued, *self._endpoint.secrets)

    async def presented(self, method: str, url: str) -> PresentedToken:
        """Return the token for a call, with the proof that it is ours to use.

        Raises:
            ScopeMissing: the app has not been granted the scope.
            ConfigurationError: the settings do not let us ask for it.
            CredentialsError, OktaRefused, Unavailable: the org gives no token.

        """
        token = await self._token_for(scope_for(method, url))
        return PresentedToken(
            token,
            self._headers(token, method, url),
            nonce=self._nonce,
            offset=self._clock.offset,
            learn=self._learn,
        )

    async def granted(self) -> tuple[str, ...]:
        """Return which of the scopes the app has been granted; the token with them is kept.

        Raises:
            CredentialsError, OktaRefused, Unavailable: the org gives no token.

        """
        if not self._scopes:
            return ()
        async with self._asking:
            try:
                token = await self._issue(self._scopes)
            except ScopeMissing:
                return ()
            return tuple(scope for scope in self._scopes if scope in token.scopes)

    def _headers(self, token: AccessToken, method: str, url: str) -> Headers:
        if not token.bound:
            return (("Authorization", f"Bearer {token.value.reveal()}"),)
        proof = self._prover.proof(method, url, token=token.value, nonce=self._nonce)
        return (("Authorization", f"DPoP {token.value.reveal()}"), ("DPoP", proof.reveal()))

    def _learn(self, presented: PresentedToken, answer: Answer) -> bool:
        """Learn from an answer; tell whether what we know now is better than what was presented.

        Another call may have learned it first. A token may end early: the app's key was changed,
        or an admin revoked it; then the others are not to be trusted either.
        """
        nonce = nonce_of(answer)
        self._nonce = nonce or self._nonce
        self._clock.hear(answer)
        if answer.status not in (400, 401):
            return False
        match _refused_with(answer):
            case "use_dpop_nonce":
                return nonce is not None and nonce != presented.nonce
            case "invalid_dpop_proof":
                return self._clock.has_moved_from(presented.offset)
            case "invalid_token" | "E0000011":
                if presented.token in self._tokens:
                    self._tokens.clear()
                return True
            case _:
                return False

    async def _token_for(self, scope: str) -> AccessToken:
        ways = self._ways_to(scope)
        async with self._asking:
            kept = self._kept(ways)
            return kept if kept is not None else await self._fresh(ways)

    def _kept(self, ways: Sequence[str]) -> AccessToken | None:
        soon = self._now() + _MARGIN
        self._tokens = [token for token in self._tokens if token.ends_at > soon]
        return next((token for token in self._tokens if set(ways) & set(token.scopes)), None)

    async def _fresh(self, ways: Sequence[str]) -> AccessToken:
        """Ask for the least that will do, and for more only where the app was not granted that."""
        least, *more = ways
        try:
            return await self._issue([least])
        except ScopeMissing as missing:
            return await self._more(more, missing)

    async def _more(self, ways: Sequence[str], missing: ScopeMissing) -> AccessToken:
        for scope in ways:
            try:
                return await self._issue([scope])
            except ScopeMissing:
                continue
        raise missing

    async def _issue(self, scopes: Sequence[str]) -> AccessToken:
        """Ask for a token, and keep it."""
        token = await self._endpoint.token_for(scopes)
        self._tokens.append(token)
        self._issued.append(token.value)
        return token


def _refused_with(answer: Answer) -> str | None:
    """Return the code that an answer refuses with, in its header or in its body."""
    challenge = challenge_of(answer, lambda text: text)
    if challenge is not None:
        return challenge.error
    try:
        content = json.loads(answer.body)
    except (ValueError, RecursionError):
        return None
    code = content.get("error", content.get("errorCode")) if isinstance(content, dict) else None
    return code if isinstance(code, str) else None
