"""The activities of calls to an org: waits, retries, and what became of an event hook."""

from collections.abc import Sequence
from typing import Annotated, Literal

from okhook.activity import Activity
from okhook.json_form import JsonForm, rounded
from okhook.okta.event_hooks import EventHook
from okhook.okta.probe import ProbeReport

Action = Literal["created", "updated", "unchanged"]


class RateLimited(Activity):
    """The org answered 429. The next try is in ``remaining_s``, which counts down.

    ``asked_s`` is how long the org asked us to wait, if that is longer than we do.
    """

    type = "rate_limited"
    org: str
    remaining_s: Annotated[float, rounded(1)]
    asked_s: Annotated[float | None, rounded(1)]


class CallRetried(Activity):
    """A call got no answer, or a 5xx, and is made again after at least ``wait_s``."""

    type = "retrying"
    call: str
    reason: str
    wait_s: Annotated[float, rounded(2)]


class VerifyingAgain(Activity):
    """The org could not verify the hook yet. We ask it again, for ``remaining_s`` more at most."""

    type = "verifying_again"
    attempt: int
    cause: str
    remaining_s: Annotated[float, rounded(1)]


class Probed(Activity):
    """The org could not verify the hook, and we sent a verification GET to find out why."""

    type = "probe"
    json_fields = "report.url report.steps report.cause report.next_step report.answered_by"
    report: ProbeReport


class Registered(Activity):
    """The event hook in the org is as it was asked for.

    ``action`` is what this run did: it created the hook, updated its definition, status or
    verification, or left it unchanged. ``changed`` names the parts that were replaced.
    """

    type = "registered"
    json_fields = "org action verified hook"
    org: str
    action: Action
    hook: EventHook
    changed: tuple[str, ...] = ()

    @property
    def verified(self) -> bool:
        """Whether the org has verified the hook."""
        return self.hook.is_verified


HookAction = Literal[
    "activated",
    "already_active",
    "deactivated",
    "already_inactive",
    "deleted",
    "updated",
    "unchanged",
    "verified",
]


class HookFound(Activity):
    """An event hook that the org has."""

    type = "hook"
    org: str
    hook: EventHook


class HookChanged(Activity):
    """Something was done to an event hook. ``changed`` names the parts that were replaced.

    ``hook`` is the hook as it is now, or as it was before it was deleted.
    """

    type = "hook_changed"
    json_fields = "org action changed hook"
    org: str
    action: HookAction
    hook: EventHook
    changed: tuple[str, ...] = ()


def _ids_of(hooks: Sequence[EventHook]) -> list[str]:
    return [hook.id for hook in hooks]


class EventTypeListed(Activity):
    """An event type in a list.

    ``eligible`` is whether a hook can have it; None if the catalogue does not know it.
    ``subscribed`` are the org's hooks that have it; None if no org was asked. ``seen`` is whether
    the store has an event of it.
    """

    type = "event_type"
    event_type: str
    eligible: bool | None
    subscribed: Annotated[tuple[EventHook, ...] | None, JsonForm(form=_ids_of)]
    seen: bool
