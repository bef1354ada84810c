"""The org's token endpoint: a service app asks for an access token (RFC 6749, 7523, 9449).

It does no I/O: :meth:`TokenEndpoint.ask` yields requests and is sent the answers.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, final

import httpx

from okhook.errors import CredentialsError, OkhookError
from okhook.http.client import Answer
from okhook.okta.answers import as_object, json_or_none, json_value, wrong_type
from okhook.okta.auth.clock import OrgClock
from okhook.okta.auth.credential import TOKEN_PATH, ServiceAppCredential
from okhook.okta.auth.dpop import dpop_proof, nonce_of
from okhook.okta.auth.private_key import PrivateKey
from okhook.okta.redaction import hushing
from okhook.okta.refusals import not_accepted, refusal, scope_missing
from okhook.runtime.ids import new_uuid
from okhook.secret import Secret
from okhook.text import plain
from okhook.wire.org import Org

_ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_ASSERTION_LIFE_S = 300
"""Okta takes up to an hour; five minutes leave room for a clock that is wrong by some."""

_TRIES = 4
"""One, one with the org's nonce, one with the org's time, one to spare."""

_UNSAID_LIFE_S = 300.0
_NOT_GRANTED = ("consent_required", "invalid_scope")
_OF_TIME = ("invalid_client", "invalid_dpop_proof")


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A token, the scopes it was granted, and when it ends. ``bound`` ones need a DPoP proof."""

    value: Secret
    scopes: tuple[str, ...]
    bound: bool
    ends_at: datetime


Asking = Generator[httpx.Request, Answer, AccessToken | None]
"""Yields token requests and is sent their answers. It returns None where the org says "later"."""


@final
class TokenEndpoint:
    """Asks for the access tokens of one app, which are bound to ``proof_key``."""

    def __init__(
        self, app: ServiceAppCredential, org: Org, *, proof_key: PrivateKey, clock: OrgClock
    ) -> None:
        self._app = app
        self._org = org
        self._proof_key = proof_key
        self._clock = clock
        self._url = f"{org.url}{TOKEN_PATH}"
        self._nonce: str | None = None
        self._assertion: Secret | None = None

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """What was sent last and must not be shown."""
        return () if self._assertion is None else (self._assertion,)

    def ask(self, scopes: Sequence[str]) -> Asking:
        """Ask for a fresh token with as many of ``scopes`` as the app has been granted.

        Raises:
            ScopeMissing: it has been granted none of them.
            CredentialsError, OktaRefused, Unavailable: the org gives no token.
        """
        for _ in range(_TRIES):
            sent_nonce, sent_offset = self._nonce, self._clock.offset
            answer = yield self._request(scopes)
            self._nonce = nonce_of(answer) or self._nonce
            self._clock.hear(answer)
            if answer.is_success:
                return self._token(answer, scopes)
            if answer.status == 429 or answer.status >= 500:
                return None
            error = _error_of(answer)
            has_another_nonce = error == "use_dpop_nonce" and self._nonce != sent_nonce
            has_another_time = error in _OF_TIME and self._clock.has_moved_from(sent_offset)
            if not has_another_nonce and not has_another_time:
                raise self._refusal(answer, error, scopes)
        raise CredentialsError(
            f"{self._org.host} gives {self._app.named} no token:"
            " it asks for another nonce each time",
            next_step="try again later",
        )

    def _request(self, scopes: Sequence[str]) -> httpx.Request:
        """Make a request with an assertion and a proof of its own: the org takes neither twice."""
        self._assertion = self._fresh_assertion()
        now = self._clock.now()
        proof = dpop_proof(self._proof_key, "POST", self._url, now=now, nonce=self._nonce)
        form = {
            "grant_type": "client_credentials",
            "scope": " ".join(scopes),
            "client_assertion_type": _ASSERTION_TYPE,
            "client_assertion": self._assertion.reveal(),
        }
        headers = {"Accept": "application/json", "DPoP": proof.reveal()}
        return httpx.Request("POST", self._url, headers=headers, data=form)

    def _fresh_assertion(self) -> Secret:
        issued = int(self._clock.now().timestamp())
        key_id = self._app.key.key_id
        claims = {
            "iss": self._app.client_id,
            "sub": self._app.client_id,
            "aud": self._url,
            "iat": issued,
            "exp": issued + _ASSERTION_LIFE_S,
            "jti": new_uuid(),
        }
        return self._app.key.sign({"typ": "JWT"} | ({"kid": key_id} if key_id else {}), claims)

    def _token(self, answer: Answer, scopes: Sequence[str]) -> AccessToken:
        content = as_object(
            json_value(answer, "the access token", hushing(self.secrets)), "the access token"
        )
        value, kind = content.get("access_token"), str(content.get("token_type")).lower()
        if not isinstance(value, str) or not _can_be_sent(value):
            raise wrong_type("access_token", "a token", value)
        if kind not in ("bearer", "dpop"):
            raise wrong_type("token_type", "Bearer or DPoP", content.get("token_type"))
        granted = content.get("scope")
        return AccessToken(
            Secret(value),
            tuple(granted.split()) if isinstance(granted, str) else tuple(scopes),
            bound=kind == "dpop",
            ends_at=self._clock.here() + timedelta(seconds=_life_s(content.get("expires_in"))),
        )

    def _refusal(self, answer: Answer, error: str | None, scopes: Sequence[str]) -> OkhookError:
        hush = hushing(self.secrets)
        if error is None:
            asked = f"POST {TOKEN_PATH}"
            return refusal(answer, org=self._org, asked=asked, credential=self._app, hush=hush)
        why, clock_fault = plain(hush(error), limit=60), self._clock.fault()
        description = _content_of(answer).get("error_description")
        if isinstance(description, str) and description:
            why = f"{why}: {plain(hush(description), limit=300)}"
        if error in _NOT_GRANTED:
            return scope_missing(self._org, self._app, " ".join(scopes), why)
        return not_accepted(self._org, self._app, f"{why}\n{clock_fault}" if clock_fault else why)


def _content_of(answer: Answer) -> dict[str, Any]:
    content = json_or_none(answer)
    return content if isinstance(content, dict) else {}


def _error_of(answer: Answer) -> str | None:
    """Return the OAuth error code in an answer; None where it has none."""
    code = _content_of(answer).get("error")
    return code if isinstance(code, str) and code else None


def _can_be_sent(token: str) -> bool:
    return bool(token) and token.isascii() and token.isprintable() and " " not in token


def _life_s(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e9:
        return _UNSAID_LIFE_S
    return float(value)
