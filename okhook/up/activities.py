"""The activities of ``okhook up``."""

from dataclasses import replace
from typing import Annotated, Final, Literal

from okhook.activity import Activity
from okhook.json_form import JsonForm, milliseconds
from okhook.secret import Secret

_OPTIONAL_MS: Final = replace(milliseconds("duration_ms"), omitted_when_none=True)


class StepChanged(Activity):
    """A step began, is done, or failed; the error that ends the command says why it failed.

    A step that is done has a ``detail`` for people, and the time that it took.
    """

    type = "step"
    step: str
    state: Literal["waiting", "done", "failed"]
    detail: Annotated[str | None, JsonForm(omitted_when_none=True)] = None
    elapsed_s: Annotated[float | None, _OPTIONAL_MS] = None


class Ready(Activity):
    """A canary came through and the org has verified the hook: events arrive from now on.

    For a ``guest`` of Hookdeck ``dashboard_url`` is the page to sign up at. ``sandbox_token`` is
    that of a sandbox org; it is shown to people only.
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


class EventsAwaited(Activity):
    """The sandbox's test user does not cause these event types; something else has to."""

    type = "awaited"
    event_types: tuple[str, ...]


class TunnelCameBack(Activity):
    """The tunnel was started again. A canary has to prove the path again."""

    type = "tunnel_came_back"
    webhook_url: str


class PathLost(Activity):
    """A canary did not come through. Deliveries may be lost until one does."""

    type = "path_lost"
    reason: str
