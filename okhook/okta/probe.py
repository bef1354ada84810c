"""The probe: the verification GET that the org made, made by ourselves, so that the cause shows."""

from dataclasses import dataclass

from okhook.hook_call import TIMEOUT_S, verification_headers
from okhook.http import Answer, HttpClient, HttpError, TimedOut
from okhook.okta.probe_diagnosis import diagnosed
from okhook.okta.probe_report import ProbeReport
from okhook.okta.redaction import hushing
from okhook.org import Org
from okhook.secret import HookAuth, Secret

_PATIENCE_S = 12.0
"""How long a second GET waits after the first came too late, to tell slow from silent."""


@dataclass(frozen=True, slots=True)
class ProbeTarget:
    """What the org calls: the hook's URL, with its custom headers and its secret."""

    url: str
    headers: tuple[tuple[str, str], ...] = ()
    auth: HookAuth | None = None

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """What an endpoint may echo and nobody shall see."""
        return (self.auth.secret,) if self.auth else ()


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
        has_secret=target.auth is not None,
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
