"""Check that hook and receiver have the same secret.

Okta never shows a hook's secret, so a delivery or a canary has to prove it.
"""

from collections.abc import Iterator

from okhook.config.setting import Setting
from okhook.doctor.check import NO_HOOK, Finding, failed, ok, skipped, warning
from okhook.doctor.facts import Facts
from okhook.doctor.secret_evidence import SecretEvidence
from okhook.doctor.setup import Commands
from okhook.json_form import timestamp
from okhook.okta.event_hooks import EventHook
from okhook.records.record import AuthOutcome, Record
from okhook.secret import HookAuth


async def check_secret(facts: Facts) -> Finding:
    """Check that the receiver accepts the hook's secret, as far as that can be proved."""
    hook = await facts.hook.get_or_none()
    if hook is None:
        return NO_HOOK
    evidence, setup = await facts.secret_evidence.get(), facts.setup
    auth, commands = setup.auth, setup.commands
    shown = tuple(_lines_of(evidence, auth))
    if hook.auth_field is None:
        return _without_one(hook, evidence, shown, commands)
    if evidence.is_of_this_run and _matched(evidence.last):
        return ok("confirmed: this receiver accepted the hook's last delivery", *shown)
    if evidence.receiver is AuthOutcome.NOT_ASKED:
        return warning(
            "the hook sends a secret, but the receiver requires none",
            *shown,
            remedy="also set OKHOOK_AUTH_SECRET for the receiver",
        )
    if auth is None:
        return skipped(
            "not confirmed: no secret is set for okhook doctor, and no event has arrived"
        )
    if evidence.receiver is AuthOutcome.DID_NOT_MATCH:
        if evidence.written and _is_where_the_hook_has_it(hook, auth):
            # The hook still has that secret, so the receiver is what has to change.
            serve = commands.serve(setup.endpoint)
            return failed(
                f"the receiver does not accept the hook's secret, which is {auth.origin}",
                *shown,
                remedy=f"stop the receiver, then start it with that secret:\n{serve}",
            )
        return skipped(f"not confirmed: the receiver does not accept the secret from {auth.origin}")
    return _by_what_is_set_here(hook, auth, evidence, shown, commands)


def _without_one(
    hook: EventHook, evidence: SecretEvidence, shown: tuple[str, ...], commands: Commands
) -> Finding:
    """Judge a hook without a secret: a receiver that wants one refuses its deliveries."""
    edit = ("hooks", "edit", hook.id)
    broken = "the receiver requires a secret, but the hook has none"
    match evidence.receiver:
        case AuthOutcome.MATCHED:
            return failed(broken, *shown, remedy=commands.with_secret(*edit))
        case AuthOutcome.DID_NOT_MATCH:
            return failed(broken, *shown, remedy=commands.with_secret_in_file(*edit))
        case _:
            return ok("the hook has no secret: anyone who knows the URL can post to it", *shown)


def _by_what_is_set_here(
    hook: EventHook,
    auth: Setting[HookAuth],
    evidence: SecretEvidence,
    shown: tuple[str, ...],
    commands: Commands,
) -> Finding:
    """Judge by the secret from the settings, which the receiver did not refuse."""
    edit = ("hooks", "edit", hook.id)
    rewrite = commands.with_secret(*edit)
    is_the_receivers = evidence.receiver is AuthOutcome.MATCHED
    if not _is_where_the_hook_has_it(hook, auth):
        field = auth.value.field
        elsewhere = "the receiver looks for it in" if is_the_receivers else "okhook doctor uses"
        return failed(
            f"the hook sends its secret in the header {hook.auth_field}, but {elsewhere} {field}",
            *shown,
            remedy=commands.with_header(auth.value.field, *edit),
        )
    if evidence.written is False:
        return failed(
            f"the hook was registered with a different secret than {auth.origin}",
            *shown,
            remedy=rewrite
            if is_the_receivers
            else f"correct {auth.origin}, or set it as the hook's secret:\n{rewrite}",
        )
    if not is_the_receivers:
        return skipped(
            "not confirmed: no canary with the secret was accepted, and no event arrived"
        )
    if evidence.written:
        return ok(
            "confirmed: the receiver accepted a canary with the secret that okhook wrote into the"
            " hook",
            *shown,
        )
    return warning(
        f"the receiver has the secret from {auth.origin}; okhook cannot confirm that the hook has"
        " the same one",
        *shown,
        remedy=f"cause an event, or set the hook's secret again:\n{rewrite}",
    )


def _is_where_the_hook_has_it(hook: EventHook, auth: Setting[HookAuth]) -> bool:
    return hook.auth_field is not None and auth.value.field.lower() == hook.auth_field.lower()


def _matched(record: Record | None) -> bool:
    return record is not None and record.auth is AuthOutcome.MATCHED


def _lines_of(evidence: SecretEvidence, auth: Setting[HookAuth] | None) -> Iterator[str]:
    if auth is not None and evidence.receiver is AuthOutcome.MATCHED:
        yield f"the receiver accepted a canary with the secret from {auth.origin}"
    if auth is not None and evidence.receiver is AuthOutcome.DID_NOT_MATCH:
        yield f"the receiver refused a canary with the secret from {auth.origin}"
    if evidence.written is not None:
        which = "that secret" if evidence.written else "another secret"
        yield f"this machine wrote {which} into the hook, and nobody has changed it since"
    if evidence.last is not None:
        when = timestamp(evidence.last.request.received_at)
        said = (
            "carried the receiver's secret"
            if _matched(evidence.last)
            else "was accepted without a secret"
        )
        run = (
            ""
            if evidence.is_of_this_run
            else ", before this receiver started or the hook was changed"
        )
        yield f"the hook's last delivery (#{evidence.last.seq}, {when}) {said}{run}"
