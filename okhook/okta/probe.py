"""The probe: the verification GET that the org made, made by ourselves, so that the cause shows."""

from dataclasses import dataclass

from okhook.http.client import Answer, HttpClient, HttpError, TimedOut
from okhook.okta.event_hooks import EventHook
from okhook.okta.preflight import is_sendable
from okhook.okta.probe_checks import SecretSent
from okhook.okta.probe_diagnosis import diagnosed
from okhook.okta.probe_report import ProbeReport
from okhook.okta.redaction import hushing
from okhook.secret import HookAuth, Secret
from okhook.wire.hook_call import TIMEOUT_S, verification_headers
from okhook.wire.org import Org

_PATIENCE_S = 12.0
"""How long a second GET waits after the first came too late, to tell slow from silent."""


@dataclass(frozen=True, slots=True)
class ProbeTarget:
    """What the org calls: the hook's URL, with its custom headers and its secret.

    ``lacks_secret`` tells that the org sends a secret that we do not know, or do not send there.
    """

    url: str
    headers: tuple[tuple[str, str], ...] = ()
    auth: HookAuth | None = None
    lacks_secret: bool = False

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """What an endpoint may echo and nobody shall see."""
        return (self.auth.secret,) if self.auth else ()

    @property
    def secret_sent(self) -> SecretSent:
        """What our own GET carries of the secret."""
        if self.auth is not None:
            return SecretSent.YES
        return SecretSent.NOT_KNOWN if self.lacks_secret else SecretSent.THERE_IS_NONE


def target_of(hook: EventHook, auth: HookAuth | None, *, is_ours: bool) -> ProbeTarget:
    """Return what the org calls for a hook that is there.

    ``auth`` goes along only where the hook has a secret and its URL ``is_ours``: the org's word for
    where that is does not do. Headers that a request cannot carry are left out.
    """
    headers = tuple(pair for pair in hook.headers if is_sendable(*pair))
    if hook.auth_field is None:
        return ProbeTarget(hook.url, headers)
    if auth is None or not is_ours:
        return ProbeTarget(hook.url, headers, lacks_secret=True)
    return ProbeTarget(hook.url, headers, HookAuth(hook.auth_field, auth.secret))


async def probe(
    http: HttpClient, target: ProbeTarget, *, org: Org, challenge: str, request_id: str
) -> ProbeReport:
    """Make the verification GET and say, step by step, what came of it.

    ``challenge`` and ``request_id`` are fresh and random. An answer that does not come within
    Okta's 3 s is waited for a second time, longer.
    """
    headers = verification_headers(challenge, request_id, target.auth, target.headers)
    outcome = await _asked(http, target.url, headers, TIMEOUT_S)
    first_was_late = isinstance(outcome, TimedOut)
    if first_was_late:
        outcome = await _asked(http, target.url, headers, _PATIENCE_S)
    return diagnosed(
        target.url,
        outcome,
        challenge=challenge,
        org=org,
        secret=target.secret_sent,
        first_was_late=first_was_late,
        hush=hushing(target.secrets),
    )


async def _asked(
    http: HttpClient, url: str, headers: list[tuple[str, str]], timeout_s: float
) -> Answer | HttpError:
    try:
        return await http.send("GET", url, headers=headers, timeout_s=timeout_s)
    except HttpError as fault:
        return fault
