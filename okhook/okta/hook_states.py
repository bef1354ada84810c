"""Activate, deactivate and delete event hooks: steps that are done once and may be asked twice."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import final

from okhook.errors import OkhookError
from okhook.okta.activities import HookChanged
from okhook.okta.client import Publish
from okhook.okta.definitions import explaining_activation
from okhook.okta.event_hooks import EventHook
from okhook.okta.event_hooks_api import EventHooksApi
from okhook.okta.refusals import NotFound
from okhook.okta.remembered import RememberedHooks, memory_may_fail


@final
class HookStates:
    """Changes the state of hooks in one org; what this machine remembers of them follows."""

    def __init__(
        self, api: EventHooksApi, remembered: RememberedHooks, *, publish: Publish
    ) -> None:
        self._api = api
        self._org = api.org
        self._remembered = remembered
        self._publish = publish

    async def activate(self, hook: EventHook) -> HookChanged:
        """Let the org deliver to the hook, once it is verified; an active one is left alone.

        Raises:
            OktaRefused: the org has as many active hooks as it may have.

        """
        if hook.is_active:
            return HookChanged(self._org.url, "already_active", hook)
        with explaining_activation():
            after = await self._api.activate(hook.id)
        self._follow(hook, after)
        return HookChanged(self._org.url, "activated", after)

    async def deactivate(self, hook: EventHook) -> HookChanged:
        """Let the org deliver nothing more to the hook; an inactive one is left alone."""
        if not hook.is_active:
            return HookChanged(self._org.url, "already_inactive", hook)
        after = await self._api.deactivate(hook.id)
        self._follow(hook, after)
        return HookChanged(self._org.url, "deactivated", after)

    async def delete(self, hook: EventHook) -> HookChanged:
        """Delete the hook for good, deactivated first: an org deletes inactive hooks alone.

        One that is gone meanwhile, as after an answer that was lost, is deleted.

        Raises:
            CredentialsError, OktaRefused, Unavailable: the org said no, or nothing; the error says
                where the hook was left inactive.

        """
        with suppress(NotFound):
            before = (await self.deactivate(hook)).hook
            with _saying_what_is_left(hook):
                await self._api.delete(before.id)
        with memory_may_fail(self._publish):
            self._remembered.forget(self._org, hook.id)
        return HookChanged(self._org.url, "deleted", hook)

    def _follow(self, before: EventHook, after: EventHook) -> None:
        with memory_may_fail(self._publish):
            self._remembered.follow(self._org, before, after)


@contextmanager
def _saying_what_is_left(hook: EventHook) -> Iterator[None]:
    """Add to a delete that failed that the hook was deactivated for it."""
    try:
        yield
    except NotFound:
        raise
    except OkhookError as fault:
        if hook.is_active:
            left = f"the hook {hook.id} was deactivated and not deleted"
            fault.why = f"{left}\n{fault.why}" if fault.why else left
        raise
