"""The JSON lines of forwarding."""

from datetime import timedelta

from okhook.forward.activities import Backlogged, Forwarded, TargetDown, TargetUp
from okhook.records.attempt import Attempt, Backlog, Forward, ForwardState, Purpose
from tests.support.records import NOON

URL = "http://127.0.0.1:3000/hook"


def test_a_delivery_that_was_taken() -> None:
    """Its number, the target's, the answer and how long it took."""
    attempt = Attempt(7, URL, Purpose.FORWARD, 2, NOON, 0.0123456, 204, answer=b"secret?")
    assert Forwarded(attempt, Forward(7, URL, ForwardState.DONE, 2)).to_json() == {
        "type": "forward",
        "seq": 7,
        "target": URL,
        "attempt": 2,
        "status": 204,
        "duration_ms": 12.35,
        "state": "done",
        "error": None,
        "next_at": None,
    }


def test_a_delivery_that_waits() -> None:
    """Why there was no answer, and when it is tried again."""
    attempt = Attempt(7, URL, Purpose.FORWARD, 1, NOON, 1, None, "no connection", "refused")
    forward = Forward(7, URL, ForwardState.WAITING, 1, NOON + timedelta(seconds=1))
    fields = Forwarded(attempt, forward).to_json()
    assert (fields["status"], fields["state"], fields["error"]) == (None, "waiting", "refused")
    assert fields["next_at"] == "2026-11-24T12:00:01.123Z"


def test_an_app_that_goes_and_comes() -> None:
    """Why, for how long, and how much is to be sent."""
    assert TargetDown(URL, "refused").to_json() == {
        "type": "target_down",
        "target": URL,
        "reason": "refused",
    }
    assert TargetUp(URL, 12.345, 3).to_json() == {
        "type": "target_up",
        "target": URL,
        "down_s": 12.3,
        "waiting": 3,
    }
    assert Backlogged(URL, Backlog(1, 2, 3)).to_json() == {
        "type": "forward_backlog",
        "target": URL,
        "pending": 1,
        "waiting": 2,
        "failed": 3,
    }
