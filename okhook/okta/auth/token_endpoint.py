"""The org's token endpoint: a service app requests access tokens (RFC 6749, 7523, 9449).

It does no I/O: :meth:`TokenEndpoint.ask` yields requests and receives the answers.
"""

import re
from collections import deque
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx

from okhook.errors import CredentialsError, OkhookError
from okhook.http.client import Answer
from okhook.json_path import json_object_in
from okhook.okta.answers import json_object, redacting, wrong_type
from okhook.okta.auth.credential import TOKEN_PATH, ServiceAppCredential
from okhook.okta.auth.dpop import Proofs
from okhook.okta.refusals import not_accepted, oauth_error, refusal, scope_missing
from okhook.runtime.ids import new_uuid
from okhook.secret import Secret
from okhook.wire.org import Org

_ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_ASSERTION_LIFE_S = 300
"""Okta accepts up to an hour; five minutes allow for a clock that is a little wrong."""

_TRIES = 4
"""One request, one more with the org's nonce, one more with its time, and a spare one."""

_REDACTED = 20
"""How many of the newest tokens are redacted in answers: an answer can arrive late."""

_DEFAULT_LIFE_S = 300.0
_SENDABLE = re.compile(r"[!-~]+")
_NOT_GRANTED = ("consent_required", "invalid_scope")


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A token, its scopes, and when it expires. A ``bound`` one needs a DPoP proof."""

    value: Secret
    scopes: tuple[str, ...]
    bound: bool
    ends_at: datetime


Asking = Generator[httpx.Request, Answer, AccessToken | None]
"""Yields token requests, receives their answers, and returns None for a 429 or a 5xx."""


class TokenEndpoint:
    """Requests the access tokens of one app, which are bound to the key of ``proofs``."""

    def __init__(self, app: ServiceAppCredential, org: Org, proofs: Proofs) -> None:
        self._app = app
        self._org = org
        self._proofs = proofs
        self._clock = proofs.clock
        self._url = f"{org.url}{TOKEN_PATH}"
        self._tokens: list[AccessToken] = []
        self._issued: deque[Secret] = deque(maxlen=_REDACTED)
        self._assertion: tuple[Secret, ...] = ()

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """The newest tokens, and the assertion that was sent last."""
        return (*self._issued, *self._assertion)

    def tokens(self, valid_at: datetime) -> list[AccessToken]:
        """Return the tokens that do not expire before."""
        self._tokens = [token for token in self._tokens if token.ends_at > valid_at]
        return self._tokens

    def drop(self, refused: AccessToken) -> None:
        """Drop a refused token and the others: a key was changed, or an admin revoked it."""
        if refused in self._tokens:
            self._tokens.clear()

    def ask(self, scopes: Sequence[str]) -> Asking:
        """Request a token with those of ``scopes`` that the app was granted.

        Raises ScopeMissing if it was granted none of them.
        """
        for _ in range(_TRIES):
            signed_with = self._proofs.signed_with()
            answer = yield self._request(scopes)
            self._proofs.learn(answer)
            if answer.is_success:
                token = self._token(answer, scopes)
                self._tokens.append(token)
                self._issued.append(token.value)
                return token
            if answer.status == 429 or answer.status >= 500:
                return None
            if not self._proofs.can_retry(json_object_in(answer.body).get("error"), signed_with):
                raise self._refusal(answer, scopes)
        raise CredentialsError(
            f"{self._org.host} issued no token to {self._app.named}:"
            " it asked for another nonce each time",
            next_step="try again later",
        )

    def _request(self, scopes: Sequence[str]) -> httpx.Request:
        """Return a request with a new assertion and a new proof: the org accepts neither twice."""
        assertion = self._new_assertion()
        self._assertion = (assertion,)
        form = {
            "grant_type": "client_credentials",
            "scope": " ".join(scopes),
            "client_assertion_type": _ASSERTION_TYPE,
            "client_assertion": assertion.reveal(),
        }
        headers = {"Accept": "application/json", "DPoP": self._proofs.proof("POST", self._url)}
        return httpx.Request("POST", self._url, headers=headers, data=form)

    def _new_assertion(self) -> Secret:
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
        content = json_object(answer, "the access token", redacting(self.secrets))
        value, kind = content.get("access_token"), str(content.get("token_type")).lower()
        if not isinstance(value, str) or not _SENDABLE.fullmatch(value):
            raise wrong_type("access_token", "a token", value)
        if kind not in ("bearer", "dpop"):
            raise wrong_type("token_type", "Bearer or DPoP", content.get("token_type"))
        granted = content.get("scope")
        life_s: Any = content.get("expires_in")
        if type(life_s) not in (int, float) or not 0 < life_s < 1e9:
            life_s = _DEFAULT_LIFE_S
        return AccessToken(
            Secret(value),
            tuple(granted.split()) if isinstance(granted, str) else tuple(scopes),
            bound=kind == "dpop",
            ends_at=self._clock.here() + timedelta(seconds=life_s),
        )

    def _refusal(self, answer: Answer, scopes: Sequence[str]) -> OkhookError:
        redact, fields = redacting(self.secrets), json_object_in(answer.body)
        error, description = fields.get("error"), fields.get("error_description")
        if not isinstance(error, str) or not error:
            asked = f"POST {TOKEN_PATH}"
            return refusal(answer, org=self._org, asked=asked, credential=self._app, redact=redact)
        why, clock_fault = oauth_error(error, description, redact), self._clock.fault()
        if error in _NOT_GRANTED:
            return scope_missing(self._org, self._app, " ".join(scopes), why)
        return not_accepted(self._org, self._app, f"{why}\n{clock_fault}" if clock_fault else why)
