"""An org's "no", as an outcome of ours: what was refused, why, and what to do about it."""

from okhook.display import plain
from okhook.errors import CredentialsError, OkhookError, OktaRefused, Unavailable
from okhook.http import Answer
from okhook.okta.answers import ErrorEnvelope, UnexpectedAnswer, envelope_of, not_okta
from okhook.okta.redaction import Hush
from okhook.org import Org

PERMISSION = "okta.eventhooks.manage"
SCOPE = "okta.eventHooks.manage"


class NotFound(OktaRefused):
    """The org has no such thing."""


class ValidationFailed(OktaRefused):
    """The org does not take what was sent: 400 with its causes."""

    def __init__(self, asked: str, envelope: ErrorEnvelope) -> None:
        super().__init__(f"the org refused {asked}", why=envelope.told())
        self.envelope = envelope


def refusal(answer: Answer, *, org: Org, asked: str, origin: str, hush: Hush) -> OkhookError:
    """Return the outcome that ``answer``, which is not 2xx, stands for.

    ``asked`` names the call, ``origin`` the place that the credential came from.
    """
    if 300 <= answer.status < 400:
        return _redirected(answer, org, hush)
    envelope = envelope_of(answer, hush)
    if envelope is None:
        return not_okta(answer, asked, hush)
    return _refused(answer.status, envelope, org, asked, origin)


def _refused(
    status: int, envelope: ErrorEnvelope, org: Org, asked: str, origin: str
) -> OkhookError:
    match status:
        case 400:
            return ValidationFailed(asked, envelope)
        case 401:
            return CredentialsError(
                f"{org.host} did not accept the token from {origin}",
                why=envelope.told(),
                next_step="make a new one in the Admin Console under Security → API → Tokens"
                f" of that org, and set it there ({origin})",
            )
        case 403:
            return OktaRefused(
                f"the token from {origin} may not do this in {org.host}",
                why=envelope.told(),
                next_step="its owner must be a super admin, or have a custom role with the"
                f" permission {PERMISSION} (for an OAuth app: the scope {SCOPE})",
            )
        case 404:
            return NotFound(f"{org.host} has nothing for {asked}", why=envelope.told())
        case _ if status >= 500:
            return Unavailable(
                f"{org.host} could not answer {asked}: HTTP {status}",
                why=envelope.told(),
                next_step="try again later; https://status.okta.com tells of known trouble",
            )
        case _:
            return OktaRefused(f"the org refused {asked}: HTTP {status}", why=envelope.told())


def _redirected(answer: Answer, org: Org, hush: Hush) -> UnexpectedAnswer:
    target = hush(answer.header("location") or "nowhere")
    return UnexpectedAnswer(
        f"{org.host} redirects its API to {plain(target, limit=200)}",
        why="the token goes to the org that was named and to no other host,"
        " so a redirect is not followed",
        next_step="if that is the org's own address, name it with --org",
    )
