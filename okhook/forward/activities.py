"""What a person sees of forwarding: each delivery as it goes, and an app that goes and comes."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from okhook.activity import Activity
from okhook.json_form import JsonFields, rounded
from okhook.records.attempt import Attempt, Backlog, Forward


@dataclass(frozen=True, slots=True)
class Forwarded(Activity):
    """A delivery was attempted, and ``forward`` is where it stands since then, durably."""

    type: ClassVar[str] = "forward"
    json_fields: ClassVar[JsonFields] = (
        *("attempt.seq", "attempt.target", "attempt=attempt.number", "attempt.status"),
        *("attempt.duration_s", "forward.state", "attempt.reason", "forward.next_at"),
    )
    attempt: Attempt
    forward: Forward


@dataclass(frozen=True, slots=True)
class TargetDown(Activity):
    """An app cannot be reached; everything for it waits."""

    type: ClassVar[str] = "target_down"
    target: str
    reason: str


@dataclass(frozen=True, slots=True)
class TargetUp(Activity):
    """An app answers again after ``down_s`` seconds; ``waiting`` deliveries are to be sent yet."""

    type: ClassVar[str] = "target_up"
    target: str
    down_s: Annotated[float, rounded(1)]
    waiting: int


@dataclass(frozen=True, slots=True)
class Backlogged(Activity):
    """Deliveries are still to be sent to an app, or were given up."""

    type: ClassVar[str] = "forward_backlog"
    json_fields: ClassVar[JsonFields] = (
        *("target", "backlog.pending", "backlog.waiting", "backlog.failed"),
    )
    target: str
    backlog: Backlog
