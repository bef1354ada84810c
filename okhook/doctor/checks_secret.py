"""Whether the hook's secret is the receiver's: what Okta never shows, a delivery proves."""

from collections.abc import Iterator
from dataclasses import dataclass

from okhook.activity import timestamp
from okhook.config.settings import Setting
from okhook.doctor.canary import CanarySent
from okhook.doctor.check import Finding, failed, ok, skipped, warning
from okhook.doctor.checks_hook import NO_HOOK, Command
from okhook.okta.event_hooks import EventHook
from okhook.record import AuthOutcome, Record
from okhook.secret import HookAuth


@dataclass(frozen=True, slots=True)
class SecretEvidence:
    """What is known of the hook's secret and of the receiver's.

    ``written`` tells whether this machine surely wrote the secret that is set here into the hook
    (True), or surely another one (False). ``last`` is the newest delivery of the hook in the store,
    ``is_of_this_run`` whether it came to the receiver that runs now. ``canary`` carried the secret
    that is set here.
    """

    written: bool | None
    last: Record | None
    is_of_this_run: bool
    canary: CanarySent | None

    @property
    def receiver(self) -> AuthOutcome | None:
        """What the receiver said to the canary; None where it got none."""
        return self.canary.record.auth if self.canary and self.canary.record else None


async def check_secret(
    hook: EventHook | None,
    auth: Setting[HookAuth] | None,
    evidence: SecretEvidence,
    command: Command,
) -> Finding:
    """Say what proves that the hook's secret is the receiver's, and what is not proved."""
    if hook is None:
        return skipped(NO_HOOK)
    facts = tuple(_facts(evidence, auth))
    set_it = command("hooks", "edit", hook.id, "--auth-secret-file", "FILE")
    if contradiction := _contradiction(hook, auth, evidence):
        return failed(contradiction, *facts, remedy=set_it)
    if hook.auth_field is None:
        return ok("there is none: whoever knows the URL can post to it", *facts)
    if evidence.is_of_this_run and _matched(evidence.last):
        return ok("proved by the hook's last delivery, which this receiver took", *facts)
    if evidence.receiver is AuthOutcome.NOT_ASKED:
        return warning(
            "the hook sends a secret, and the receiver asks for none",
            *facts,
            remedy="set it for the receiver too: OKHOOK_AUTH_SECRET",
        )
    return _by_what_is_set_here(evidence, facts, set_it)


def _contradiction(
    hook: EventHook, auth: Setting[HookAuth] | None, evidence: SecretEvidence
) -> str | None:
    """Return what shows that the two are not the same."""
    if hook.auth_field is None:
        asks = evidence.receiver in (AuthOutcome.MATCHED, AuthOutcome.DID_NOT_MATCH)
        return "the receiver asks for a secret, and the hook has none" if asks else None
    if auth is not None and auth.value.field.lower() != hook.auth_field:
        return (
            f"the hook sends its secret in the header {hook.auth_field}, and the receiver looks for"
            f" it in {auth.value.field.lower()}"
        )
    if evidence.written is False:
        return "the hook was registered with another secret than the one that is set here"
    return None


def _by_what_is_set_here(evidence: SecretEvidence, facts: tuple[str, ...], set_it: str) -> Finding:
    """Judge by the secret that is set here, as a link between the hook's and the receiver's."""
    if evidence.receiver is not AuthOutcome.MATCHED:
        return skipped("not proved: no canary with its secret was accepted, and no event has come")
    if evidence.written:
        return ok("proved by the canary, and by what was written into the hook", *facts)
    return warning(
        "the receiver's is the one that is set here; whether the hook's is, nothing proves",
        *facts,
        remedy=f"let an event happen; or write it into the hook again: {set_it}",
    )


def _matched(record: Record | None) -> bool:
    return record is not None and record.auth is AuthOutcome.MATCHED


def _facts(evidence: SecretEvidence, auth: Setting[HookAuth] | None) -> Iterator[str]:
    if auth is not None and evidence.receiver is AuthOutcome.MATCHED:
        yield f"the receiver accepted a canary with the secret from {auth.origin}"
    if auth is not None and evidence.receiver is AuthOutcome.DID_NOT_MATCH:
        yield f"the receiver refused a canary with the secret from {auth.origin}"
    if evidence.written is not None:
        which = "that secret" if evidence.written else "another secret"
        yield f"this machine wrote {which} into the hook, which nobody changed since"
    if evidence.last is not None:
        when = timestamp(evidence.last.request.received_at)
        said = (
            "carried the receiver's secret" if _matched(evidence.last) else "was not asked for it"
        )
        run = "" if evidence.is_of_this_run else ", before this receiver began"
        yield f"the hook's last delivery (#{evidence.last.seq}, {when}) {said}{run}"
