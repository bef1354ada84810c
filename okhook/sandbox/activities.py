"""The activities of a sandbox org."""

from datetime import datetime
from typing import Annotated

from okhook.activity import Activity
from okhook.json_form import JsonForm
from okhook.secret import Secret


class SandboxReady(Activity):
    """The org is ready. Its JSON line contains the token for its reader."""

    type = "ready"
    org_url: str
    token: Annotated[Secret, JsonForm(form=Secret.reveal)]


class ApiCalled(Activity):
    """The org's API answered a call. ``error_code`` is Okta's, or None for a success."""

    type = "api_call"
    at: datetime
    method: str
    path: str
    status: int
    error_code: str | None
    request_id: str


class HookVerification(Activity):
    """The org sent a verification challenge. ``reason`` is why it failed."""

    type = "hook_verification"
    json_fields = "at hook_id url attempts verified reason"
    at: datetime
    hook_id: str
    url: str
    attempts: int
    reason: str | None

    @property
    def verified(self) -> bool:
        """Whether the hook echoed the challenge."""
        return self.reason is None


class HookDelivery(Activity):
    """The org sent a delivery. ``status`` is the answer's; ``reason`` is why it failed."""

    type = "hook_delivery"
    json_fields = "at hook_id url event_id event_types attempts status delivered reason"
    at: datetime
    hook_id: str
    url: str
    event_id: str
    event_types: tuple[str, ...]
    attempts: int
    status: int | None
    reason: str | None

    @property
    def delivered(self) -> bool:
        """Whether the hook accepted the delivery."""
        return self.reason is None


class HookDeliveryDropped(Activity):
    """The org dropped events, because the hook was no longer active or verified."""

    type = "hook_delivery_dropped"
    at: datetime
    hook_id: str
    event_types: tuple[str, ...]


class HookFilterNotUnderstood(Activity):
    """The sandbox cannot evaluate a hook's filter, so every event of the type passes it."""

    type = "hook_filter_not_understood"
    at: datetime
    hook_id: str
    event_type: str
    expression: str
    reason: str


class FaultInjected(Activity):
    """The org injected a fault of the kind ``fault`` into an answer."""

    type = "fault_injected"
    at: datetime
    fault: str
    method: str
    path: str
