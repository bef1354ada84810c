"""Check the hooks of a plan before the org is called. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from okhook.okta.as_code.entry import GivenSecrets, HookEntry, resolved
from okhook.okta.as_code.plan import HookPlanned, Plan
from okhook.okta.event_hooks import EventHook, WantedHook
from okhook.okta.preflight import HookFault, hook_faults
from okhook.secret import HookAuth, Secret
from okhook.text import plain
from okhook.wire.event_types import RELEASE, eligible, meant, not_eligible
from okhook.wire.webhook_url import USER_IN_URL

_PARTS = {"secret": {"secret", "auth field"}, "headers": {"headers", "auth field"}}
"""The parts of a hook that a field is about, if they have other names."""

_IN_FILE = {USER_IN_URL: f'{USER_IN_URL}; write secret = {{ header = "Authorization" }} instead'}
"""What a file has in the place of a flag."""

_NOT_SET = Secret("not-set")


def plan_faults(plan: Plan, hooks: Sequence[EventHook]) -> Iterator[str]:
    """Yield why hooks that would be written cannot work: which hook, which field, and why.

    ``hooks`` are those of the org. What the org has already is not checked: it can stay.
    """
    for planned in plan.to_do():
        entry, wanted = planned.entry, planned.wanted
        if entry is None or wanted is None or not planned.writes:
            continue
        events = (HookFault("events", what) for what in _unusable_events(wanted.events, hooks))
        for fault in (*events, *hook_faults(_with_secret(entry, wanted))):
            if _is_new(fault.field, planned):
                yield f"{entry.shown}, {fault.field}: {_IN_FILE.get(fault.what, fault.what)}"


def faults_to_create(entry: HookEntry) -> Iterator[str]:
    """Yield why an org could not get this hook as a new one, whatever its variables are."""
    wanted = resolved(entry, None, GivenSecrets(None, {})).wanted
    return (fault.what for fault in hook_faults(_with_secret(entry, wanted)))


def _unusable_events(events: Iterable[str], hooks: Sequence[EventHook]) -> Iterator[str]:
    """Yield the event types that no hook can have.

    Those that a hook of the org has are right, although they are not in the catalogue.
    """
    known = eligible().union(*(hook.events for hook in hooks))
    for event_type in events:
        if event_type in known:
            continue
        shown = plain(event_type, limit=80) or "an empty string"
        if event_type in not_eligible():
            yield f"{shown} is an event type of the System Log, which no hook can have"
            continue
        near = meant(event_type)
        yield f"{shown} is not an event type of Okta's release {RELEASE}{near and f'; {near}'}"


def _with_secret(entry: HookEntry, wanted: WantedHook) -> WantedHook:
    """Return the hook with a secret in its header, also if its value is not set."""
    if entry.secret is None or wanted.auth is not None:
        return wanted
    return replace(wanted, auth=HookAuth(entry.secret.header, _NOT_SET))


def _is_new(field: str, planned: HookPlanned) -> bool:
    changed = {change.part for change in planned.changes}
    return planned.existing is None or bool(changed & _PARTS.get(field, {field}))
