"""OAuth at work: access tokens by the scope that a call needs, kept until shortly before they end.

Nothing of it outlives the process: neither the tokens nor the key that binds them (DPoP).
"""

import json
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import final

import anyio

from okhook.http import Answer, Headers
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


@final
class OAuthSession:
    """Authenticates the calls of one client.

    ``scopes`` are all that may be asked for; ``now`` is this machine's time.
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
        self._nonce: str | None = None
        self._asking = anyio.Lock()

    @property
    def secrets(self) -> Sequence[Secret]:
        """The tokens, and what they were asked for with."""
        return (*(token.value for token in self._tokens), *self._endpoint.secrets)

    async def headers(self, method: str, url: str) -> Headers:
        """Return the token for a call, with the proof that it is ours to use.

        Raises:
            ScopeMissing: the app has not been granted the scope.
            ConfigurationError: the settings do not let us ask for it.
            CredentialsError, OktaRefused, Unavailable: the org gives no token.

        """
        token = await self._token_for(scope_for(method, url))
        if not token.bound:
            return (("Authorization", f"Bearer {token.value.reveal()}"),)
        proof = self._prover.proof(method, url, token=token.value, nonce=self._nonce)
        return (("Authorization", f"DPoP {token.value.reveal()}"), ("DPoP", proof.reveal()))

    def wants_again(self, answer: Answer) -> bool:
        """Take nonce and time from an answer, and tell whether another proof or token would do.

        A token may end early: the app's key was changed, or an admin revoked it.
        """
        nonce = nonce_of(answer)
        had, self._nonce = self._nonce, nonce or self._nonce
        clock_was_wrong = self._clock.hear(answer)
        if answer.status not in (400, 401):
            return False
        match _refused_with(answer):
            case "use_dpop_nonce":
                return nonce is not None and nonce != had
            case "invalid_dpop_proof":
                return clock_was_wrong
            case "invalid_token" | "E0000011":
                self._tokens.clear()
                return True
            case _:
                return False

    async def granted(self) -> tuple[str, ...]:
        """Return which of the scopes the app has been granted; the token with them is kept.

        Raises:
            CredentialsError, OktaRefused, Unavailable: the org gives no token.

        """
        async with self._asking:
            try:
                token = await self._endpoint.token_for(self._scopes)
            except ScopeMissing:
                return ()
            self._tokens.append(token)
            return tuple(scope for scope in self._scopes if scope in token.scopes)

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
            token = await self._endpoint.token_for([least])
        except ScopeMissing as missing:
            token = await self._more(more, missing)
        self._tokens.append(token)
        return token

    async def _more(self, ways: Sequence[str], missing: ScopeMissing) -> AccessToken:
        for scope in ways:
            try:
                return await self._endpoint.token_for([scope])
            except ScopeMissing:
                continue
        raise missing


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
