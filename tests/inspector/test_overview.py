"""The overview adds counters up; days are Okta's, in UTC."""

from datetime import UTC, datetime, timedelta
from typing import cast

from okhook.inspector.overview import arrivals_of
from okhook.store.contract import Arrivals, Latencies, Reader

NOW = datetime(2026, 11, 29, 1, 30, tzinfo=UTC)
HOUR = datetime(2026, 11, 29, 1, 0, tzinfo=UTC)
CREATE, LOGIN = "user.lifecycle.create", "user.session.start"


class Counters:
    """Stands in for a reader: the counters alone are looked at."""

    def arrivals(self, since: datetime) -> list[Arrivals]:
        assert since == NOW - timedelta(days=30)
        return [
            Arrivals(HOUR - timedelta(hours=2), "delivery", None, 5),
            Arrivals(HOUR - timedelta(hours=2), "delivery", LOGIN, 5),
            Arrivals(HOUR, "canary", None, 9),
            Arrivals(HOUR, "delivery", None, 3),
            Arrivals(HOUR, "delivery", CREATE, 2),
            Arrivals(HOUR, "delivery", LOGIN, 1),
            Arrivals(HOUR, "refused", None, 1),
        ]

    def latencies(self, count: int) -> Latencies:
        assert count == 1000
        return Latencies([0.001, 0.003, 0.0024], [])

    def unaccepted(self) -> dict[str, int]:
        return {"waiting": 4, "failed": 1}


def test_counters_add_up_by_hour_day_type_and_status() -> None:
    """Canaries are not deliveries; an hour without any is there with a zero."""
    shown = arrivals_of(cast("Reader", Counters()), NOW)
    assert len(shown["hours"]) == 48
    assert shown["hours"][-3:] == [
        ("2026-11-28T23:00:00.000Z", 5),
        ("2026-11-29T00:00:00.000Z", 0),
        ("2026-11-29T01:00:00.000Z", 4),
    ]
    assert shown["days"][-2:] == [("2026-11-28", 5), ("2026-11-29", 4)]
    assert shown["types"] == [(LOGIN, 6), (CREATE, 2)]
    assert shown["latencies"] == {
        "commit": {"p50_ms": 2.4, "p99_ms": 3.0, "count": 3},
        "forward": None,
    }
    assert shown["statuses"] == {"delivery": 8, "refused": 1, "waiting": 4, "failed": 1}
