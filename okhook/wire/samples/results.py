"""How it ended: an event's outcome and severity, read from its type's name."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Result:
    """``outcome`` and ``severity`` are values of Okta's enums; ``reason`` may be absent."""

    outcome: str = "SUCCESS"
    reason: str | None = None
    severity: str = "INFO"


_SUCCESS: Final = Result()

_BY_TYPE: Final[Mapping[str, Result]] = {
    "app.user_management.user_group_import.upsert_success": _SUCCESS,
    "policy.auth_reevaluate.fail": Result("FAILURE", "Session no longer meets the policy", "WARN"),
    "system.import.entitlement.upper_limit_exceeded": Result("FAILURE", "LIMIT_EXCEEDED", "WARN"),
    "system.org.rate_limit.violation": Result("RATE_LIMIT", "Too many requests", "WARN"),
    "system.org.rate_limit.warning": Result(severity="WARN"),
    "user.account.lock": Result("FAILURE", "LOCKED_OUT", "WARN"),
    "user.account.report_suspicious_activity_by_enduser": Result(severity="WARN"),
    "user.risk.change": Result(severity="WARN"),
    "user.risk.detect": Result(severity="WARN"),
}

_BY_WORD: Final[Mapping[str, Result]] = {
    "deny": Result("DENY", "Denied", "WARN"),
    "deny_access": Result("DENY", "Sign-on policy evaluation resulted in DENY", "WARN"),
    "detected": Result(severity="WARN"),
    "expire": Result("ABANDONED", "Expired"),
    "fail": Result("FAILURE", "Failed", "WARN"),
    "failed": Result("FAILURE", "Failed", "WARN"),
    "reject": Result("DENY", "Rejected", "WARN"),
    "request_outside_allowed_range": Result("DENY", "NETWORK_ZONE_NOT_ALLOWED", "WARN"),
    "roadblock": Result("FAILURE", "Too many users would be unassigned", "WARN"),
    "schedule": Result("SCHEDULED"),
    "scheduled": Result("SCHEDULED"),
    "violation": Result("FAILURE", "Violation", "WARN"),
}


def result_of(event_type: str) -> Result:
    """Return how events of this type end; SUCCESS and INFO where its name says nothing else."""
    if event_type in _BY_TYPE:
        return _BY_TYPE[event_type]
    words = event_type.split(".")
    return next((_BY_WORD[word] for word in words if word in _BY_WORD), _SUCCESS)
