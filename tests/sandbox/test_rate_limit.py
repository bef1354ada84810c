"""Rate limits: so many calls of each endpoint in each window, and no more."""

from datetime import UTC, datetime, timedelta

from okhook.sandbox.faults import RateMeter

BEGIN = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def test_the_remaining_calls_count_down_to_zero() -> None:
    """Each endpoint by itself; the call that is one too many is the first that is refused."""
    meter = RateMeter(2)
    counted = [meter.count("/a", BEGIN) for _ in range(4)]
    assert [(one.remaining, one.exceeded) for one in counted] == [
        (1, False),
        (0, False),
        (0, True),
        (0, True),
    ]
    assert meter.count("/b", BEGIN).remaining == 1


def test_the_limit_resets_in_the_next_window() -> None:
    """It begins at the second that every answer names."""
    meter = RateMeter(2)
    for _ in range(3):
        last = meter.count("/a", BEGIN + timedelta(seconds=59))
    assert last.exceeded
    assert last.reset == BEGIN.timestamp() + 60
    assert meter.count("/a", BEGIN + timedelta(seconds=60)).remaining == 1


def test_headers_are_oktas() -> None:
    """Limit, what is left, and the epoch second at which all is left again."""
    assert RateMeter(2).count("/a", BEGIN).headers() == [
        ("X-Rate-Limit-Limit", "2"),
        ("X-Rate-Limit-Remaining", "1"),
        ("X-Rate-Limit-Reset", str(int(BEGIN.timestamp()) + 60)),
    ]
