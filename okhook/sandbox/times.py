"""Times as the Management API writes them."""

from datetime import UTC, datetime


def whole_seconds(moment: datetime) -> str:
    """Return an aware time in whole seconds, as Okta's resources have it: ``….000Z``."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def epoch_ms(moment: datetime) -> int:
    """Return an aware time in milliseconds since the epoch."""
    return int(moment.timestamp() * 1000)
