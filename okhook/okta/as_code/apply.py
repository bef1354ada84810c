"""Apply a plan for event hooks, with the writes of ``okhook register``."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from okhook.activity import Warned
from okhook.errors import ConfigurationError, NotVerified, OkhookError
from okhook.okta.activities import HookChanged, Registered
from okhook.okta.as_code.plan import HookPlanned, Plan
from okhook.okta.event_hooks import EventHook, WantedHook
from okhook.okta.registration import Registration
from okhook.text import plain

_LIMIT = 80

Publish = Callable[[Registered | HookChanged | Warned], None]
"""Shows what was done with a hook."""

Verify = Callable[[Registered, HookPlanned], Awaitable[Registered]]
"""Has the org verify a hook. Raises NotVerified, after showing the hook."""


async def apply_plan(
    whole: Plan, registration: Registration, *, verify: Verify, publish: Publish
) -> None:
    """Make the changes in order, and publish each.

    A hook that the org cannot verify does not stop the others, but nothing is deleted then: it may
    be the successor of one that would go.

    Raises:
        NotVerified: everything is done, except that hooks could not be verified, and the deletions.
        OkhookError: the first other error. Its text says what is done and what is not.
    """
    plan = whole.to_do()
    application = _Application(registration, whole.known_ids, verify, publish)
    faults: list[NotVerified] = []
    for position, planned in enumerate(plan):
        if planned.action == "delete" and faults:
            break
        try:
            publish(await application.applied(planned))
        except NotVerified as fault:
            faults.append(fault)
        except OkhookError as fault:
            _explain(fault, plan, position)
            raise
    if faults:
        raise _unverified(faults, [each for each in plan if each.action == "delete"])


@dataclass(frozen=True, slots=True)
class _Application:
    """Makes the changes of a plan, which knows the hooks with the ids ``known``."""

    registration: Registration
    known: frozenset[str]
    verify: Verify
    publish: Publish

    async def applied(self, planned: HookPlanned) -> Registered | HookChanged:
        if planned.wanted is None:
            return await self.registration.delete(planned.in_org)
        if planned.existing is None:
            registered = await self._created(planned.wanted)
        elif planned.writes:
            registered = await self.registration.update(planned.existing, planned.wanted)
        else:
            registered = Registered(planned.org, "unchanged", planned.existing)
        hook = registered.hook
        if hook.is_active != planned.is_active:
            change = (
                self.registration.activate if planned.is_active else self.registration.deactivate
            )
            hook = (await change(hook)).hook
            if registered.action != "created":
                changed = (*registered.changed, "status")
                registered = replace(registered, action="updated", changed=changed)
            registered = replace(registered, hook=hook)
        if planned.verify and not hook.is_verified:
            return await self.verify(registered, planned)
        return registered

    async def _created(self, wanted: WantedHook) -> Registered:
        """Create a hook, unless the org has a new one of its name; warn if it has one then.

        Okta allows several hooks of one name, and another run may create one.

        Raises:
            ConfigurationError: another run created one since the plan was made.
        """
        name = plain(wanted.name, limit=_LIMIT)
        if others := await self._new(wanted.name):
            raise ConfigurationError(
                f"another run created the event hook {name} meanwhile ({others[0].id})",
                next_step="wait until it has ended",
            )
        registered = await self.registration.create(wanted)
        others = [hook for hook in await self._new(wanted.name) if hook.id != registered.hook.id]
        if others:
            self.publish(
                Warned(
                    f"the org has {1 + len(others)} new event hooks called {name}: another run"
                    f" created {others[0].id} at the same time; delete one:"
                    f" okhook hooks delete {registered.hook.id}"
                )
            )
        return registered

    async def _new(self, name: str) -> list[EventHook]:
        return [h for h in await self.registration.called(name) if h.id not in self.known]


def _explain(fault: OkhookError, plan: Sequence[HookPlanned], position: int) -> None:
    """Say what is done and what is not."""
    parts = (
        ("done", plan[:position]),
        ("failed", plan[position : position + 1]),
        ("not done", plan[position + 1 :]),
    )
    lines = [f"{word}: {_named(hooks)}" for word, hooks in parts if hooks]
    fault.why = _and(fault.why, *lines)
    fault.next_step = _and(fault.next_step, "then run this command again: it does the rest")


def _unverified(faults: Sequence[NotVerified], deletions: Sequence[HookPlanned]) -> NotVerified:
    if len(faults) == 1:
        (error,) = faults
    else:
        error = NotVerified(
            f"the org could not verify {len(faults)} event hooks, and delivers nothing to them",
            why="\n".join(f"{fault.what}\n{fault.why}" for fault in faults),
            next_step="\n".join(fault.next_step for fault in faults if fault.next_step),
        )
    if deletions:
        error.why = _and(error.why, f"therefore not deleted: {_named(deletions)}")
        error.next_step = _and(error.next_step, "then run this command again: it deletes them")
    return error


def _and(text: str | None, *lines: str) -> str:
    return "\n".join([*([text] if text else []), *lines])


def _named(hooks: Sequence[HookPlanned]) -> str:
    return ", ".join(f"{plain(hook.name, limit=_LIMIT)} ({hook.action})" for hook in hooks)
