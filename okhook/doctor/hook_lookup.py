"""Find the event hook to check among those of the org."""

from collections.abc import Sequence

from okhook.doctor.setup import Setup
from okhook.errors import InvalidInput
from okhook.okta.event_hooks import EventHook
from okhook.okta.hook_choice import chosen
from okhook.okta.redaction import Hush
from okhook.okta.refusals import NotFound
from okhook.text import plain
from okhook.wire.org import Org


def find_hook(setup: Setup, hooks: Sequence[EventHook], org: Org, hush: Hush) -> EventHook:
    """Return the hook to check.

    It is the one that was named, else that of a running ``okhook up``, else the one with the usual
    name, else the only one that this machine registered.

    Raises:
        NotFound: the org has no such hook.
        InvalidInput: there are several.

    """
    usual_name, remembered = setup.usual_hook_name, setup.remembered
    if setup.hook_named is not None:
        return chosen(setup.hook_named, hooks, org, hush)
    by_id = {hook.id: hook for hook in hooks}
    known = remembered.recall(org, usual_name)
    of_runs = [up.hook_id for up in setup.running.ups if up.org == org.url]
    for hook_id in (*of_runs, known and known.hook_id):
        if hook_id in by_id:
            return by_id[hook_id]
    if any(hook.name == usual_name for hook in hooks):
        return chosen(usual_name, hooks, org, hush)
    known_ids = {hook_id for _, hook_id in remembered.names_and_ids()}
    ours = [hook for hook in hooks if hook.id in known_ids]
    ours = [hook for hook in ours if hook.is_active] or ours
    if len(ours) == 1:
        return ours[0]
    if ours:
        raise InvalidInput(
            f"this machine registered {len(ours)} event hooks in {org.host}",
            why="\n".join(f"{hook.id}  {plain(hook.name, limit=80)}" for hook in ours),
            next_step="name the one that is meant with --hook ID",
        )
    making = setup.making_a_hook()
    others = "1 other" if len(hooks) == 1 else f"{len(hooks)} others"
    raise NotFound(
        f"{org.host} has no event hook {plain(usual_name, limit=80)}",
        why=f"it has {others}, not registered from here" if hooks else None,
        next_step=f"{making}\nor name another with --hook ID" if hooks else making,
    )
