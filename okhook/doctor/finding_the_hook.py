"""Which of the org's event hooks is the one that is meant."""

from collections.abc import Sequence
from dataclasses import dataclass

from okhook.errors import InvalidInput
from okhook.okta.event_hooks import EventHook
from okhook.okta.hook_choice import chosen
from okhook.okta.redaction import Hush
from okhook.okta.refusals import NotFound
from okhook.okta.remembered import RememberedHooks
from okhook.runtime.run_files import RunDirectory
from okhook.text import plain
from okhook.wire.org import Org


@dataclass(frozen=True, slots=True)
class HookMeant:
    """How the hook is named: ``named`` by a person (id or name), else the ``usual`` name."""

    named: str | None
    usual: str


def hook_meant(
    meant: HookMeant,
    hooks: Sequence[EventHook],
    org: Org,
    hush: Hush,
    *,
    remembered: RememberedHooks,
    run_directory: RunDirectory,
    making: str,
) -> EventHook:
    """Return the hook that was named, else that of a run, of the usual name, or the only one known.

    ``making`` is the command that makes one where there is none.

    Raises:
        NotFound: the org has none of them.
        InvalidInput: there are several.

    """
    if meant.named is not None:
        return chosen(meant.named, hooks, org, hush)
    by_id = {hook.id: hook for hook in hooks}
    known = remembered.recall(org, meant.usual)
    usual = [*_of_runs(run_directory, org), *([known.hook_id] if known else [])]
    for hook_id in usual:
        if hook_id in by_id:
            return by_id[hook_id]
    if any(hook.name == meant.usual for hook in hooks):
        return chosen(meant.usual, hooks, org, hush)
    known_ids = {hook_id for _, hook_id in remembered.names_and_ids()}
    return _the_one_known(meant, hooks, org, known_ids, making)


def _of_runs(run_directory: RunDirectory, org: Org) -> list[str]:
    """Return the ids of hooks that an ``okhook up`` has now."""
    ids = (
        record.facts.get("hook_id")
        for record in run_directory.running("up-")
        if record.facts.get("org") == org.url
    )
    return [each for each in ids if isinstance(each, str)]


def _the_one_known(
    meant: HookMeant, hooks: Sequence[EventHook], org: Org, known: set[str], making: str
) -> EventHook:
    ours = [hook for hook in hooks if hook.id in known]
    ours = [hook for hook in ours if hook.is_active] or ours
    if len(ours) == 1:
        return ours[0]
    if ours:
        raise InvalidInput(
            f"this machine registered {len(ours)} event hooks in {org.host}",
            why="\n".join(f"{hook.id}  {plain(hook.name, limit=80)}" for hook in ours),
            next_step="name the one that is meant with --hook ID",
        )
    others = "1 other" if len(hooks) == 1 else f"{len(hooks)} others"
    raise NotFound(
        f"{org.host} has no event hook {plain(meant.usual, limit=80)}",
        why=f"it has {others}, not registered from here" if hooks else None,
        next_step=f"{making}\nor name another with --hook ID" if hooks else making,
    )
