"""The filters of the list, which stand in the URL."""

import re

import pytest

from tests.cli.history import CREATED, FAILED, PENDING, REPEATED
from tests.support.receiver import Receiver

pytest.importorskip("playwright", reason="needs the extra okhook[browser]")
from playwright.sync_api import Page, expect

from tests.inspector.browsing import deliver, row, scroll, violations

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


def test_filters_stand_in_the_url(page: Page) -> None:
    """They can be bookmarked, taken off one by one, and gone back from."""
    page.get_by_label("Status").select_option("failed")
    expect(row(page, FAILED)).to_be_visible()
    expect(row(page, CREATED)).not_to_be_visible()
    assert page.url.endswith("?status=failed")
    page.get_by_label("Search all payloads").fill("jane")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("q=jane&status=failed$"))
    page.reload()
    expect(page.get_by_role("button", name="Remove the filter status failed")).to_be_visible()
    page.go_back()
    expect(page).to_have_url(re.compile("[?]status=failed$"))
    page.get_by_role("button", name="Remove the filter status failed").click()
    expect(row(page, CREATED)).to_be_visible()


def test_what_is_no_event_is_not_counted_as_one(page: Page) -> None:
    """A request that was refused, or is no delivery, has a row, and stands apart in the sum."""
    footer = page.locator(".footer")
    expect(footer).to_contain_text(re.compile(r"^[1-9][0-9]* events, [1-9] other requests?"))
    page.get_by_label("Status", exact=True).select_option("malformed")
    expect(footer).to_contain_text("0 events, 1 other request")
    page.get_by_label("Status", exact=True).select_option("failed")
    expect(footer).to_contain_text("1 event, 1 other request")
    page.get_by_role("button", name="Remove the filter status malformed").click()
    expect(footer).to_contain_text(re.compile("^1 event(?!,)"))


def test_a_list_between_two_times(page: Page) -> None:
    """They are local times, as those in the list, and moments in the URL."""
    page.get_by_label("Time").select_option("between…")
    page.get_by_label("From").fill("2026-11-24T12:03")
    expect(page).to_have_url(re.compile("since=2026-11-24T12%3A03%3A00.000Z"))
    page.get_by_label("To").fill("2026-11-24T12:05")
    assert violations(page) == []
    expect(row(page, REPEATED)).not_to_be_visible()
    expect(row(page, PENDING)).not_to_be_visible()
    expect(row(page, FAILED)).to_be_visible()
    page.reload()
    expect(page.get_by_label("To")).to_have_value("2026-11-24T12:05")
    page.get_by_label("Time").select_option("any time")
    expect(page.get_by_label("To")).to_have_count(0)
    expect(row(page, PENDING)).to_be_visible()


def test_new_events_do_not_move_a_filtered_list_that_is_being_read(
    live: tuple[Page, Receiver],
) -> None:
    """They wait behind the button, as without a filter."""
    page, running = live
    for number in range(40):
        deliver(running, str(number))
    page.goto(f"{page.url}?event=user.*")
    expect(row(page, 40)).to_be_visible()
    scroll(page, 600)
    deliver(running, "new")
    expect(page.get_by_role("button", name="1 new")).to_be_visible()
    assert page.locator(".scroller").evaluate("list => list.scrollTop") == 600
    page.get_by_role("button", name="1 new").click()
    expect(row(page, 41)).to_be_visible()


def test_what_one_types_stays_while_deliveries_arrive(live: tuple[Page, Receiver]) -> None:
    """Each of them draws the page again."""
    page, running = live
    page.keyboard.press("s")
    page.get_by_label("Event type", exact=True).fill("user.session.start")
    page.get_by_label("Events").fill("3")
    page.get_by_label("Search all payloads").press_sequentially("jan")
    deliver(running, "a")
    expect(row(page, 1)).to_be_visible()
    page.keyboard.type("e")
    typed = ("Search all payloads", "Event type", "Events")
    assert [page.get_by_label(each, exact=True).input_value() for each in typed] == [
        "jane",
        "user.session.start",
        "3",
    ]


def test_an_empty_list_says_where_else_to_look(page: Page) -> None:
    """People look for a person by name, and for a retried delivery under ``failed``."""
    page.get_by_label("Person").fill("Jane Doe")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Search all payloads for Jane Doe").click()
    expect(row(page, CREATED)).to_be_visible()
    page.goto(f"{page.url.partition('?')[0]}?status=failed&q=nothing-has-this")
    page.get_by_role("link", name="Show those that wait").click()
    expect(page).to_have_url(re.compile("status=stored"))


def test_a_link_to_no_view_shows_the_list(page: Page) -> None:
    """A comparison needs two deliveries."""
    base = page.url
    for query in (f"?view=compare&seq={CREATED}", f"?view=nonsense&seq={CREATED}"):
        page.goto(base + query)
        expect(page.get_by_label(f"Delivery {CREATED}")).to_be_visible()
