"""What a person may see happen while the org is called."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from okhook.activity import Activity, JsonObject
from okhook.okta.event_hooks import EventHook
from okhook.okta.probe_report import ProbeReport

Action = Literal["created", "updated", "unchanged"]


@dataclass(frozen=True, slots=True)
class RateLimited(Activity):
    """The org said "later" (429); ``remaining_s`` until the next try, counting down.

    ``asked_s`` is how long the org asked to wait, where that is longer than we do.
    """

    type: ClassVar[str] = "rate_limited"
    org: str
    remaining_s: float
    asked_s: float | None

    def _fields(self) -> JsonObject:
        return {
            "org": self.org,
            "remaining_s": round(self.remaining_s, 1),
            "asked_s": None if self.asked_s is None else round(self.asked_s, 1),
        }


@dataclass(frozen=True, slots=True)
class CallRetried(Activity):
    """A call brought no answer, or a 5xx, and is made again after at least ``wait_s``."""

    type: ClassVar[str] = "retrying"
    call: str
    reason: str
    wait_s: float

    def _fields(self) -> JsonObject:
        return {"call": self.call, "reason": self.reason, "wait_s": round(self.wait_s, 2)}


@dataclass(frozen=True, slots=True)
class VerifyingAgain(Activity):
    """The org could not verify the hook yet; it is asked again for another ``remaining_s``."""

    type: ClassVar[str] = "verifying_again"
    attempt: int
    cause: str
    remaining_s: float

    def _fields(self) -> JsonObject:
        return {
            "attempt": self.attempt,
            "cause": self.cause,
            "remaining_s": round(self.remaining_s, 1),
        }


@dataclass(frozen=True, slots=True)
class Probed(Activity):
    """What our own verification GET found, after the org could not verify the hook."""

    type: ClassVar[str] = "probe"
    report: ProbeReport

    def _fields(self) -> JsonObject:
        return self.report.to_json()


@dataclass(frozen=True, slots=True)
class Registered(Activity):
    """The event hook in the org is as wanted.

    ``action`` tells what this run did to it: "created" it, changed something about it ("updated":
    its definition, its status or its verification), or found it as it should be ("unchanged").
    ``changed`` names what was replaced.
    """

    type: ClassVar[str] = "registered"
    org: str
    action: Action
    hook: EventHook
    changed: tuple[str, ...] = ()

    @property
    def verified(self) -> bool:
        """Whether the org has verified the hook."""
        return self.hook.is_verified

    def _fields(self) -> JsonObject:
        return {
            "org": self.org,
            "action": self.action,
            "verified": self.verified,
            "hook": dict(self.hook.raw),
        }
