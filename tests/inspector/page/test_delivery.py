"""One delivery, and two compared; and the keys that lead there."""

from pathlib import Path

import pytest

from tests.cli.history import CREATED, FAILED, MALFORMED, PENDING, REPEATED
from tests.support.found import APP
from tests.support.kept import kept_in

pytest.importorskip("playwright", reason="needs the extra okhook[browser]")
from playwright.sync_api import Page, expect

from tests.inspector.browsing import (
    row,
)

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


def test_one_delivery_says_who_did_what_and_why_it_failed(page: Page) -> None:
    """A newcomer's questions: who, what the app said, and what to run next."""
    expect(row(page, FAILED)).to_contain_text("500 · 12 ms · 2")
    row(page, FAILED).click()
    detail = page.get_by_label(f"Delivery {FAILED}")
    expect(detail.get_by_role("heading", level=2).first).to_be_visible()
    expect(detail).to_contain_text("Jane Doe (jane.doe@hookdeckexample.com), by Ada Admin")
    expect(detail.get_by_label("Story")).to_contain_text(f"Not accepted by {APP}: answered 500")
    expect(detail).to_contain_text("KeyError: 'x'")
    expect(detail.get_by_text(f"okhook replay {FAILED} --to")).to_be_visible()


def test_the_body_folds_and_can_be_searched(page: Page) -> None:
    """Every value can be found and copied, with its path."""
    page.goto(f"{page.url}?seq={CREATED}")
    tree = page.get_by_role("region", name="Body as a tree")
    expect(tree).to_contain_text('"user.lifecycle.create"')
    page.get_by_role("button", name="Fold data").click()
    expect(tree).not_to_contain_text('"user.lifecycle.create"')
    page.get_by_label("Find in the body").fill("jane.doe")
    page.keyboard.press("Enter")
    expect(page.locator(".node.marked")).to_contain_text("jane.doe@hookdeckexample.com")
    path = "data.events[0].target[0].alternateId"
    page.locator(f"[aria-label='Copy the path {path}']").focus()
    page.keyboard.press("Enter")
    expect(tree.get_by_text("copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == path


def test_a_body_is_downloaded_byte_for_byte(page: Page, home: Path) -> None:
    """The page fetches it with its key, and the browser saves it."""
    page.goto(f"{page.url}?seq={CREATED}")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download").click()
    assert waiting.value.suggested_filename == f"delivery-{CREATED}.json"
    assert waiting.value.path().read_bytes() == kept_in(home)[CREATED - 1].request.body


def test_copies_are_commands(page: Page) -> None:
    """What the clipboard has can be pasted into a terminal."""
    page.goto(f"{page.url}?seq={CREATED}")
    page.get_by_role("combobox", name="Copy as").select_option("okhook")
    page.get_by_role("button", name="Copy as").press("Enter")
    expect(page.get_by_text("copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()").startswith(f"okhook replay {CREATED}")


def test_two_deliveries_are_compared(page: Page) -> None:
    """A duplicate leads to the one that it repeats; others are chosen by number."""
    page.goto(f"{page.url}?seq={REPEATED}")
    page.get_by_role("link", name="compare", exact=True).click()
    expect(page.get_by_text("Nothing differs")).to_be_visible()
    page.goto(f"{page.url.partition('?')[0]}?view=compare&seq={FAILED}&with={CREATED}")
    expect(page.get_by_role("region", name="Differences")).to_contain_text("eventType")


def test_a_delivery_that_is_gone_can_be_left(page: Page) -> None:
    """A bookmark may lead to one that was pruned since."""
    page.goto(f"{page.url}?seq=4000")
    expect(page.get_by_role("alert")).to_contain_text("may have been pruned")
    page.get_by_role("button", name="Close").click()
    expect(row(page, CREATED)).to_be_visible()
    expect(page.locator(".detail")).to_have_count(0)


def test_the_keyboard_does_everything(page: Page) -> None:
    """From the list to a delivery and back, to the search, and to the list of keys."""
    expect(row(page, PENDING)).to_be_visible()
    page.keyboard.press("j")
    expect(page.get_by_label(f"Delivery {PENDING}")).to_be_visible()
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.get_by_label(f"Delivery {MALFORMED}")).to_be_visible()
    page.keyboard.press("k")
    page.keyboard.press("k")
    page.keyboard.press("d")
    expect(page.get_by_label("Compare with delivery")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(page.locator(".detail")).to_have_count(0)
    page.keyboard.press("/")
    expect(page.get_by_label("Search all payloads")).to_be_focused()
    page.keyboard.press("j")
    assert page.get_by_label("Search all payloads").input_value() == "j"
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("edit and replay")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
