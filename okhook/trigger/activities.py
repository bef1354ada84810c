"""The activities of ``okhook trigger``."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from okhook.activity import Activity
from okhook.json_form import JsonForm, milliseconds

_STEP = "step.event_type step.user step.group"

Answered = Literal["yes", "no", "unknown"]
Kind = Literal["user", "group"]


@dataclass(frozen=True, slots=True)
class Created:
    """A user, named by its login, or a group. ``id`` is None until the org has answered."""

    kind: Kind
    name: str
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One question about an event that did not arrive. ``remedy`` is a command or a URL."""

    question: str
    asked: str
    answer: Answered
    evidence: str
    remedy: str | None = None
    json_fields = "question answer evidence next_step=remedy"


@dataclass(frozen=True, slots=True)
class Subject:
    """A user, named by its login, or a group, in the org."""

    id: str
    name: str


class StepDone(Activity):
    """The org did a step. ``at`` is when its answer arrived."""

    type = "trigger_step"
    event_type: str
    is_preparation: Annotated[
        bool, JsonForm("purpose", lambda is_so: "preparation" if is_so else "event")
    ]
    user: Annotated[Subject, JsonForm(form=lambda user: {"id": user.id, "login": user.name})]
    group: Subject | None
    at: datetime

    @property
    def target_ids(self) -> frozenset[str]:
        """The ids that the event has among its targets."""
        return frozenset(each.id for each in (self.user, self.group) if each is not None)


class Arrived(Activity):
    """The event of a step is in the store. It was received ``took_s`` after the org's answer."""

    type = "trigger_arrived"
    json_fields = f"{_STEP} seq uuid event_id hook_id received_at took_s"
    step: StepDone
    seq: int
    uuid: str | None
    event_id: str | None
    hook_id: str | None
    received_at: datetime
    took_s: Annotated[float, milliseconds("took_ms")]


class Lost(Activity):
    """The event of a step did not arrive. ``uuid`` is that of its entry in the System Log.

    ``is_certain`` if it cannot arrive any more, so that the wait ended early.
    """

    type = "trigger_lost"
    json_fields = f"{_STEP} waited_s is_certain uuid findings"
    step: StepDone
    waited_s: Annotated[float, milliseconds("waited_ms")]
    is_certain: Annotated[bool, JsonForm("certain")]
    uuid: str | None
    findings: tuple[Finding, ...]


class Triggered(Activity):
    """All steps were done, and all events that were waited for have arrived."""

    type = "triggered"
    org: str
    scenario: str
    events: int
    arrived: int


class LeftInOrg(Activity):
    """What was created and stays in the org. ``removing`` is the command that removes it."""

    type = "trigger_left"
    org: str
    left: tuple[Created, ...]
    removing: Annotated[str, JsonForm("next_step")]


@dataclass(frozen=True, slots=True)
class NotRemoved:
    """A thing that is still in the org, and why."""

    created: Created
    reason: str
    json_fields = "created.kind created.name created.id reason"


class CleanedUp(Activity):
    """What was removed, what was already gone, and what is left in the org and why."""

    type = "trigger_cleaned_up"
    json_fields = "org removed gone left next_step"
    org: str
    removed: tuple[Created, ...]
    gone: tuple[Created, ...]
    left: tuple[NotRemoved, ...]
    removing: str

    @property
    def next_step(self) -> str | None:
        """The command that tries again, if something is left."""
        return self.removing if self.left else None


class Triggerable(Activity):
    """An event type that can be triggered, for the list."""

    type = "triggerable"
    event_type: str
    meaning: str


class ScenarioListed(Activity):
    """A scenario that comes with okhook. ``text`` is its TOML, if that was asked for."""

    type = "scenario"
    name: str
    event_types: tuple[str, ...]
    text: Annotated[str | None, JsonForm(omitted_when_none=True)] = None
