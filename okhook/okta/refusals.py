"""Turn an org's refusal into an error: what it refused, why, and how to fix it."""

import re
from dataclasses import dataclass

from okhook.errors import CredentialsError, OkhookError, OktaRefused, Unavailable
from okhook.http.client import Answer
from okhook.okta.answers import ErrorEnvelope, Redact, UnexpectedAnswer, envelope_of, not_okta
from okhook.okta.auth.credential import Credential
from okhook.text import plain
from okhook.wire.org import Org

_NO_FEATURE = "E0000015"
"""Okta's code, with any status, for a feature that the org lacks: the credential may be fine."""

_PARAMETER = re.compile(r'([a-z_]{1,40})="([^"]{0,1000})"')
_SCHEME = re.compile(r"\s*(Bearer|DPoP)\b", re.IGNORECASE)


class NotFound(OktaRefused):
    """The org does not have what a call names: 404."""


class ValidationFailed(OktaRefused):
    """The org did not accept what a call sent: 400."""

    def __init__(self, asked: str, envelope: ErrorEnvelope) -> None:
        super().__init__(f"the org refused {asked}", why=envelope.why)
        self.envelope = envelope


class ScopeMissing(OktaRefused):
    """The app has not been granted the scope that a call needs."""


class FeatureMissing(OktaRefused):
    """The org lacks the feature that a call belongs to; the credential may be fine."""


def refusal(
    answer: Answer, *, org: Org, asked: str, credential: Credential, redact: Redact
) -> OkhookError:
    """Return the error for an answer that is not 2xx; ``asked`` names the call.

    If Okta refuses an OAuth token, the body is often empty, and the reason is in a header.
    """
    if 300 <= answer.status < 400:
        return _redirected(answer, org, redact)
    challenge, envelope = challenge_of(answer, redact), envelope_of(answer, redact)
    if challenge is not None and challenge.error == "insufficient_scope":
        return scope_missing(org, credential, challenge.scope, challenge.why)
    if envelope is not None:
        return _refused(answer.status, envelope, org, asked, credential)
    if challenge is not None:
        return not_accepted(org, credential, challenge.why)
    return not_okta(answer, asked, redact)


def scope_missing(
    org: Org, credential: Credential, scope: str | None, why: str | None
) -> ScopeMissing:
    """Return the error for an app without a scope; None if the org does not name it."""
    named = scope or "that the call needs"
    return ScopeMissing(
        f"{credential.named} does not have the scope {named} in {org.host}",
        why=why,
        next_step=f"grant {scope or 'it'} in the Admin Console, on the app's tab Okta API Scopes",
    )


def not_accepted(org: Org, credential: Credential, why: str) -> CredentialsError:
    """Return the error for a credential that the org does not accept."""
    return CredentialsError(
        f"{org.host} did not accept {credential.named}",
        why=why,
        next_step=credential.if_not_accepted,
    )


def _refused(
    status: int, envelope: ErrorEnvelope, org: Org, asked: str, credential: Credential
) -> OkhookError:
    match status:
        case _ if envelope.code == _NO_FEATURE:
            return FeatureMissing(
                f"{org.host} does not have the feature that {asked} belongs to",
                why=envelope.why,
                next_step="look for it in the Admin Console under Settings → Features, or ask Okta"
                f" to enable it for this org; {credential.named} is not the cause",
            )
        case 400:
            return ValidationFailed(asked, envelope)
        case 401:
            return not_accepted(org, credential, envelope.why)
        case 403:
            return OktaRefused(
                f"{credential.named} does not have permission for this in {org.host}",
                why=envelope.why,
                next_step=credential.if_not_permitted,
            )
        case 404:
            return NotFound(f"{org.host} did not find {asked}", why=envelope.why)
        case _ if status >= 500:
            return Unavailable(
                f"{org.host} returned HTTP {status} for {asked}",
                why=envelope.why,
                next_step="try again later; see https://status.okta.com",
            )
        case _:
            return OktaRefused(f"the org refused {asked}: HTTP {status}", why=envelope.why)


def _redirected(answer: Answer, org: Org, redact: Redact) -> UnexpectedAnswer:
    target = redact(answer.header("location") or "nowhere")
    return UnexpectedAnswer(
        f"{org.host} redirects its API to {plain(target, limit=200)}",
        why="okhook sends the token to no other host, so it does not follow redirects",
        next_step="if that is the org's own address, pass it with --org",
    )


@dataclass(frozen=True, slots=True)
class Challenge:
    """``WWW-Authenticate``: why Okta refuses an OAuth token (RFC 6750, RFC 9449).

    ``why`` is the error with its description, in one line.
    """

    error: str
    why: str
    scope: str | None


def challenge_of(answer: Answer, redact: Redact) -> Challenge | None:
    """Return the first challenge that names an error."""
    for value in answer.header_values("www-authenticate"):
        if not _SCHEME.match(value):
            continue
        found = dict(_PARAMETER.findall(value))
        if found.get("error"):
            why = oauth_error(found["error"], found.get("error_description"), redact)
            scope = plain(redact(found.get("scope", "")), limit=300) or None
            return Challenge(plain(redact(found["error"]), limit=60), why, scope)
    return None


def oauth_error(error: str, description: object, redact: Redact) -> str:
    """Return an OAuth error and its description in one line."""
    why = plain(redact(error), limit=60)
    if isinstance(description, str) and description:
        return f"{why}: {plain(redact(description), limit=300)}"
    return why
