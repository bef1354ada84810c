"""The probe: make the org's verification GET ourselves, to find out why it failed.

Okta gives one sentence for every failure. The report says which step towards the right answer
failed first.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from okhook.http.client import Answer, HttpClient
from okhook.http.errors import (
    AnswerLost,
    ConnectionFailed,
    HttpError,
    NameNotFound,
    TimedOut,
    TlsFailed,
)
from okhook.okta import probe_checks
from okhook.okta.activities import ProbeReport, ProbeStep
from okhook.okta.answers import Redact, redacting
from okhook.okta.event_hooks import EventHook
from okhook.okta.preflight import is_sendable
from okhook.okta.probe_checks import CONTENT_TYPE, SecretSent
from okhook.runtime.ids import new_uuid
from okhook.secret import HookAuth
from okhook.text import plain
from okhook.wire.hook_call import TIMEOUT_S, verification_headers
from okhook.wire.org import Org
from okhook.wire.url import host_of
from okhook.wire.webhook_url import is_private

RECEIVER_HEADER = "x-okhook-receiver"
"""Our receiver marks its answers with this header; its value is the version."""

_LONGER_TIMEOUT_S = 12.0
"""How long a second GET waits after the first came too late, to tell slow from silent."""

_LIMIT = 200


@dataclass(frozen=True, slots=True)
class ProbeTarget:
    """What the org calls: the hook's URL, with its custom headers and its secret.

    With ``lacks_secret``, the org sends a secret that okhook does not know, or must not send there.
    """

    url: str
    headers: tuple[tuple[str, str], ...] = ()
    auth: HookAuth | None = None
    lacks_secret: bool = False

    @property
    def secret_sent(self) -> SecretSent:
        """What our own GET carries of the secret."""
        if self.auth is not None:
            return SecretSent.YES
        return SecretSent.NOT_KNOWN if self.lacks_secret else SecretSent.THERE_IS_NONE


def target_of(hook: EventHook, auth: HookAuth | None, *, is_ours: bool) -> ProbeTarget:
    """Return what the org calls for a hook that it has.

    ``auth`` is sent only where the hook has a secret and its URL ``is_ours``: that the org calls a
    URL does not prove that it is. Headers that a request cannot carry are left out.
    """
    headers = tuple(pair for pair in hook.headers if is_sendable(*pair))
    if hook.auth_field is None:
        return ProbeTarget(hook.url, headers)
    if auth is None or not is_ours:
        return ProbeTarget(hook.url, headers, lacks_secret=True)
    return ProbeTarget(hook.url, headers, HookAuth(hook.auth_field, auth.secret))


async def probe(http: HttpClient, target: ProbeTarget, org: Org) -> ProbeReport:
    """Make the verification GET and report its result, step by step.

    An answer that does not come within Okta's 3 s is waited for a second time, longer.
    """
    challenge = new_uuid()
    headers = verification_headers(challenge, new_uuid(), target.auth, target.headers)
    outcome = await _asked(http, target.url, headers, TIMEOUT_S)
    was_late = isinstance(outcome, TimedOut)
    if was_late:
        outcome = await _asked(http, target.url, headers, _LONGER_TIMEOUT_S)
    return diagnosed(target, outcome, org=org, challenge=challenge, first_was_late=was_late)


def diagnosed(
    target: ProbeTarget,
    outcome: Answer | HttpError,
    *,
    org: Org,
    challenge: str,
    first_was_late: bool = False,
) -> ProbeReport:
    """Return what the ``outcome`` of the GET means: the first step that failed is the cause.

    ``first_was_late`` says that this is a second GET, after the first one took too long.
    """
    url, redact = target.url, redacting((target.auth.secret,) if target.auth else ())
    if isinstance(outcome, HttpError):
        steps, who = _steps_without_answer(url, outcome, redact), None
    else:
        checks = (
            probe_checks.check_redirect(outcome, redact),
            probe_checks.check_status(outcome, target.secret_sent, redact),
            probe_checks.check_content_type(outcome, redact),
            probe_checks.check_json(outcome, redact),
            probe_checks.check_echo(outcome, challenge, redact),
        )
        reached = [ProbeStep(name, True, "") for name in _steps_before_answer(url)]
        late = probe_checks.check_time(outcome, first_was_late=first_was_late)
        steps = [*reached, *_up_to_the_first_failure(checks), late]
        if sum(step.ok is False for step in steps) > 1:
            # A wrong content type is the cause only where no other check failed.
            steps = [
                replace(step, ok=None) if step.name == CONTENT_TYPE and step.ok is False else step
                for step in steps
            ]
        who = _answered_by(outcome, redact)
    failed = next((step for step in steps if step.ok is False), None)
    cause = failed.cause if failed else None
    next_step = failed.next_step if failed else _next_step_when_all_is_well(url, org)
    if is_private(url) and not org.is_loopback:
        host = host_of(url)
        cause = f"{host} is a private address: the org cannot reach it"
        next_step = "use a public URL; okhook tunnel gives you one"
    return ProbeReport(url, tuple(steps), cause, next_step, who)


async def _asked(
    http: HttpClient, url: str, headers: list[tuple[str, str]], timeout_s: float
) -> Answer | HttpError:
    try:
        return await http.send("GET", url, headers=headers, timeout_s=timeout_s)
    except HttpError as fault:
        return fault


def _steps_before_answer(url: str) -> list[str]:
    return ["DNS", "connection", *(["TLS"] if url.startswith("https:") else [])]


def _steps_without_answer(url: str, fault: HttpError, redact: Redact) -> list[ProbeStep]:
    names = [*_steps_before_answer(url), "answer"]
    name, cause, next_step = _meaning_of(fault, host_of(url) or "the host")
    reached = names.index(name) if name in names else len(names) - 1
    unsure = isinstance(fault, TimedOut)
    reason = plain(redact(fault.reason), limit=_LIMIT)
    return [
        *(ProbeStep(before, None if unsure else True, "") for before in names[:reached]),
        ProbeStep(names[reached], False, reason, f"{cause}: {reason}", next_step),
        *(ProbeStep(after, None, "not reached") for after in names[reached + 1 :]),
    ]


def _meaning_of(fault: HttpError, host: str) -> tuple[str, str, str]:
    """Return the step that a fault met, what it means, and what to do about it."""
    match fault:
        case NameNotFound():
            return (
                "DNS",
                f"no address for {host}",
                "check the URL, and that its host name is public",
            )
        case TlsFailed():
            next_step = "give the endpoint a certificate for its host name from a public authority"
            return "TLS", "the TLS handshake failed", next_step
        case ConnectionFailed():
            next_step = "start the endpoint or the tunnel, and check the port"
            return "connection", f"no connection to {host}", next_step
        case TimedOut():
            next_step = "check that it runs, and that no firewall drops the request"
            return "answer", "the endpoint does not respond", next_step
        case AnswerLost():
            next_step = "look in the endpoint's log: it closed the connection, or a proxy did"
            return "answer", "the connection closed before a response arrived", next_step
        case _:
            return "connection", "could not send the request", "check the URL"


def _up_to_the_first_failure(checks: Sequence[ProbeStep]) -> Iterator[ProbeStep]:
    """Yield the checks; those after one that failed were never reached. A type alone stops none."""
    stopped = False
    for step in checks:
        yield ProbeStep(step.name, None, "not reached") if stopped else step
        stopped = stopped or (step.ok is False and step.name != CONTENT_TYPE)


def _next_step_when_all_is_well(url: str, org: Org) -> str:
    if org.is_loopback:
        return "it may have just started: try again"
    return (
        f"this machine gets the right response from {host_of(url)}; check that the org"
        " can reach it"
        " (public DNS, firewall, a certificate that only this machine trusts)"
    )


def _answered_by(answer: Answer, redact: Redact) -> str | None:
    """Return who answered, where a header says it; None where none does."""
    version = answer.header(RECEIVER_HEADER)
    if version is not None:
        return f"okhook's receiver {plain(redact(version), limit=20)}"
    if any(name.lower().startswith("x-hookdeck-") for name, _ in answer.headers):
        return "Hookdeck"
    server = answer.header("server")
    return f"the server {plain(redact(server), limit=60)}" if server else None
