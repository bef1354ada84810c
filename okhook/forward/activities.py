"""The activities of forwarding: each attempt, and an app that goes down and comes back."""

from typing import Annotated

from okhook.activity import Activity
from okhook.json_form import rounded
from okhook.records.attempt import Attempt, Backlog, Forward


class Forwarded(Activity):
    """A delivery was sent to an app. ``forward`` is its stored state after that."""

    type = "forward"
    json_fields = (
        "attempt.seq attempt.target attempt=attempt.number attempt.status attempt.duration_s"
        " forward.state attempt.reason forward.next_at"
    )
    attempt: Attempt
    forward: Forward


class TargetDown(Activity):
    """An app does not answer. Its deliveries wait."""

    type = "target_down"
    target: str
    reason: str


class TargetUp(Activity):
    """An app answers again after ``down_s``. ``waiting`` deliveries are not sent yet."""

    type = "target_up"
    target: str
    down_s: Annotated[float, rounded(1)]
    waiting: int


class Backlogged(Activity):
    """How many deliveries an app did not get yet, and how many were given up."""

    type = "forward_backlog"
    json_fields = "target backlog.pending backlog.waiting backlog.failed"
    target: str
    backlog: Backlog
