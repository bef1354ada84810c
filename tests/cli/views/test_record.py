"""The live line of a delivery."""

from dataclasses import replace

import pytest

from okhook.activity import Activity, ForwardingWaits, StoreRecovered, StoreTrouble
from okhook.cli.console import Console
from okhook.cli.views.record import ReceiverRenderer
from okhook.records.activities import DeliveryStored, RequestRefused
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


def test_a_refused_request_with_a_long_path_is_one_row() -> None:
    """Scanners ask for long paths; the reason stays whole, and a file gets more of the path."""
    request = replace(post(b""), path=f"/{'a/' * 400}?x={'b' * 400}")
    refused = RequestRefused(None, request, 404, "the hook is not at this path")

    def shown(width: int | None) -> list[str]:
        renderer = ReceiverRenderer(FakeConsole(width), verbose=False)
        return [line.plain for line in renderer(refused)]

    for width in (80, 120):
        (line,) = shown(width)
        assert len(line) == width
        assert line.endswith("…: the hook is not at this path")
        assert "404 refused  POST /a/a/" in line
    assert 200 < len(shown(None)[0]) < 300
    assert "POST /a/a/a" in shown(30)[0]


def test_a_refused_head_is_shown_without_a_path() -> None:
    """It did not come, or not whole."""
    request = replace(post(b""), method="", path="")
    refused = RequestRefused(None, request, 431, "the head of the request is over 65536 bytes")
    (line,) = ReceiverRenderer(FakeConsole(80), verbose=False)(refused)
    assert line.plain.endswith("  431 refused  the head of the request is over 65536 bytes")


def test_a_store_that_is_away_is_said_once_and_so_is_its_return() -> None:
    """The requests that got 503 meanwhile are counted, and forwarding need not say it again."""
    render = ReceiverRenderer(FakeConsole(80), verbose=False)
    refused = RequestRefused(None, post(b"{}"), 503, "it is away")
    activities: list[Activity] = [
        StoreTrouble("the store is away"),
        *[refused] * 3,
        ForwardingWaits("forwarding waits: the store is away"),
        StoreRecovered("store.db", 12.3),
        refused,
    ]
    shown = [line.plain for each in activities for line in render(each)]
    assert shown[:2] == [
        "warning: the store is away",
        "the store works again after 12 s; 3 requests got 503, for Okta to send again",
    ]
    assert "503 refused" in shown[2]
    assert len(shown) == 3
