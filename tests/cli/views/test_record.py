"""The live line of a delivery."""

import pytest

from okhook.cli.console import Console
from okhook.cli.views.record import ReceiverRenderer
from okhook.records.activities import DeliveryStored
from tests.support.found import record
from tests.support.records import delivery_body, event, post

LONG = "application.provision.user.remove_entitlements.schedule"


class FakeConsole(Console):
    """A terminal of a given width."""

    def __init__(self, width: int | None) -> None:
        self._columns = width

    @property
    def width(self) -> int | None:
        return self._columns


def lines(body: bytes, width: int | None, *, verbose: bool = False) -> list[str]:
    stored = DeliveryStored(record(1234, request=post(body)))
    return [line.plain for line in ReceiverRenderer(FakeConsole(width), verbose=verbose)(stored)]


@pytest.mark.parametrize("width", [80, 100])
@pytest.mark.parametrize(
    "body",
    [
        delivery_body(),
        delivery_body("e", event("u", LONG)),
        delivery_body("e", event(), event("u", LONG)),
    ],
    ids=["short", "long", "several"],
)
def test_a_live_line_is_one_row_field_28(body: bytes, width: int) -> None:
    """It names type and login, without ids; what does not fit is cut."""
    shown = lines(body, width)
    assert all(len(line) <= width for line in shown)
    assert all("00ujane" not in line for line in shown)
    assert any("  jane." in line or "→ jane." in line for line in shown)


def test_verbose_and_a_file_get_all_of_it_field_28() -> None:
    """Actor, outcome and targets; ``-v`` adds the eventId."""
    for text in (lines(delivery_body(), None)[0], lines(delivery_body(), 80, verbose=True)[0]):
        assert "SUCCESS  admin@example.com → jane.doe@hookdeckexample.com" in text
    assert "event-1" in lines(delivery_body(), 80, verbose=True)[0]
