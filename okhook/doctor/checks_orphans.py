"""Check for orphans: active event hooks that still call a former tunnel of this machine."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from okhook.doctor.check import Check, Finding, ok, warning
from okhook.doctor.facts import Facts
from okhook.okta.event_hooks import EventHook
from okhook.tunnel.url_history import PastUrl, UrlHistory


@dataclass(frozen=True, slots=True)
class OrphanedHook:
    """An active hook that calls a former tunnel. ``is_ours`` if this machine registered it.

    Other hooks are only reported: several people may share a source, and so its URL.
    """

    hook: EventHook
    last_up: str
    is_ours: bool

    @property
    def told(self) -> str:
        """The hook and its tunnel, in words."""
        hook = self.hook
        return f"{hook.name} ({hook.id}) → {hook.url}, whose tunnel last came up {self.last_up}"


def orphaned_hooks(
    hooks: Sequence[EventHook],
    past: Sequence[PastUrl],
    running: Collection[str],
    known_ids: Collection[str],
) -> list[OrphanedHook]:
    """Return the active hooks whose URL a past tunnel had and no running one has.

    ``known_ids`` are the ids of the hooks that this machine registered.
    """
    last_up = {each.url: each.last_up for each in past if each.url not in running}
    return [
        OrphanedHook(hook, last_up[hook.url], hook.id in known_ids)
        for hook in hooks
        if hook.is_active and hook.url in last_up
    ]


async def orphans_of(facts: Facts) -> list[OrphanedHook]:
    """Return the orphans in the org."""
    setup = facts.setup
    return orphaned_hooks(
        await facts.hooks.get(),
        UrlHistory(setup.run_directory).all(),
        setup.running.webhook_urls,
        {hook_id for _, hook_id in setup.remembered.names_and_ids()},
    )


async def check_orphans(facts: Facts) -> Finding:
    """Warn of orphans: what the org delivers to them is lost."""
    orphans, commands = await orphans_of(facts), facts.setup.commands
    if not orphans:
        return ok("no active hook leads to a tunnel of this machine that is gone")
    count = f"{len(orphans)} active hook{'' if len(orphans) == 1 else 's'}"
    ours = [each for each in orphans if each.is_ours]
    others = [each for each in orphans if not each.is_ours]
    by_hand = [commands.for_org("hooks", "deactivate", each.hook.id) for each in others]
    remedies = ([commands.for_org("doctor", "--fix")] if ours else []) + by_hand
    return warning(
        f"{count} lead{'s' if len(orphans) == 1 else ''} to a tunnel of this machine that is gone",
        *(each.told for each in orphans),
        remedy="\n".join(remedies),
    )


CHECKS = (Check("orphans", check_orphans, needs="credential"),)
