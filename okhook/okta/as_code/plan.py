"""Compare the hooks of a file with those of an org, and plan the changes. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from okhook.activity import Activity
from okhook.errors import ConfigurationError
from okhook.okta.as_code.changes import PartChange, Wrote, changes_of, parts_of
from okhook.okta.as_code.entry import GivenSecrets, HookEntry, ResolvedEntry, resolved
from okhook.okta.event_hooks import CHANNEL_PARTS, MOST_ACTIVE, EventHook, WantedHook
from okhook.wire.url import without_credentials

PlannedAction = Literal["create", "update", "verify", "delete", "unchanged"]

_ORDER: tuple[PlannedAction, ...] = ("create", "update", "verify", "delete", "unchanged")


class HookPlanned(Activity):
    """What ``hooks apply`` will do with a hook.

    ``needs`` are variables that must be set first; ``secrets`` are the origins of secrets that the
    org gets. ``entry`` and ``wanted`` are None for a hook to delete; ``existing`` is None for one
    to create.
    """

    type = "hook_planned"
    json_fields = "org action name id url changes verify secrets needs"
    org: str
    action: PlannedAction
    changes: tuple[PartChange, ...] = ()
    verify: bool = False
    secrets: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    existing: EventHook | None = None
    wanted: WantedHook | None = None
    is_active: bool = False
    entry: HookEntry | None = None

    @property
    def name(self) -> str:
        """The name that the hook will have, or has."""
        return (self.wanted or self.in_org).name

    @property
    def id(self) -> str | None:
        """The id of the existing hook."""
        return self.existing.id if self.existing else None

    @property
    def url(self) -> str:
        """The URL that the hook will have, or has, without credentials in its query."""
        return without_credentials((self.wanted or self.in_org).url)

    @property
    def deactivates(self) -> bool:
        """Whether the hook will no longer be active."""
        was_active = self.existing is not None and self.existing.is_active
        return self.action != "delete" and was_active and not self.is_active

    @property
    def writes(self) -> bool:
        """Whether the org gets a definition: of a new hook, or a changed one."""
        is_changed = any(change.part != "status" for change in self.changes)
        return self.wanted is not None and (self.existing is None or is_changed)

    @property
    def in_org(self) -> EventHook:
        """The existing hook, of a plan that does not create it."""
        if self.existing is None:
            raise ValueError("a planned hook is in the file or in the org")
        return self.existing


class PlanSummed(Activity):
    """How many hooks a plan creates, updates, verifies, deletes, and leaves as they are.

    ``not_in_file`` counts hooks of the org that the file does not have, and that stay.
    """

    type = "hook_plan"
    org: str
    create: int
    update: int
    verify: int
    delete: int
    unchanged: int
    not_in_file: int


@dataclass(frozen=True, slots=True)
class Plan:
    """The hooks in the order in which they are to be changed, and the hooks that stay."""

    hooks: tuple[HookPlanned, ...]
    summary: PlanSummed
    not_in_file: tuple[EventHook, ...]

    @property
    def known_ids(self) -> frozenset[str]:
        """The ids of the hooks that the org had when it was planned."""
        existing = (hook.existing for hook in self.hooks)
        return frozenset(hook.id for hook in (*existing, *self.not_in_file) if hook is not None)

    def to_do(self) -> tuple[HookPlanned, ...]:
        """Return the hooks that change."""
        return tuple(hook for hook in self.hooks if hook.action != "unchanged")


def plan_of(
    org: str,
    pairs: Sequence[tuple[HookEntry, EventHook | None]],
    hooks: Sequence[EventHook],
    *,
    given: GivenSecrets,
    wrote: Wrote,
    prune: bool,
    verify: bool,
) -> Plan:
    """Return the plan for entries, each with the hook that the org has for it.

    ``hooks`` are all hooks of the org. ``prune`` deletes the other hooks.

    Raises:
        ConfigurationError: a hook would lose its secret, or the org would have too many active
            hooks.
    """
    planned = [
        _planned(org, resolved(entry, existing, given), existing, wrote, verify=verify)
        for entry, existing in pairs
    ]
    matched = {existing.id for _, existing in pairs if existing is not None}
    others = [hook for hook in hooks if hook.id not in matched]
    if prune:
        planned += [HookPlanned(org, "delete", existing=hook) for hook in others]
    planned.sort(key=lambda hook: (not hook.deactivates, _ORDER.index(hook.action)))
    _check_active(planned, hooks)
    counts = {action: sum(hook.action == action for hook in planned) for action in _ORDER}
    left = () if prune else tuple(others)
    return Plan(tuple(planned), PlanSummed(org, **counts, not_in_file=len(left)), left)


def _planned(
    org: str,
    entry: ResolvedEntry,
    existing: EventHook | None,
    wrote: Wrote,
    *,
    verify: bool,
) -> HookPlanned:
    is_active = entry.entry.is_active
    if existing is None:
        changes = tuple(parts_of(entry))
        verify = verify and is_active
        action: PlannedAction = "create"
    else:
        changes = tuple(changes_of(entry, existing, wrote))
        lost = not existing.is_verified or any(each.part in CHANNEL_PARTS for each in changes)
        verify = verify and is_active and lost
        action = "update" if changes else "verify" if verify else "unchanged"
    planned = HookPlanned(
        org=org,
        action=action,
        changes=changes,
        verify=verify,
        secrets=entry.sent_from,
        needs=entry.needs,
        existing=existing,
        wanted=entry.wanted,
        is_active=is_active,
        entry=entry.entry,
    )
    return planned if planned.writes else replace(planned, secrets=(), needs=())


def _check_active(planned: Sequence[HookPlanned], hooks: Sequence[EventHook]) -> None:
    """Refuse a plan if the org would have too many active hooks while it is carried out.

    Hooks are deleted last, so that they stay active if an earlier change fails.
    """
    active = sum(hook.is_active for hook in hooks) - sum(hook.deactivates for hook in planned)
    active += sum(
        hook.is_active and (hook.existing is None or not hook.existing.is_active)
        for hook in planned
    )
    if active > MOST_ACTIVE and any(hook.action != "unchanged" for hook in planned):
        raise ConfigurationError(
            f"the org would have {active} active event hooks; the limit is {MOST_ACTIVE}",
            next_step="deactivate or delete some first: run okhook hooks list",
        )
