"""What a person may see happen while the org is called."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from okhook.activity import Activity
from okhook.json_form import JsonForm, rounded
from okhook.okta.event_hooks import EventHook
from okhook.okta.probe import ProbeReport

Action = Literal["created", "updated", "unchanged"]


@dataclass(frozen=True, slots=True)
class RateLimited(Activity):
    """The org said "later" (429); ``remaining_s`` until the next try, counting down.

    ``asked_s`` is how long the org asked to wait, where that is longer than we do.
    """

    type = "rate_limited"
    org: str
    remaining_s: Annotated[float, rounded(1)]
    asked_s: Annotated[float | None, rounded(1)]


@dataclass(frozen=True, slots=True)
class CallRetried(Activity):
    """A call brought no answer, or a 5xx, and is made again after at least ``wait_s``."""

    type = "retrying"
    call: str
    reason: str
    wait_s: Annotated[float, rounded(2)]


@dataclass(frozen=True, slots=True)
class VerifyingAgain(Activity):
    """The org could not verify the hook yet; it is asked again for another ``remaining_s``."""

    type = "verifying_again"
    attempt: int
    cause: str
    remaining_s: Annotated[float, rounded(1)]


@dataclass(frozen=True, slots=True)
class Probed(Activity):
    """What our own verification GET found, after the org could not verify the hook."""

    type = "probe"
    json_fields = "report.url report.steps report.cause report.next_step report.answered_by"
    report: ProbeReport


@dataclass(frozen=True, slots=True)
class Registered(Activity):
    """The event hook in the org is as wanted.

    ``action`` tells what this run did to it: "created" it, changed something about it ("updated":
    its definition, its status or its verification), or found it as it should be ("unchanged").
    ``changed`` names what was replaced.
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


@dataclass(frozen=True, slots=True)
class HookFound(Activity):
    """An event hook that the org has."""

    type = "hook"
    org: str
    hook: EventHook


@dataclass(frozen=True, slots=True)
class HookChanged(Activity):
    """What became of an event hook; ``changed`` names the parts that were replaced.

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


@dataclass(frozen=True, slots=True)
class EventTypeListed(Activity):
    """An event type, and what is known of it.

    ``eligible`` tells whether a hook can have it; None where the catalogue does not know it.
    ``subscribed`` are the ids of the org's hooks that have it; None where no org was asked.
    ``seen`` tells whether the local store ever got an event of it.
    """

    type = "event_type"
    event_type: str
    eligible: bool | None
    subscribed: Annotated[tuple[EventHook, ...] | None, JsonForm(form=_ids_of)]
    seen: bool
