"""From an answer, or none, to the cause: which step towards the right one failed first."""

from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from okhook.http.client import (
    Answer,
    AnswerLost,
    ConnectionFailed,
    HttpError,
    NameNotFound,
    TimedOut,
    TlsFailed,
)
from okhook.okta.probe_checks import (
    CONTENT_TYPE,
    Finding,
    SecretSent,
    content_type_check,
    echo_check,
    json_check,
    redirect_check,
    status_check,
    time_check,
)
from okhook.okta.probe_report import ProbeReport, ProbeStep
from okhook.okta.redaction import Hush
from okhook.okta.who_answered import answered_by, is_private
from okhook.text import plain
from okhook.wire.org import Org

_LIMIT = 200


def diagnosed(
    url: str,
    outcome: Answer | HttpError,
    *,
    challenge: str,
    org: Org,
    secret: SecretSent,
    first_was_late: bool,
    hush: Hush,
) -> ProbeReport:
    """Return what the ``outcome`` of the GET means.

    ``secret`` tells whether the hook's was sent, ``first_was_late`` whether this is the outcome
    of a second GET after the first one took too long. ``hush`` blots secrets out of a text.
    """
    if isinstance(outcome, HttpError):
        findings, who = _no_answer(url, outcome, hush), None
    else:
        who = answered_by(outcome, hush)
        checks = (
            redirect_check(outcome, hush),
            status_check(outcome, secret, hush),
            content_type_check(outcome, hush),
            json_check(outcome, hush),
            echo_check(outcome, challenge, hush),
        )
        late = time_check(outcome, first_was_late=first_was_late)
        findings = [*_answered(url), *_up_to_the_first_failure(checks), late]
        findings = _content_type_last(findings)
    failed = next((finding for finding in findings if finding.ok is False), None)
    if failed is None:
        cause, next_step = None, _next_step_when_all_is_well(url, org)
    else:
        cause, next_step = failed.cause, failed.next_step
    if is_private(url) and not org.is_loopback:
        cause, next_step = _private_address(url)
    steps = tuple(ProbeStep(finding.name, finding.ok, finding.detail) for finding in findings)
    return ProbeReport(url, steps, cause, next_step, who)


def _private_address(url: str) -> tuple[str, str]:
    host = urlsplit(url).hostname or ""
    return (
        f"{host} is an address of this machine or its network: the org cannot reach it",
        "give a public URL: okhook tunnel makes one",
    )


def _next_step_when_all_is_well(url: str, org: Org) -> str:
    if org.is_loopback:
        return "it may have come up only now: try again"
    return (
        f"from here {urlsplit(url).hostname} answers as it should; see whether the org can reach it"
        " (public DNS, firewall, a certificate that only this machine trusts)"
    )


def _no_answer(url: str, fault: HttpError, hush: Hush) -> list[Finding]:
    names = ["DNS", "connection", *(["TLS"] if url.startswith("https:") else []), "answer"]
    stage, cause, next_step = _stage_of(fault, url)
    reached = names.index(stage) if stage in names else len(names) - 1
    unsure = isinstance(fault, TimedOut)
    findings = [Finding(name, None if unsure else True, "") for name in names[:reached]]
    reason = plain(hush(fault.reason), limit=_LIMIT)
    findings.append(Finding(names[reached], False, reason, f"{cause}: {reason}", next_step))
    return findings + [Finding(name, None, "not reached") for name in names[reached + 1 :]]


def _stage_of(fault: HttpError, url: str) -> tuple[str, str, str]:
    host = urlsplit(url).hostname or "the host"
    match fault:
        case NameNotFound():
            return "DNS", f"no address for {host}", "check the URL, and whether its name is public"
        case TlsFailed():
            return (
                "TLS",
                "the TLS handshake failed",
                "the endpoint needs a certificate for its name, from a public authority",
            )
        case ConnectionFailed():
            return (
                "connection",
                f"no connection to {host}",
                "start the endpoint or the tunnel, and check the port",
            )
        case TimedOut():
            return (
                "answer",
                "the endpoint does not answer",
                "see whether it runs, or whether a firewall swallows the request",
            )
        case AnswerLost():
            return (
                "answer",
                "the connection broke before an answer came",
                "look into the endpoint's own log: it, or a proxy before it, hung up",
            )
        case _:
            return "connection", "the request could not be made", "check the URL"


def _answered(url: str) -> list[Finding]:
    names = ["DNS", "connection", *(["TLS"] if url.startswith("https:") else [])]
    return [Finding(name, True, "") for name in names]


def _up_to_the_first_failure(checks: Sequence[Finding]) -> Iterator[Finding]:
    """Yield the checks; those after one that failed were never reached. A type alone stops none."""
    stopped = False
    for finding in checks:
        yield Finding(finding.name, None, "not reached") if stopped else finding
        stopped = stopped or (finding.ok is False and finding.name != CONTENT_TYPE)


def _content_type_last(findings: list[Finding]) -> list[Finding]:
    """Let a wrong content type be the cause only where nothing else is: Okta may not insist."""
    others = any(f.ok is False and f.name != CONTENT_TYPE for f in findings)
    if not others:
        return findings
    return [
        Finding(f.name, None, f.detail) if f.name == CONTENT_TYPE and f.ok is False else f
        for f in findings
    ]
