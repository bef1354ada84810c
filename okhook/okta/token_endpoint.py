"""The org's token endpoint: a service app asks for an access token (RFC 6749, 7523, 9449)."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, final
from urllib.parse import urlencode

from okhook.errors import CredentialsError, OkhookError
from okhook.http.client import Answer
from okhook.okta.answers import json_object, wrong_type
from okhook.okta.clock import OrgClock
from okhook.okta.credential import Credential, Form, OrgLine
from okhook.okta.dpop import DpopProver
from okhook.okta.private_key import PrivateKey
from okhook.okta.redaction import Hush, hushing
from okhook.okta.refusals import refusal, scope_missing
from okhook.runtime.ids import new_uuid
from okhook.secret import Secret
from okhook.text import plain

TOKEN_PATH = "/oauth2/v1/token"  # noqa: S105 - a path

_ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_ASSERTION_LIFE_S = 300
"""Okta takes up to an hour; five minutes leave room for a clock that is wrong by some."""

_TRIES = 4
"""One, one with the org's nonce, one with the org's time, one to spare."""

_UNSAID_LIFE_S = 300.0
_LONGEST_NONCE = 2_000
_NOT_GRANTED = ("consent_required", "invalid_scope")
_OF_TIME = ("invalid_client", "invalid_dpop_proof")


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A token, the scopes it was granted, and when it ends. ``bound`` ones need a DPoP proof."""

    value: Secret
    scopes: tuple[str, ...]
    bound: bool
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class AppIdentity:
    """What an app proves itself with: its id, and the key whose public half the org has."""

    client_id: str
    key: PrivateKey


@final
class TokenEndpoint:
    """Asks for access tokens. ``credential`` is what errors name."""

    def __init__(
        self,
        app: AppIdentity,
        line: OrgLine,
        *,
        credential: Credential,
        prover: DpopProver,
        clock: OrgClock,
    ) -> None:
        self._app = app
        self._line = line
        self._credential = credential
        self._prover = prover
        self._clock = clock
        self._url = f"{line.org.url}{TOKEN_PATH}"
        self._nonce: str | None = None
        self._assertion: Secret | None = None
        self._signed_at_offset = clock.offset

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """What was sent last and must not be shown."""
        return () if self._assertion is None else (self._assertion,)

    async def token_for(self, scopes: Sequence[str]) -> AccessToken:
        """Return a fresh token for as many of ``scopes`` as the app has been granted.

        Raises:
            ScopeMissing: it has been granted none of them.
            CredentialsError, OktaRefused, Unavailable: the org gives no token.

        """
        for _ in range(_TRIES):
            answer = await self._line.post(TOKEN_PATH, lambda: self._form(scopes))
            sent_nonce, self._nonce = self._nonce, nonce_of(answer) or self._nonce
            self._clock.hear(answer)
            if answer.is_success:
                return self._token(answer, scopes)
            error = _error_of(answer)
            has_another_nonce = error == "use_dpop_nonce" and self._nonce != sent_nonce
            if not has_another_nonce and not (error in _OF_TIME and self._clock_has_moved()):
                raise self._refusal(answer, scopes)
        raise CredentialsError(
            f"{self._line.org.host} gives {self._credential.named} no token:"
            " it asks for another nonce each time",
            next_step="try again later",
        )

    def _form(self, scopes: Sequence[str]) -> Form:
        """Make a request with an assertion and a proof of its own: the org takes neither twice."""
        self._signed_at_offset = self._clock.offset
        self._assertion = self._fresh_assertion()
        proof = self._prover.proof("POST", self._url, nonce=self._nonce)
        fields = {
            "grant_type": "client_credentials",
            "scope": " ".join(scopes),
            "client_assertion_type": _ASSERTION_TYPE,
            "client_assertion": self._assertion.reveal(),
        }
        headers = (
            ("Accept", "application/json"),
            ("Content-Type", "application/x-www-form-urlencoded"),
            ("DPoP", proof.reveal()),
        )
        return Form(headers, urlencode(fields).encode())

    def _clock_has_moved(self) -> bool:
        """Tell whether the org's time is known better now, by whatever answer, than was signed."""
        return self._clock.has_moved_from(self._signed_at_offset)

    def _fresh_assertion(self) -> Secret:
        issued = int(self._clock.now().timestamp())
        header = {"typ": "JWT"}
        if self._app.key.key_id is not None:
            header["kid"] = self._app.key.key_id
        claims = {
            "iss": self._app.client_id,
            "sub": self._app.client_id,
            "aud": self._url,
            "iat": issued,
            "exp": issued + _ASSERTION_LIFE_S,
            "jti": new_uuid(),
        }
        return self._app.key.sign(header, claims)

    def _token(self, answer: Answer, scopes: Sequence[str]) -> AccessToken:
        content = json_object(answer, "the access token", self._hush())
        value = content.get("access_token")
        if not isinstance(value, str) or not _can_be_sent(value):
            raise wrong_type("access_token", "a token", value)
        kind = str(content.get("token_type")).lower()
        if kind not in ("bearer", "dpop"):
            raise wrong_type("token_type", "Bearer or DPoP", content.get("token_type"))
        granted = content.get("scope")
        return AccessToken(
            Secret(value),
            tuple(granted.split()) if isinstance(granted, str) else tuple(scopes),
            bound=kind == "dpop",
            ends_at=self._line.now() + timedelta(seconds=_life_s(content.get("expires_in"))),
        )

    def _refusal(self, answer: Answer, scopes: Sequence[str]) -> OkhookError:
        org, hush = self._line.org, self._hush()
        error = _error_of(answer)
        if error is None:
            asked = f"POST {TOKEN_PATH}"
            return refusal(answer, org=org, asked=asked, credential=self._credential, hush=hush)
        why, clock_fault = _told(answer, error, hush), self._clock.fault()
        if error in _NOT_GRANTED:
            return scope_missing(org, self._credential, " ".join(scopes), why)
        return CredentialsError(
            f"{org.host} did not accept {self._credential.named}",
            why=why if clock_fault is None else f"{why}\n{clock_fault}",
            next_step=self._credential.if_not_accepted,
        )

    def _hush(self) -> Hush:
        return hushing(self.secrets)


def nonce_of(answer: Answer) -> str | None:
    """Return the nonce that the org wants in the next proof, where it says one."""
    nonce = answer.header("dpop-nonce")
    if not nonce or len(nonce) > _LONGEST_NONCE or not nonce.isprintable():
        return None
    return nonce


def _error_of(answer: Answer) -> str | None:
    """Return the OAuth error code in an answer, or None where there is none."""
    code = _content_of(answer).get("error")
    return code if isinstance(code, str) and code else None


def _told(answer: Answer, error: str, hush: Hush) -> str:
    description = _content_of(answer).get("error_description")
    shown = plain(hush(error), limit=60)
    if not isinstance(description, str) or not description:
        return shown
    return f"{shown}: {plain(hush(description), limit=300)}"


def _content_of(answer: Answer) -> dict[str, Any]:
    try:
        content = json.loads(answer.body)
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def _can_be_sent(token: str) -> bool:
    return bool(token) and token.isascii() and token.isprintable() and " " not in token


def _life_s(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e9:
        return _UNSAID_LIFE_S
    return float(value)
