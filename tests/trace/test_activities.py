"""The commands that mend what did not come to its end."""

from okhook.trace.activities import MOST_IDS, End, Where, next_steps
from tests.support.found import APP


def mended(*ends: End) -> list[str]:
    return list(next_steps(ends))


def test_what_came_to_its_end_needs_nothing() -> None:
    """A delivery that was taken has no next step."""
    assert mended(End(1, Where.FORWARDED, APP, 1, 204)) == []


def test_failed_ones_are_replayed_together() -> None:
    """One command for each app, whose URL no shell takes apart."""
    other = "http://127.0.0.1:4000/hook?a=1&b=$HOME"
    failed = [End(seq, Where.FAILED, APP) for seq in (3, 4)]
    assert mended(*failed, End(3, Where.FAILED, other)) == [
        "okhook replay 3 4 --to http://127.0.0.1:3000/hook",
        "okhook replay 3 --to 'http://127.0.0.1:4000/hook?a=1&b=$HOME'",
    ]


def test_many_are_not_listed_by_their_ids() -> None:
    """A command stays one that can be read."""
    failed = [End(seq, Where.FAILED, APP) for seq in range(MOST_IDS + 1)]
    assert mended(*failed) == [f"okhook replay --status failed --to {APP}"]
    unsent = [End(seq, Where.NOT_FORWARDED) for seq in range(MOST_IDS + 1)]
    assert mended(*unsent) == ["okhook replay --status stored --to URL"]


def test_what_waits_goes_on_when_its_app_is_forwarded_to() -> None:
    """Waiting and pending ones need a running forwarder, once for each app."""
    ends = [End(1, Where.WAITING, APP), End(2, Where.PENDING, APP)]
    assert mended(*ends) == [f"okhook serve --forward-to {APP}"]


def test_what_was_stored_alone_can_be_sent() -> None:
    """The app's URL is for the reader to say."""
    assert mended(End(7, Where.NOT_FORWARDED)) == ["okhook replay 7 --to URL"]


def test_what_was_not_accepted() -> None:
    """A wrong secret is registered anew; what is malformed can be looked at."""
    assert mended(End(1, Where.REFUSED, status=401)) == ["okhook register"]
    assert mended(End(1, Where.REFUSED, status=405)) == []
    assert mended(End(5, Where.MALFORMED, status=400)) == ["okhook deliveries show 5"]
