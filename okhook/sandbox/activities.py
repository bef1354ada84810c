"""What the sandbox org tells whoever watches it."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from okhook.activity import Activity, JsonObject, timestamp
from okhook.secret import Secret


@dataclass(frozen=True, slots=True)
class SandboxReady(Activity):
    """The org answers. Its JSON line holds the token, because whoever reads it needs it."""

    type: ClassVar[str] = "ready"
    org_url: str
    token: Secret

    def _fields(self) -> JsonObject:
        return {"org_url": self.org_url, "token": self.token.reveal()}


@dataclass(frozen=True, slots=True)
class ApiCalled(Activity):
    """A call of the org's API was answered. ``error_code`` is Okta's, None for a success."""

    type: ClassVar[str] = "api_call"
    at: datetime
    method: str
    path: str
    status: int
    error_code: str | None
    request_id: str

    def _fields(self) -> JsonObject:
        return {
            "at": timestamp(self.at),
            "method": self.method,
            "path": self.path,
            "status": self.status,
            "error_code": self.error_code,
            "request_id": self.request_id,
        }


@dataclass(frozen=True, slots=True)
class HookVerification(Activity):
    """The org sent a verification GET. ``reason`` is None where the answer was right."""

    type: ClassVar[str] = "hook_verification"
    at: datetime
    hook_id: str
    url: str
    attempts: int
    reason: str | None

    def _fields(self) -> JsonObject:
        return {
            "at": timestamp(self.at),
            "hook_id": self.hook_id,
            "url": self.url,
            "attempts": self.attempts,
            "verified": self.reason is None,
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class HookDelivery(Activity):
    """The org sent a delivery. ``status`` is None where no answer came; ``reason`` says why."""

    type: ClassVar[str] = "hook_delivery"
    at: datetime
    hook_id: str
    url: str
    event_id: str
    event_types: tuple[str, ...]
    attempts: int
    status: int | None
    reason: str | None

    def _fields(self) -> JsonObject:
        return {
            "at": timestamp(self.at),
            "hook_id": self.hook_id,
            "url": self.url,
            "event_id": self.event_id,
            "event_types": list(self.event_types),
            "attempts": self.attempts,
            "status": self.status,
            "delivered": self.reason is None,
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class HookDeliveryDropped(Activity):
    """Events were not sent, because the hook stopped receiving before their time came."""

    type: ClassVar[str] = "hook_delivery_dropped"
    at: datetime
    hook_id: str
    event_types: tuple[str, ...]

    def _fields(self) -> JsonObject:
        return {
            "at": timestamp(self.at),
            "hook_id": self.hook_id,
            "event_types": list(self.event_types),
        }


@dataclass(frozen=True, slots=True)
class HookFilterNotUnderstood(Activity):
    """A hook's filter is beyond the sandbox, so that every event of the type passes it."""

    type: ClassVar[str] = "hook_filter_not_understood"
    at: datetime
    hook_id: str
    event_type: str
    expression: str
    reason: str

    def _fields(self) -> JsonObject:
        return {
            "at": timestamp(self.at),
            "hook_id": self.hook_id,
            "event_type": self.event_type,
            "expression": self.expression,
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class FaultInjected(Activity):
    """The org is about to spoil an answer as it was asked to. ``fault`` is its kind."""

    type: ClassVar[str] = "fault_injected"
    at: datetime
    fault: str
    method: str
    path: str

    def _fields(self) -> JsonObject:
        return {
            "at": timestamp(self.at),
            "fault": self.fault,
            "method": self.method,
            "path": self.path,
        }
