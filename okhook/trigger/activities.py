"""What a person sees of ``okhook trigger``."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal

from okhook.activity import Activity, JsonObject, timestamp
from okhook.trigger.made import Made

Answered = Literal["yes", "no", "unknown"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One question about an event that did not arrive. ``mend`` is a command or an address."""

    question: str
    asked: str
    answer: Answered
    evidence: str
    mend: str | None = None

    def to_json(self) -> JsonObject:
        """Return it as it stands in the JSON line."""
        return {
            "question": self.question,
            "answer": self.answer,
            "evidence": self.evidence,
            "next_step": self.mend,
        }


@dataclass(frozen=True, slots=True)
class Subject:
    """A user, named by its login, or a group, as it is there in the org."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class StepDone(Activity):
    """The org did a step. ``at`` is when its answer was here."""

    type: ClassVar[str] = "trigger_step"
    event_type: str
    is_preparation: bool
    user: Subject
    group: Subject | None
    at: datetime

    def _fields(self) -> JsonObject:
        return {
            "event_type": self.event_type,
            "purpose": "preparation" if self.is_preparation else "event",
            "user": _user_json(self.user),
            "group": _group_json(self.group),
            "at": timestamp(self.at),
        }

    @property
    def target_ids(self) -> frozenset[str]:
        """The ids that the event has among its targets."""
        return frozenset(each.id for each in (self.user, self.group) if each is not None)


@dataclass(frozen=True, slots=True)
class Arrived(Activity):
    """The event of a step is in the store; ``took_s`` after the org's answer it was received."""

    type: ClassVar[str] = "trigger_arrived"
    step: StepDone
    seq: int
    uuid: str | None
    event_id: str | None
    hook_id: str | None
    received_at: datetime
    took_s: float

    def _fields(self) -> JsonObject:
        return {
            "event_type": self.step.event_type,
            "user": _user_json(self.step.user),
            "group": _group_json(self.step.group),
            "seq": self.seq,
            "uuid": self.uuid,
            "event_id": self.event_id,
            "hook_id": self.hook_id,
            "received_at": timestamp(self.received_at),
            "took_ms": round(self.took_s * 1000),
        }


@dataclass(frozen=True, slots=True)
class Lost(Activity):
    """The event of a step did not arrive; ``uuid`` is its entry's in the System Log.

    ``is_certain`` tells that it will not any more, so that the wait was given up.
    """

    type: ClassVar[str] = "trigger_lost"
    step: StepDone
    waited_s: float
    is_certain: bool
    uuid: str | None
    findings: tuple[Finding, ...]

    def _fields(self) -> JsonObject:
        return {
            "event_type": self.step.event_type,
            "user": _user_json(self.step.user),
            "group": _group_json(self.step.group),
            "waited_ms": round(self.waited_s * 1000),
            "certain": self.is_certain,
            "uuid": self.uuid,
            "findings": [finding.to_json() for finding in self.findings],
        }


@dataclass(frozen=True, slots=True)
class Triggered(Activity):
    """All of it was done, and what was waited for has arrived."""

    type: ClassVar[str] = "triggered"
    org: str
    scenario: str
    events: int
    arrived: int

    def _fields(self) -> JsonObject:
        return {
            "org": self.org,
            "scenario": self.scenario,
            "events": self.events,
            "arrived": self.arrived,
        }


@dataclass(frozen=True, slots=True)
class LeftInOrg(Activity):
    """What was made and stays in the org; ``removing`` is the command that takes it away."""

    type: ClassVar[str] = "trigger_left"
    org: str
    left: tuple[Made, ...]
    removing: str

    def _fields(self) -> JsonObject:
        return {
            "org": self.org,
            "left": [made.to_json() for made in self.left],
            "next_step": self.removing,
        }


@dataclass(frozen=True, slots=True)
class CleanedUp(Activity):
    """What was taken out of the org again, what was not there, and what is left, with why."""

    type: ClassVar[str] = "trigger_cleaned_up"
    org: str
    removed: tuple[Made, ...]
    gone: tuple[Made, ...]
    left: tuple[tuple[Made, str], ...]
    removing: str

    def _fields(self) -> JsonObject:
        return {
            "org": self.org,
            "removed": [made.to_json() for made in self.removed],
            "gone": [made.to_json() for made in self.gone],
            "left": [_left_json(made, reason) for made, reason in self.left],
            "next_step": self.removing if self.left else None,
        }


@dataclass(frozen=True, slots=True)
class Triggerable(Activity):
    """An event type that can be triggered, for the list."""

    type: ClassVar[str] = "triggerable"
    event_type: str
    meaning: str

    def _fields(self) -> JsonObject:
        return {"event_type": self.event_type, "meaning": self.meaning}


@dataclass(frozen=True, slots=True)
class ScenarioListed(Activity):
    """A scenario that comes with okhook. ``text`` is its TOML, where that was asked for."""

    type: ClassVar[str] = "scenario"
    name: str
    event_types: tuple[str, ...]
    text: str | None = None

    def _fields(self) -> JsonObject:
        listed = {"name": self.name, "event_types": list(self.event_types)}
        return listed if self.text is None else {**listed, "text": self.text}


def _user_json(user: Subject) -> JsonObject:
    return {"id": user.id, "login": user.name}


def _group_json(group: Subject | None) -> JsonObject | None:
    return None if group is None else {"id": group.id, "name": group.name}


def _left_json(made: Made, reason: str) -> JsonObject:
    return {**made.to_json(), "reason": reason}
