"""How far an event got that did not arrive: each question with its answer and evidence. Pure."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from okhook.activity import timestamp
from okhook.okta.event_hooks import EventHook
from okhook.okta.log_entry import LogEntry
from okhook.record import Record, RecordKind
from okhook.trigger.activities import Finding
from okhook.trigger.outlook import NotTold
from okhook.trigger.situation import Situation, receives
from okhook.trigger.the_way import hookdeck_finding, tunnel_finding

Command = Callable[..., str]
"""Makes a command of ours to paste out of its words, for the same org."""

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that is known of an event that did not arrive. ``records`` came since it happened.

    ``wanted_types`` are the event types that a hook needs for what is being done.
    """

    situation: Situation
    records: Sequence[Record]
    wanted_types: tuple[str, ...]


def how_far(evidence: Evidence, command: Command) -> tuple[Finding, ...]:
    """Return the findings along the way, from the org to the receiver."""
    situation = evidence.situation
    return (
        _logged(situation),
        _subscribed(evidence, command),
        _meant(situation),
        _failed(situation),
        tunnel_finding(situation, command),
        *hookdeck_finding(situation),
        _received(situation, evidence.records),
    )


def _logged(situation: Situation) -> Finding:
    asked = "in the System Log?"
    entry = situation.outlook.entry
    if isinstance(entry, NotTold):
        return Finding("logged", asked, "unknown", entry.why)
    if entry is None:
        evidence = "the org has not logged it yet, which can take it minutes"
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
        named = ", ".join(f"{hook.name} ({hook.id})" for hook in situation.ours[:_SHOWN])
        return f"{named}, which leads here, does not have {situation.event_type}"
    return f"no event hook of the org has {situation.event_type}"


def _subscribing(evidence: Evidence, command: Command) -> str:
    """Return what subscribes to all that is wanted: our hook, the only one, or a new one."""
    situation = evidence.situation
    candidates = situation.ours or situation.hooks
    if len(candidates) != 1:
        return command("register", *_each("--event", evidence.wanted_types))
    [hook] = candidates
    missing = [each for each in evidence.wanted_types if each not in hook.events]
    return command("hooks", "edit", hook.id, *_each("--add-event", missing))


def _each(flag: str, event_types: Iterable[str]) -> list[str]:
    return [word for event_type in event_types for word in (flag, event_type)]


def _meant(situation: Situation) -> Finding:
    question, asked = "meant_for_hook", "meant for a hook?"
    entry = situation.outlook.entry
    if not isinstance(entry, LogEntry):
        return Finding(question, asked, "unknown", "its entry would say it")
    if entry.hook_ids:
        return Finding(question, asked, "yes", f"for {', '.join(entry.hook_ids)}")
    if entry.hook_ids is None and not situation.is_for_nobody:
        return Finding(question, asked, "unknown", "its entry has no targetEventHookIds")
    return Finding(question, asked, "no", "its entry names no hook (targetEventHookIds)")


def _failed(situation: Situation) -> Finding:
    question, asked = "delivery_failed", "a failed delivery logged?"
    if isinstance(situation.outlook.failures, NotTold):
        return Finding(question, asked, "unknown", situation.outlook.failures.why)
    if not situation.failures:
        return Finding(question, asked, "no", "Okta has logged none since")
    told = [
        f"{entry.reason or 'no reason given'} at {timestamp(entry.published)}"
        f" ({', '.join(entry.target_ids)})"
        for entry in situation.failures
    ]
    return Finding(question, asked, "yes", "; ".join(told[:_SHOWN]))


def _received(situation: Situation, records: Sequence[Record]) -> Finding:
    question, asked = "received", "did anything get here?"
    if not situation.around.receivers:
        return Finding(question, asked, "no", "no receiver runs here any more", "okhook serve")
    turned_away = [r for r in records if r.kind in (RecordKind.REFUSED, RecordKind.MALFORMED)]
    if turned_away:
        named = "; ".join(_with_answer(record) for record in turned_away[:_SHOWN])
        mend = _SECRETS_DIFFER if any(record.status == 401 for record in turned_away) else None
        return Finding(question, asked, "yes", named, mend)
    others = sum(record.kind is RecordKind.DELIVERY for record in records)
    if others:
        deliveries = "delivery" if others == 1 else "deliveries"
        return Finding(question, asked, "yes", f"{others} {deliveries}, of other events")
    return Finding(question, asked, "no", "nothing came to the receiver since")


_SECRETS_DIFFER = (
    "the hook and the receiver have different secrets: start the receiver with the hook's, or"
    " give the hook the receiver's with okhook hooks edit --auth-secret-file"
)


def _with_state(hook: EventHook) -> str:
    return f"{hook.name} ({hook.id}) is {hook.status} and {hook.verification_status}"


def _with_answer(record: Record) -> str:
    reason = "" if record.reason is None else f", {record.reason}"
    return f"#{record.seq} was answered {record.status}{reason}"
