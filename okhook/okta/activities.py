"""The activities of calls to an org: verifying, and changes of an event hook."""

from dataclasses import dataclass
from typing import Annotated, Literal

from okhook.activity import Activity
from okhook.json_form import JsonForm, rounded
from okhook.okta.event_hooks import EventHook
from okhook.wire.url import WITHOUT_CREDENTIALS

Action = Literal["created", "updated", "unchanged"]


class VerifyingAgain(Activity):
    """The org could not verify the hook yet; okhook retries for ``remaining_s`` more."""

    type = "verifying_again"
    attempt: int
    cause: str
    remaining_s: Annotated[float, rounded(1)]


@dataclass(frozen=True, slots=True)
class ProbeStep:
    """One step towards the right answer; ``ok`` is None where it was not reached.

    ``cause`` and ``next_step`` are set where it failed.
    """

    json_fields = "name ok detail"

    name: str
    ok: bool | None
    detail: str
    cause: str = ""
    next_step: str = ""


class ProbeReport(Activity):
    """The org could not verify the hook; okhook sent the same GET to find out why.

    ``cause`` is None where the endpoint answered our GET as it should.
    """

    type = "probe"
    url: Annotated[str, WITHOUT_CREDENTIALS]
    steps: tuple[ProbeStep, ...]
    cause: str | None
    next_step: str
    answered_by: str | None


class Registered(Activity):
    """The org has the event hook as wanted.

    ``action`` is what this run did. ``changed`` names the parts that it replaced.
    """

    type = "registered"
    json_fields = "org action verified=hook.is_verified hook"
    org: str
    action: Action
    hook: EventHook
    changed: tuple[str, ...] = ()


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
    """An event hook of the org."""

    type = "hook"
    org: str
    hook: EventHook


class HookChanged(Activity):
    """A command changed an event hook; ``changed`` names the parts that it replaced.

    ``hook`` is the hook after the change, or before its deletion.
    """

    type = "hook_changed"
    json_fields = "org action changed hook"
    org: str
    action: HookAction
    hook: EventHook
    changed: tuple[str, ...] = ()


class HooksExported(Activity):
    """Event hooks of the org were written as ``format``: to a file, or as ``text``."""

    type = "hooks_exported"
    org: str
    format: str
    count: int
    file: str | None
    text: str | None


class EventTypeListed(Activity):
    """An event type in a list.

    ``eligible``: a hook can have it; None if the catalogue does not know. ``subscribed``: the
    org's hooks that have it; None if no org was asked. ``seen``: the store has an event of it.
    """

    type = "event_type"
    event_type: str
    eligible: bool | None
    subscribed: Annotated[
        tuple[EventHook, ...] | None, JsonForm(form=lambda hooks: [hook.id for hook in hooks])
    ]
    seen: bool
