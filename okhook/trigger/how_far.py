"""How far an event got that did not arrive: each question with its answer and evidence. Pure."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from okhook.json_form import timestamp
from okhook.okta.event_hooks import EventHook
from okhook.okta.log_entry import LogEntry
from okhook.records.record import Record, RecordKind
from okhook.trigger.activities import Finding
from okhook.trigger.around import Held
from okhook.trigger.outlook import NotTold
from okhook.trigger.situation import Situation, receives
from okhook.trigger.the_way import Command, each_with, hookdeck_finding, tunnel_finding

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that is known of an event that did not arrive. ``records`` came since it happened.

    ``wanted_types`` are the event types that a hook needs for what is being done. An org that
    ``is_here``, a sandbox, calls the receiver itself.
    """

    situation: Situation
    records: Sequence[Record]
    wanted_types: tuple[str, ...]
    is_here: bool


def how_far(evidence: Evidence, command: Command) -> tuple[Finding, ...]:
    """Return the findings along the way, from the org to the receiver."""
    situation = evidence.situation
    return (
        _logged(situation),
        _subscribed(evidence, command),
        _meant(situation, command),
        _failed(situation),
        tunnel_finding(situation, evidence.wanted_types, command),
        *hookdeck_finding(situation),
        _received(situation, evidence.records, command),
    )


def _logged(situation: Situation) -> Finding:
    asked = "in the System Log?"
    entry = situation.outlook.entry
    if isinstance(entry, NotTold):
        return Finding("logged", asked, "unknown", entry.why)
    if entry is None:
        evidence = "not so far; it can take an org minutes"
        return Finding("logged", asked, "no", evidence)
    return Finding("logged", asked, "yes", f"{entry.uuid} at {timestamp(entry.published)}")


def _subscribed(evidence: Evidence, command: Command) -> Finding:
    asked = "does a hook receive it?"
    situation = evidence.situation
    hooks = situation.outlook.hooks
    if isinstance(hooks, NotTold):
        return Finding("subscribed", asked, "unknown", hooks.why)
    subscribed = situation.subscribed
    if not subscribed:
        return Finding(
            "subscribed", asked, "no", _without_it(situation), _subscribing(evidence, command)
        )
    named = "; ".join(_with_state(hook) for hook in subscribed[:_SHOWN])
    first = subscribed[0]
    if receives(first):
        return Finding("subscribed", asked, "yes", named)
    mend = command("hooks", "verify" if first.is_active else "activate", first.id)
    return Finding("subscribed", asked, "no", named, mend)


def _without_it(situation: Situation) -> str:
    if not situation.hooks:
        return "the org has no event hooks"
    if situation.ours:
        named = ", ".join(_named(hook) for hook in situation.ours[:_SHOWN])
        told = f"{named} calls here and is not subscribed to it"
        return f"{told}; end okhook up, and start it so:" if _held(situation) else told
    return "no event hook of the org is subscribed to it"


def _subscribing(evidence: Evidence, command: Command) -> str:
    """Return what subscribes to all that is wanted: our hook, the only one, or a new one.

    A hook of a running ``okhook up`` gets it from that, whose next start would undo an edit.
    """
    situation, wanted = evidence.situation, evidence.wanted_types
    if held := _held(situation):
        return _anew(held, situation, wanted, command)
    candidates = situation.ours or situation.hooks
    if len(candidates) != 1:
        return command("register", *_url(evidence), *each_with("--event", wanted))
    [hook] = candidates
    missing = [each for each in wanted if each not in hook.events]
    return command("hooks", "edit", hook.id, *each_with("--add-event", missing))


def _held(situation: Situation) -> Held | None:
    """Return the hook that calls here and that a running ``okhook up`` looks after."""
    ours = {hook.id for hook in situation.ours}
    return next((held for held in situation.around.held if held.hook_id in ours), None)


def _anew(held: Held, situation: Situation, wanted: Sequence[str], command: Command) -> str:
    """Return what starts ``okhook up`` with all that its hook has, and what is wanted too."""
    has = {event for hook in situation.ours if hook.id == held.hook_id for event in hook.events}
    words = ["up", *each_with("--event", dict.fromkeys([*sorted(has), *wanted]))]
    return shlex.join(["okhook", *words, "--sandbox"]) if held.has_own_sandbox else command(*words)


def _url(evidence: Evidence) -> tuple[str, ...]:
    """Return where a new hook shall lead, if that is no tunnel."""
    around = evidence.situation.around
    needs_none = around.tunnels or not around.receivers or not evidence.is_here
    return () if needs_none else ("--url", around.receivers[0])


def _meant(situation: Situation, command: Command) -> Finding:
    question, asked = "meant_for_hook", "meant for a hook?"
    entry = situation.outlook.entry
    if not isinstance(entry, LogEntry):
        return Finding(question, asked, "unknown", "its entry would say it")
    named = ", ".join(entry.hook_ids or ())
    if not situation.is_for_nobody:
        if named:
            return Finding(question, asked, "yes", f"for {named}")
        return Finding(question, asked, "unknown", "its entry names no hook (targetEventHookIds)")
    for hook in situation.filtering:
        expression = dict(hook.filters)[situation.event_type]
        mend = command("hooks", "edit", hook.id, "--remove-filter", situation.event_type)
        evidence = f"the filter of {_named(hook)} does not let it pass: {expression}"
        return Finding(question, asked, "no", evidence, mend)
    evidence = f"for {named} alone" if named else "its entry names no hook (targetEventHookIds)"
    return Finding(question, asked, "no", evidence)


def _failed(situation: Situation) -> Finding:
    question, asked = "delivery_failed", "a failed delivery logged?"
    if isinstance(situation.outlook.failures, NotTold):
        return Finding(question, asked, "unknown", situation.outlook.failures.why)
    if not situation.failures:
        return Finding(question, asked, "no", "the org has logged none since")
    told = [
        f"{entry.reason or 'no reason given'} at {timestamp(entry.published)}"
        f" ({', '.join(entry.target_ids)})"
        for entry in situation.failures
    ]
    return Finding(question, asked, "yes", "; ".join(told[:_SHOWN]))


def _received(situation: Situation, records: Sequence[Record], command: Command) -> Finding:
    question, asked = "received", "did anything get here?"
    if not situation.around.receivers:
        return Finding(question, asked, "no", "no receiver runs here any more", _START_AGAIN)
    turned_away = [r for r in records if r.kind in (RecordKind.REFUSED, RecordKind.MALFORMED)]
    if turned_away:
        named = "; ".join(_with_answer(record) for record in turned_away[:_SHOWN])
        is_secret = any(record.status == 401 for record in turned_away)
        mend = _same_secret(situation, command) if is_secret else None
        return Finding(question, asked, "yes", named, mend)
    others = sum(record.kind is RecordKind.DELIVERY for record in records)
    if others:
        deliveries = "delivery" if others == 1 else "deliveries"
        return Finding(question, asked, "yes", f"{others} {deliveries}, of other events")
    return Finding(question, asked, "no", "nothing came to the receiver since")


_START_AGAIN = "start it again, with okhook up or okhook serve, as it was started before"


def _same_secret(situation: Situation, command: Command) -> str:
    if situation.around.held:
        return (
            "the receiver is that of okhook up, which made its secret itself if it was given none:"
            " end it and start it again, and its own hook has that secret; for another hook set"
            " OKHOOK_AUTH_SECRET to what that sends"
        )
    hook_id = next((hook.id for hook in situation.subscribed), "HOOK")
    edit = command("hooks", "edit", hook_id, "--auth-secret-file", "FILE")
    return (
        "the hook and the receiver have different secrets: start the receiver with the hook's,"
        f" or give the hook the receiver's:\n{edit}"
    )


def _named(hook: EventHook) -> str:
    return f"{hook.name} ({hook.id})"


def _with_state(hook: EventHook) -> str:
    return f"{_named(hook)} is {hook.status} and {hook.verification_status}"


def _with_answer(record: Record) -> str:
    reason = "" if record.reason is None else f", {record.reason}"
    return f"#{record.seq} was answered {record.status}{reason}"
