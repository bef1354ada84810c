"""The commands that fix what did not complete."""

from okhook.trace.story import MOST_IDS, DeliveryState, End, next_steps
from tests.support.found import APP


def mended(*ends: End) -> list[str]:
    return list(next_steps(ends, known_app=APP))


def test_an_accepted_delivery_has_no_next_step() -> None:
    """The app has it."""
    assert mended(End(1, DeliveryState.FORWARDED, APP, 1, 204)) == []


def test_failed_deliveries_share_a_command() -> None:
    """One command for each app, with its URL quoted for the shell."""
    other = "http://127.0.0.1:4000/hook?a=1&b=$HOME"
    failed = [End(seq, DeliveryState.FAILED, APP) for seq in (3, 4)]
    assert mended(*failed, End(3, DeliveryState.FAILED, other)) == [
        "okhook replay 3 4 --to http://127.0.0.1:3000/hook",
        "okhook replay 3 --to 'http://127.0.0.1:4000/hook?a=1&b=$HOME'",
    ]


def test_many_ids_become_a_status() -> None:
    """So that the command stays short."""
    failed = [End(seq, DeliveryState.FAILED, APP) for seq in range(MOST_IDS + 1)]
    assert mended(*failed) == [f"okhook replay --status failed --to {APP}"]
    unsent = [End(seq, DeliveryState.NOT_FORWARDED) for seq in range(MOST_IDS + 1)]
    assert mended(*unsent) == [f"okhook replay --status stored --to {APP}"]


def test_waiting_deliveries_need_a_forwarder() -> None:
    """One command for each app."""
    ends = [End(1, DeliveryState.WAITING, APP), End(2, DeliveryState.PENDING, APP)]
    assert mended(*ends) == [f"okhook serve --forward-to {APP}"]


def test_what_a_running_receiver_sends_needs_no_second_one() -> None:
    """A replay does not wait until it is time; what was never tried is about to be sent."""
    ends = [
        End(1, DeliveryState.WAITING, APP, receiver="here"),
        End(2, DeliveryState.PENDING, APP, receiver="here"),
        End(3, DeliveryState.WAITING, APP, receiver="other"),
    ]
    assert list(next_steps(ends, served={("here", APP)})) == [
        f"okhook replay 1 --to {APP}",
        f"okhook serve --forward-to {APP} --receiver other",
    ]


def test_a_delivery_that_was_not_forwarded_can_be_replayed() -> None:
    """To an app that is known; there is no command with a placeholder."""
    assert mended(End(7, DeliveryState.NOT_FORWARDED)) == [f"okhook replay 7 --to {APP}"]
    assert list(next_steps([End(7, DeliveryState.NOT_FORWARDED)])) == []


def test_refused_and_malformed_requests_have_next_steps() -> None:
    """Find out about the secret, or look at the body."""
    assert mended(End(1, DeliveryState.REFUSED, status=401)) == ["okhook doctor"]
    assert mended(End(1, DeliveryState.REFUSED, status=405)) == []
    assert mended(End(5, DeliveryState.MALFORMED, status=400)) == ["okhook deliveries show 5"]
