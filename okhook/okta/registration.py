"""Create, change and delete the event hooks of an org, with as few writes as possible."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress

from okhook.activity import Warned
from okhook.errors import InvalidInput, OkhookError, OktaRefused
from okhook.okta.activities import Action, HookChanged, Registered
from okhook.okta.client import Publish
from okhook.okta.event_hooks import (
    MOST_ACTIVE,
    EventHook,
    WantedHook,
    body_of,
    differences,
    with_events_of,
)
from okhook.okta.event_hooks_api import EventHooksApi
from okhook.okta.hook_choice import several_called
from okhook.okta.hook_edit import secret_needed
from okhook.okta.preflight import check_filters
from okhook.okta.refusals import NotFound, ValidationFailed
from okhook.okta.registered_here import RegisteredHere
from okhook.okta.retry import LOOK_AFTER_S, CallRetried, OutcomeUnknown, made_once

_FILTERS_NEED = (
    "event hook filters are Early Access: enable them in the Admin Console under"
    " Settings → Features"
)
_DEFINITIONS_NEED = (
    "an org accepts a public https URL, eligible event types,"
    f" and at most {MOST_ACTIVE} active hooks"
)

Allow = Callable[[EventHook, Collection[str]], None]
"""Raises an error if a command must not change these parts of a hook."""


class Registration:
    """Registers and changes the hooks of one org, and keeps their ids on this machine.

    ``to_deactivate`` is the id of the hook that this run created or activated.
    """

    def __init__(
        self, api: EventHooksApi, registered_here: RegisteredHere, publish: Publish
    ) -> None:
        self._api = api
        self._org = api.client.org
        self._registered_here = registered_here
        self._publish = publish
        self.to_deactivate: str | None = None

    async def register(
        self,
        wanted: WantedHook,
        *,
        hook_id: str | None = None,
        allow: Allow = lambda _hook, _parts: None,
    ) -> Registered:
        """Create or update the hook, and activate it; do not verify it.

        It is found by ``hook_id``, else by the id that this machine kept, else by its name. Raises
        InvalidInput if the org has two hooks with that name, NotFound if it has none with
        ``hook_id``, and ConfigurationError if the hook has a secret, and ``wanted`` does not.
        """
        existing = await self._found(wanted.name, hook_id)
        wanted = with_events_of(wanted, existing)
        if existing is None:
            return await self.create(wanted)
        check_filters(wanted)
        updated = await self.update(existing, wanted, allow=allow)
        if updated.hook.is_active:
            return updated
        hook = (await self.activate(updated.hook)).hook
        self._note(wanted, hook)
        return Registered(self._org.url, "updated", hook, updated.changed)

    async def create(self, wanted: WantedHook) -> Registered:
        """Create the hook, active and unverified, whichever hooks the org has."""
        check_filters(wanted)
        return self._settled(wanted, await self._created(wanted), "created")

    async def update(
        self,
        existing: EventHook,
        wanted: WantedHook,
        *,
        allow: Allow = lambda _hook, _parts: None,
    ) -> Registered:
        """Replace the hook's definition if it differs; do not activate it."""
        changed = differences(wanted, existing)
        secret = wanted.auth.secret if wanted.auth else None
        if secret is not None and not self._registered_here.wrote(self._org, existing, secret):
            changed = (*changed, "secret")
        if not changed:
            return Registered(self._org.url, "unchanged", existing)
        allow(existing, changed)
        if wanted.auth is None and existing.auth_field is not None:
            raise secret_needed(existing, existing.auth_field)
        hook = await self._replaced(wanted, existing)
        return self._settled(wanted, hook, "updated", changed)

    async def find(self, name: str, *, hook_id: str | None = None) -> Registered:
        """Find a hook like :meth:`register`, without changing it."""
        existing = await self._found(name, hook_id)
        if existing is None:
            raise NotFound(
                f"{self._org.host} has no event hook called {name}",
                next_step="register it first: run okhook register",
            )
        return Registered(self._org.url, "unchanged", existing)

    async def verify(self, registered: Registered) -> Registered:
        """Ask the org once to verify the hook; raise ValidationFailed if it cannot."""
        before = registered.hook
        await self._api.verify(before.id)
        hook = await self._api.get(before.id)
        self._follow(before, hook)
        action: Action = registered.action
        if action == "unchanged" and not before.is_verified:
            action = "updated"
        return Registered(registered.org, action, hook, registered.changed)

    async def activate(self, hook: EventHook) -> HookChanged:
        """Activate the hook."""
        if hook.is_active:
            return HookChanged(self._org.url, "already_active", hook)
        self.to_deactivate = hook.id
        try:
            after = await self._api.set_active(hook.id, True)
        except OktaRefused as fault:
            self.to_deactivate = None
            if isinstance(fault, ValidationFailed):
                fault.next_step = f"an org has at most {MOST_ACTIVE} active event hooks"
            raise
        self._follow(hook, after)
        return HookChanged(self._org.url, "activated", after)

    async def deactivate(self, hook: EventHook) -> HookChanged:
        """Deactivate the hook."""
        if not hook.is_active:
            return HookChanged(self._org.url, "already_inactive", hook)
        after = await self._api.set_active(hook.id, False)
        self._follow(hook, after)
        return HookChanged(self._org.url, "deactivated", after)

    async def leave(self, hook_id: str) -> None:
        """Deactivate a hook at the end of a run, if it still exists."""
        with suppress(NotFound):
            await self._api.set_active(hook_id, False)
        if self.to_deactivate == hook_id:
            self.to_deactivate = None

    async def delete(self, hook: EventHook) -> HookChanged:
        """Deactivate and delete the hook, if it still exists."""
        with suppress(NotFound):
            await self.deactivate(hook)
            try:
                await self._api.delete(hook.id)
            except OkhookError as fault:
                if hook.is_active:
                    left = f"the hook {hook.id} is deactivated, but not deleted"
                    fault.why = f"{left}\n{fault.why}" if fault.why else left
                raise
        with self._saving():
            self._registered_here.forget(self._org, hook.id)
        return HookChanged(self._org.url, "deleted", hook)

    async def _found(self, name: str, hook_id: str | None) -> EventHook | None:
        if hook_id is not None:
            try:
                return await self._api.get(hook_id)
            except NotFound as fault:
                raise NotFound(
                    f"{self._org.host} has no event hook {hook_id}",
                    why=fault.why,
                    next_step="check the id and the org, or omit --hook-id to search by name",
                ) from None
        if (known_id := self._registered_here.id_of(self._org, name)) is not None:
            with suppress(NotFound, InvalidInput):  # somebody may have changed the file
                return await self._api.get(known_id)
        return await self._named(name)

    async def called(self, name: str) -> list[EventHook]:
        """Return the hooks that have this name: Okta allows several."""
        return [hook for hook in await self._api.all() if hook.name == name]

    async def _named(self, name: str) -> EventHook | None:
        hooks = await self.called(name)
        if len(hooks) > 1:
            raise several_called(name, hooks, self._org, self._api.client.redact, "--hook-id")
        return hooks[0] if hooks else None

    async def _created(self, wanted: WantedHook) -> EventHook:
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
            self._publish(CallRetried("create, after a check", lost.what, LOOK_AFTER_S))

        return await made_once(create, look, self._api.client.sleep, on_lost)

    async def _replaced(self, wanted: WantedHook, existing: EventHook) -> EventHook:
        kept = existing.description if wanted.description is None else wanted.description
        with _explaining(wanted):
            return await self._api.replace(existing.id, body_of(wanted, description=kept))

    def _settled(
        self, wanted: WantedHook, hook: EventHook, action: Action, changed: tuple[str, ...] = ()
    ) -> Registered:
        """Keep the hook's id, and warn if the org stored something else."""
        self._note(wanted, hook)
        for name in differences(wanted, hook):
            hint = f": {_FILTERS_NEED}" if name == "filters" else ""
            self._publish(Warned(f"the org did not store the {name} that okhook sent{hint}"))
        return Registered(self._org.url, action, hook, changed)

    def _note(self, wanted: WantedHook, hook: EventHook) -> None:
        with self._saving():
            secret = wanted.auth.secret if wanted.auth else None
            self._registered_here.note(self._org, wanted.name, hook, secret)

    def _follow(self, before: EventHook, after: EventHook) -> None:
        with self._saving():
            self._registered_here.follow(self._org, before, after)

    @contextmanager
    def _saving(self) -> Iterator[None]:
        """Warn if the block cannot save what changed: the org has the change all the same."""
        try:
            yield
        except OSError as error:
            self._publish(Warned(f"could not save the hook's id: {error.strerror}"))


@contextmanager
def _explaining(wanted: WantedHook) -> Iterator[None]:
    """Add to a refusal what orgs are known to refuse; any refusal may be due to a filter."""
    try:
        yield
    except NotFound:
        raise
    except OktaRefused as fault:
        known = _DEFINITIONS_NEED if isinstance(fault, ValidationFailed) else fault.next_step
        reasons = (_FILTERS_NEED if wanted.filters else None, known)
        fault.next_step = "\n".join(reason for reason in reasons if reason) or None
        raise
