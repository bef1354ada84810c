"""What a person sees of forwarding: each delivery as it goes, and an app that goes and comes."""

from dataclasses import dataclass
from typing import Annotated

from okhook.activity import Activity
from okhook.json_form import rounded
from okhook.records.attempt import Attempt, Backlog, Forward


@dataclass(frozen=True, slots=True)
class Forwarded(Activity):
    """A delivery was attempted, and ``forward`` is where it stands since then, durably."""

    type = "forward"
    json_fields = (
        "attempt.seq attempt.target attempt=attempt.number attempt.status attempt.duration_s"
        " forward.state attempt.reason forward.next_at"
    )
    attempt: Attempt
    forward: Forward


@dataclass(frozen=True, slots=True)
class TargetDown(Activity):
    """An app cannot be reached; everything for it waits."""

    type = "target_down"
    target: str
    reason: str


@dataclass(frozen=True, slots=True)
class TargetUp(Activity):
    """An app answers again after ``down_s`` seconds; ``waiting`` deliveries are to be sent yet."""

    type = "target_up"
    target: str
    down_s: Annotated[float, rounded(1)]
    waiting: int


@dataclass(frozen=True, slots=True)
class Backlogged(Activity):
    """Deliveries are still to be sent to an app, or were given up."""

    type = "forward_backlog"
    json_fields = "target backlog.pending backlog.waiting backlog.failed"
    target: str
    backlog: Backlog
