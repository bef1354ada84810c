"""What a person sees of forwarding: each delivery as it goes, and an app that goes and comes."""

from dataclasses import dataclass
from typing import ClassVar

from okhook.activity import Activity, JsonObject, timestamp
from okhook.records.attempt import Attempt, Backlog, Forward


@dataclass(frozen=True, slots=True)
class Forwarded(Activity):
    """A delivery was attempted, and ``forward`` is where it stands since then, durably."""

    type: ClassVar[str] = "forward"
    attempt: Attempt
    forward: Forward

    def _fields(self) -> JsonObject:
        next_at = self.forward.next_at
        return {
            "seq": self.attempt.seq,
            "target": self.attempt.target,
            "attempt": self.attempt.number,
            "status": self.attempt.status,
            "duration_ms": round(self.attempt.duration_s * 1000, 2),
            "state": self.forward.state.value,
            "error": self.attempt.reason,
            "next_at": None if next_at is None else timestamp(next_at),
        }


@dataclass(frozen=True, slots=True)
class TargetDown(Activity):
    """An app cannot be reached; everything for it waits."""

    type: ClassVar[str] = "target_down"
    target: str
    reason: str

    def _fields(self) -> JsonObject:
        return {"target": self.target, "reason": self.reason}


@dataclass(frozen=True, slots=True)
class TargetUp(Activity):
    """An app answers again after ``down_s`` seconds; ``waiting`` deliveries are to be sent yet."""

    type: ClassVar[str] = "target_up"
    target: str
    down_s: float
    waiting: int

    def _fields(self) -> JsonObject:
        return {"target": self.target, "down_s": round(self.down_s, 1), "waiting": self.waiting}


@dataclass(frozen=True, slots=True)
class Backlogged(Activity):
    """Deliveries are still to be sent to an app, or were given up."""

    type: ClassVar[str] = "forward_backlog"
    target: str
    backlog: Backlog

    def _fields(self) -> JsonObject:
        return {
            "target": self.target,
            "pending": self.backlog.pending,
            "waiting": self.backlog.waiting,
            "failed": self.backlog.failed,
        }
