"""Bring an org's event hook into the wanted state, with as few writes as it takes.

To register a hook, it is looked for by the id that was given, else by the id remembered for that
org and name, else by its exact name. One that is not there is created; one that differs is
replaced; an inactive one is activated. One that is as wanted is left alone.

Methods raise ``CredentialsError``, ``OktaRefused`` and ``Unavailable`` with what the org said.
"""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from typing import final

from okhook.activity import Warned
from okhook.errors import InvalidInput, OkhookError, OktaRefused
from okhook.okta.activities import Action, CallRetried, HookChanged, Registered
from okhook.okta.client import OutcomeUnknown, Publish
from okhook.okta.event_hooks import EventHook, WantedHook, body_of, differences
from okhook.okta.event_hooks_api import MOST_ACTIVE, EventHooksApi, is_hook_id
from okhook.okta.hook_edit import secret_needed
from okhook.okta.once import LOOK_AFTER_S, made_once
from okhook.okta.refusals import NotFound, ValidationFailed
from okhook.okta.remembered import RememberedHooks, memory_may_fail

_FILTERS_NEED = (
    "event hook filters are Early Access: an org takes them once they are enabled in the Admin"
    " Console under Settings → Features"
)
_DEFINITIONS_NEED = (
    "an org takes a public https URL, eligible event types,"
    f" and at most {MOST_ACTIVE} active hooks in all"
)

Allow = Callable[[EventHook, Collection[str]], None]
"""Raises where these parts of an existing hook must not be changed."""


@final
class Registration:
    """Registers and changes the hooks of one org, and remembers them on this machine.

    ``to_deactivate`` is the id of the hook that this run created or activated, and that it should
    deactivate at its end. It is set as soon as the org has the hook, also in a run that is cut
    short.
    """

    def __init__(self, api: EventHooksApi, remembered: RememberedHooks, publish: Publish) -> None:
        self._api = api
        self._org = api.org
        self._remembered = remembered
        self._publish = publish
        self.to_deactivate: str | None = None

    async def register(
        self,
        wanted: WantedHook,
        *,
        hook_id: str | None = None,
        allow: Allow = lambda _hook, _parts: None,
    ) -> Registered:
        """Bring the hook into the wanted state, all but its verification.

        Raises:
            InvalidInput: the org has two hooks of that name.
            NotFound: it has none with ``hook_id``.
            ConfigurationError: the hook has a secret, which the change would lose.
        """
        existing = await self._found(wanted.name, hook_id)
        if existing is None:
            return self._settled(wanted, await self._created(wanted), "created")
        updated = await self.update(existing, wanted, allow=allow)
        if updated.hook.is_active:
            return updated
        hook = (await self.activate(updated.hook)).hook
        self._remember(wanted, hook)
        return Registered(self._org.url, "updated", hook, updated.changed)

    async def update(self, existing: EventHook, wanted: WantedHook, *, allow: Allow) -> Registered:
        """Give the hook the wanted definition; do not change whether it is active.

        Raises:
            ConfigurationError: the hook has a secret, which the change would lose.
        """
        changed = differences(wanted, existing)
        secret = wanted.auth.secret if wanted.auth else None
        if secret is not None and not self._remembered.vouch_for(self._org, existing, secret):
            changed = (*changed, "secret")
        if not changed:
            return Registered(self._org.url, "unchanged", existing)
        allow(existing, changed)
        if wanted.auth is None and existing.auth_field is not None:
            raise secret_needed(existing, existing.auth_field)
        hook = await self._replaced(wanted, existing)
        return self._settled(wanted, hook, "updated", changed)

    async def find(self, name: str, *, hook_id: str | None = None) -> Registered:
        """Find an existing hook, and do not change it.

        Raises:
            InvalidInput: the org has two hooks of that name.
            NotFound: it has none.
        """
        existing = await self._found(name, hook_id)
        if existing is None:
            raise NotFound(
                f"{self._org.host} has no event hook called {name}",
                next_step="register it first: okhook register",
            )
        return Registered(self._org.url, "unchanged", existing)

    async def verify(self, registered: Registered) -> Registered:
        """Have the org verify the hook, once; raise ValidationFailed where it cannot."""
        before = registered.hook
        await self._api.verify(before.id)
        hook = await self._api.get(before.id)
        self._follow(before, hook)
        action: Action = registered.action
        if action == "unchanged" and not before.is_verified:
            action = "updated"
        return Registered(registered.org, action, hook, registered.changed)

    async def activate(self, hook: EventHook) -> HookChanged:
        """Let the org deliver to the hook, once it is verified; do nothing to an active one."""
        if hook.is_active:
            return HookChanged(self._org.url, "already_active", hook)
        self.to_deactivate = hook.id
        try:
            after = await self._api.activate(hook.id)
        except OktaRefused as fault:
            self.to_deactivate = None
            if isinstance(fault, ValidationFailed):
                fault.next_step = f"an org has at most {MOST_ACTIVE} active event hooks"
            raise
        self._follow(hook, after)
        return HookChanged(self._org.url, "activated", after)

    async def deactivate(self, hook: EventHook) -> HookChanged:
        """Let the org deliver nothing more to the hook; do nothing to an inactive one."""
        if not hook.is_active:
            return HookChanged(self._org.url, "already_inactive", hook)
        after = await self._api.deactivate(hook.id)
        self._follow(hook, after)
        return HookChanged(self._org.url, "deactivated", after)

    async def leave(self, hook_id: str) -> None:
        """Deactivate the hook that a run has used, if it still exists."""
        with suppress(NotFound):
            await self._api.deactivate(hook_id)
        if self.to_deactivate == hook_id:
            self.to_deactivate = None

    async def delete(self, hook: EventHook) -> HookChanged:
        """Delete the hook for good, deactivated first: an org deletes only inactive hooks.

        A hook that is gone meanwhile, as after a lost answer, counts as deleted. The error of a
        failed deletion says that the hook is inactive now.
        """
        with suppress(NotFound):
            await self.deactivate(hook)
            try:
                await self._api.delete(hook.id)
            except OkhookError as fault:
                if hook.is_active:
                    left = f"the hook {hook.id} was deactivated and not deleted"
                    fault.why = f"{left}\n{fault.why}" if fault.why else left
                raise
        with memory_may_fail(self._publish):
            self._remembered.forget(self._org, hook.id)
        return HookChanged(self._org.url, "deleted", hook)

    async def _found(self, name: str, hook_id: str | None) -> EventHook | None:
        if hook_id is not None:
            try:
                return await self._api.get(hook_id)
            except NotFound as fault:
                raise NotFound(
                    f"{self._org.host} has no event hook {hook_id}",
                    why=fault.why,
                    next_step="check the id and the org; without --hook-id it is found by its name",
                ) from None
        remembered = self._remembered.recall(self._org, name)
        if remembered is not None and is_hook_id(remembered.hook_id):
            with suppress(NotFound):
                return await self._api.get(remembered.hook_id)
        return await self._named(name)

    async def _named(self, name: str) -> EventHook | None:
        hooks = [hook for hook in await self._api.all() if hook.name == name]
        if len(hooks) > 1:
            raise InvalidInput(
                f"{self._org.host} has {len(hooks)} event hooks called {name}",
                why="\n".join(
                    f"{hook.id}  {hook.status}  {self._api.hush(hook.url)}" for hook in hooks
                ),
                next_step="name the one that is meant with --hook-id",
            )
        return hooks[0] if hooks else None

    async def _created(self, wanted: WantedHook) -> EventHook:
        """Create the hook; where the answer is lost, look for it before creating it again."""

        async def create() -> EventHook:
            with _explaining(wanted):
                hook = await self._api.create(body_of(wanted, description=wanted.description))
            self.to_deactivate = hook.id
            return hook

        async def look() -> EventHook | None:
            hook = await self._named(wanted.name)
            if hook is None:
                return None
            self.to_deactivate = hook.id
            # One with another URL was created by another run.
            return hook if hook.url == wanted.url else await self._replaced(wanted, hook)

        def on_lost(lost: OutcomeUnknown) -> None:
            self._publish(CallRetried("create, after a look", lost.what, LOOK_AFTER_S))

        return await made_once(self._api.client, create, look, on_lost=on_lost)

    async def _replaced(self, wanted: WantedHook, existing: EventHook) -> EventHook:
        kept = existing.description if wanted.description is None else wanted.description
        with _explaining(wanted):
            return await self._api.replace(existing.id, body_of(wanted, description=kept))

    def _settled(
        self, wanted: WantedHook, hook: EventHook, action: Action, changed: tuple[str, ...] = ()
    ) -> Registered:
        """Remember what was written, and warn where the org stored something else."""
        self._remember(wanted, hook)
        for name in differences(wanted, hook):
            hint = f": {_FILTERS_NEED}" if name == "filters" else ""
            self._publish(Warned(f"the org keeps other {name} than it was given{hint}"))
        return Registered(self._org.url, action, hook, changed)

    def _remember(self, wanted: WantedHook, hook: EventHook) -> None:
        with memory_may_fail(self._publish):
            secret = wanted.auth.secret if wanted.auth else None
            self._remembered.remember(self._org, wanted.name, hook, secret)

    def _follow(self, before: EventHook, after: EventHook) -> None:
        with memory_may_fail(self._publish):
            self._remembered.follow(self._org, before, after)


@contextmanager
def _explaining(wanted: WantedHook) -> Iterator[None]:
    """Add to a refused definition what orgs are known to refuse.

    How an org without the feature refuses a filter is not known, so any refusal of one says where
    to enable it.
    """
    try:
        yield
    except NotFound:
        raise
    except OktaRefused as fault:
        known = _DEFINITIONS_NEED if isinstance(fault, ValidationFailed) else fault.next_step
        reasons = (_FILTERS_NEED if wanted.filters else None, known)
        fault.next_step = "\n".join(reason for reason in reasons if reason) or None
        raise
