"""What a person sees of ``okhook up``: its steps, and that all of it is ready."""

from dataclasses import dataclass
from typing import Annotated

from okhook.activity import Activity
from okhook.json_form import milliseconds
from okhook.secret import Secret


@dataclass(frozen=True, slots=True)
class StepBegan(Activity):
    """A step is under way; its end is a :class:`StepDone`, or the command's failure."""

    type = "step"
    json_fields = "step state"
    state = "waiting"
    step: str


@dataclass(frozen=True, slots=True)
class StepDone(Activity):
    """A step came to its end; ``detail`` is what there is to know of it."""

    type = "step"
    json_fields = "step state detail elapsed_s"
    state = "done"
    step: str
    detail: str
    elapsed_s: Annotated[float, milliseconds("duration_ms")]


@dataclass(frozen=True, slots=True)
class StepFailed(Activity):
    """A step failed; the error that ends the command says why."""

    type = "step"
    json_fields = "step state"
    state = "failed"
    step: str


@dataclass(frozen=True, slots=True)
class Ready(Activity):
    """The path is proved and the org has verified the hook: events flow from here on.

    For a ``guest`` of Hookdeck ``dashboard_url`` is where the account is made permanent.
    ``sandbox_token`` opens a sandbox org; it is for people, and has no place in the JSON line.
    """

    type = "ready"
    json_fields = "org hook_id webhook_url receiver_url dashboard_url guest"
    org: str
    hook_id: str
    webhook_url: str
    receiver_url: str
    dashboard_url: str | None
    guest: bool
    sandbox_token: Secret | None = None


@dataclass(frozen=True, slots=True)
class EventsAwaited(Activity):
    """The sandbox's test user makes none of these event types: somebody else has to."""

    type = "awaited"
    event_types: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TunnelCameBack(Activity):
    """The tunnel was started again; its path has to be proved anew."""

    type = "tunnel_came_back"
    webhook_url: str


@dataclass(frozen=True, slots=True)
class PathLost(Activity):
    """A canary did not come through any more: deliveries may be lost until one does."""

    type = "path_lost"
    reason: str
