"""The list of deliveries: live, windowed, filtered, on any screen."""

import re
from dataclasses import replace
from pathlib import Path

import anyio
import httpx
import pytest

from okhook.config.paths import store_file
from okhook.records.attempt import Forward, ForwardState, Purpose
from okhook.store.open import open_store
from tests.cli.history import CREATED, FAILED
from tests.support.found import attempt
from tests.support.inspector import inspector
from tests.support.receiver import Receiver, receiver
from tests.support.records import delivery_body, event

pytest.importorskip("playwright", reason="needs the extra okhook[browser]")
from playwright.sync_api import Browser, Page, expect

from tests.inspector.browsing import (
    BOTTOM,
    PHONE,
    SMALL,
    KeptBack,
    apart,
    deliver,
    empty_page,
    expect_live,
    fill,
    opened,
    row,
    scroll,
    violations,
)

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


def test_a_delivery_appears_while_one_looks(live: tuple[Page, Receiver]) -> None:
    """Nothing is reloaded: the empty page says what to do, then the row is there."""
    page, running = live
    expect(page.get_by_text("Nothing has arrived yet")).to_be_visible()
    deliver(running, "a")
    expect(row(page, 1)).to_contain_text("user.lifecycle.create")
    expect(row(page, 1)).to_contain_text("jane.doe@hookdeckexample.com")
    expect(page.get_by_text("Nothing has arrived yet")).not_to_be_visible()


LIST = r"/api/records\?"
LIST_FROM_TOP = re.compile(rf"{LIST}(?!.*before=)")


def test_an_old_list_does_not_replace_what_came_meanwhile(browser: Browser, tmp_path: Path) -> None:
    """The stream brought a delivery while the list, an empty one, was on its way."""
    with (
        receiver(home=tmp_path) as running,
        inspector(home=tmp_path) as link,
        empty_page(browser) as page,
    ):
        lists = KeptBack(page, LIST, answered=True)
        page.goto(link)
        expect_live(page)
        lists.wait()
        deliver(running, "a")
        expect(row(page, 1)).to_be_visible()
        lists.let_go()
        expect(page.locator(".footer")).to_contain_text("1 event")
        expect(row(page, 1)).to_be_visible()


def test_what_came_just_before_the_stream_is_shown(browser: Browser, tmp_path: Path) -> None:
    """The list was read before, and the stream tells only what comes from now on."""
    with (
        receiver(home=tmp_path) as running,
        inspector(home=tmp_path) as link,
        empty_page(browser) as page,
    ):
        streams = KeptBack(page, "/api/stream", answered=False)
        page.goto(link)
        expect(page.get_by_text("Nothing has arrived yet")).to_be_visible()
        streams.wait()
        deliver(running, "a")
        streams.let_go()
        expect(row(page, 1)).to_be_visible()


COUNT_LOOKS = """
  let looks = 0;
  const later = window.setTimeout;
  window.setTimeout = (call, ms, ...rest) => later(() => {
    call(...rest);
    if (ms === 300) document.documentElement.dataset.looks = ++looks;
  }, ms);
"""


def test_a_filtered_list_is_read_again_after_an_old_one(browser: Browser, tmp_path: Path) -> None:
    """A delivery came while the list with the one before it was on its way."""
    with (
        receiver(home=tmp_path) as running,
        inspector(home=tmp_path) as link,
        empty_page(browser) as page,
    ):
        page.add_init_script(COUNT_LOOKS)
        looks = page.locator("html")
        page.goto(link)
        page.goto(f"{page.url.partition('?')[0]}?event=user.*")
        expect(page.get_by_text("No delivery matches")).to_be_visible()
        expect(looks).to_have_attribute("data-looks", "1")
        lists = KeptBack(page, LIST, answered=True)
        deliver(running, "a")
        lists.wait()
        expect(looks).to_have_attribute("data-looks", "2")
        deliver(running, "b")
        expect(looks).to_have_attribute("data-looks", "3")
        lists.let_go()
        expect(row(page, 2)).to_be_visible()


KEEP_LOOKS = """
  const later = window.setTimeout;
  window.setTimeout = (call, ms, ...rest) => {
    if (ms !== 300) return later(call, ms, ...rest);
    window.dueLook = call;
    document.documentElement.dataset.looks = "due";
  };
"""
FILTER = """
  history.pushState(null, "", "?event=group.*");
  dispatchEvent(new Event("popstate"));
"""


def test_a_look_at_the_list_uses_the_filter_of_its_moment(browser: Browser, tmp_path: Path) -> None:
    """The filter changes while a look is due: that of another filter would replace the list."""
    with (
        receiver(home=tmp_path),
        inspector(home=tmp_path) as link,
        empty_page(browser) as page,
    ):
        page.add_init_script(KEEP_LOOKS)
        page.goto(link)
        expect(page.locator("html")).to_have_attribute("data-looks", "due")
        page.evaluate(FILTER)
        expect(page.get_by_text("No delivery matches")).to_be_visible()
        with page.expect_request(re.compile(LIST)) as asked:
            page.evaluate("dueLook()")
        assert "event=group" in asked.value.url


def test_new_rows_do_not_move_what_is_being_read(live: tuple[Page, Receiver]) -> None:
    """Further down, new events wait behind a button."""
    page, running = live
    for number in range(40):
        deliver(running, str(number))
    expect(row(page, 40)).to_be_visible()
    scroll(page, 600)
    before = page.locator(".scroller").evaluate("list => list.scrollTop")
    deliver(running, "new")
    expect(page.get_by_role("button", name="1 new")).to_be_visible()
    assert page.locator(".scroller").evaluate("list => list.scrollTop") == before
    page.get_by_role("button", name="1 new").click()
    expect(row(page, 41)).to_be_visible()


def test_the_row_that_has_the_focus_keeps_it(live: tuple[Page, Receiver]) -> None:
    """Also when newer ones push it out of sight: the keyboard goes on from there."""
    page, running = live
    deliver(running, "mine")
    row(page, 1).focus()
    for number in range(40):
        deliver(running, str(number))
    expect(row(page, 41)).to_be_visible()
    expect(row(page, 1)).to_be_focused()
    page.keyboard.press("o")
    page.get_by_role("heading", name="Overview").focus()
    page.keyboard.press("Escape")
    expect(page.locator(".scroller")).to_be_focused()


def test_a_bookmarked_delivery_is_in_sight(browser: Browser, tmp_path: Path) -> None:
    """The list scrolls to the one that the URL names."""
    fill(tmp_path, 80)
    with inspector(home=tmp_path) as link, opened(browser, f"{link}&seq=10") as page:
        expect(row(page, 10)).to_be_in_viewport()


def test_only_rows_in_sight_exist_and_pages_come_when_scrolled(
    browser: Browser, tmp_path: Path
) -> None:
    """A long list costs no more than a short one."""
    fill(tmp_path, 350)
    with inspector(home=tmp_path) as link, opened(browser, link) as page:
        expect(row(page, 350)).to_be_visible()
        assert page.locator(".list li").count() < 60
        for events in (200, 300, 350):
            scroll(page, BOTTOM)
            expect(page.locator(".footer")).to_contain_text(f"{events} events")
        scroll(page, BOTTOM)
        expect(row(page, 1)).to_be_visible()
        assert page.locator(".list li").count() < 60


HOLD_EFFECTS = """
{
  const frame = window.requestAnimationFrame;
  const later = window.setTimeout;
  window.requestAnimationFrame = (call) => (window.holds ? 0 : frame(call));
  window.setTimeout = (call, ms, ...rest) => (window.holds ? 0 : later(call, ms, ...rest));
}
"""


def test_a_page_that_came_before_the_list_was_drawn_is_there_once(
    browser: Browser, tmp_path: Path
) -> None:
    """The list was scrolled meanwhile, and asks for what follows the pages that it last drew."""
    fill(tmp_path, 350)
    asked: list[str] = []
    with inspector(home=tmp_path) as link, empty_page(browser) as page:
        page.add_init_script(f"{HOLD_EFFECTS}{COUNT_LOOKS}")
        page.goto(link)
        expect(page.locator("html")).to_have_attribute("data-looks", "1")
        expect(row(page, 350)).to_be_visible()
        page.on("request", lambda request: asked.append(request.url))
        lists = KeptBack(page, LIST, answered=True)
        scroll(page, BOTTOM)
        lists.wait()
        page.evaluate("holds = true")
        scroll(page, 100 * 44 - 900)
        lists.let_go()
        expect(page.locator(".footer")).to_contain_text("200 events")
        page.evaluate("holds = false")
        for events in (300, 350):
            scroll(page, BOTTOM)
            expect(page.locator(".footer")).to_contain_text(f"{events} events")
        lists_read = [each for each in asked if re.search(LIST, each)]
        assert {httpx.URL(each).params.get("before") for each in lists_read} == {"251", "151", "51"}


def test_pages_that_are_far_are_forgotten_and_come_back(browser: Browser, tmp_path: Path) -> None:
    """Somebody who scrolls for an hour keeps no more in the tab; every row keeps its place."""
    fill(tmp_path, 1500)
    asked: list[str] = []
    with inspector(home=tmp_path) as link, opened(browser, link) as page:
        expect(row(page, 1500)).to_be_visible()
        page.on("request", lambda request: asked.append(request.url))
        for events in range(200, 1501, 100):
            scroll(page, BOTTOM)
            expect(page.locator(".footer")).to_contain_text(f"{events:,} events")
        scroll(page, BOTTOM)
        expect(row(page, 1)).to_be_visible()
        forwards = len(asked)
        for seq in (800, 1500, 300, 1):
            scroll(page, (1500 - seq) * 44)
            expect(row(page, seq)).to_be_visible()
            top = row(page, seq).evaluate("link => link.parentElement.style.transform")
            assert top == f"translateY({(1500 - seq) * 44}px)"
        expect(page.locator(".footer")).to_contain_text("1,500 events")
        assert len(asked) > forwards
        # From its top it is read once when the page opens, and once when the stream says hello.
        assert sum(bool(LIST_FROM_TOP.search(each)) for each in asked) <= 1


def test_many_events_of_one_delivery_leave_the_next_in_sight(
    live: tuple[Page, Receiver],
) -> None:
    """The list, and the delivery's own page, show the first of them and say how many there are."""
    page, running = live
    deliver(running, "before")
    events = [event(f"uuid-many-{number}") for number in range(300)]
    httpx.post(running.url, content=delivery_body("many", *events))
    expect(page.locator(".footer")).to_contain_text("301 events")
    expect(page.get_by_text("and 291 more events")).to_be_visible()
    expect(row(page, 1)).to_be_visible()
    row(page, 2).click()
    detail = page.get_by_label("Delivery 2")
    expect(detail.locator(".event")).to_have_count(20)
    detail.get_by_role("button", name="Show more of 300 events").click()
    expect(detail.locator(".event")).to_have_count(120)


def test_a_row_says_what_each_app_answered(browser: Browser, home: Path) -> None:
    """The one that did not accept it first, with its attempts."""

    async def forward_elsewhere() -> None:
        other = "http://127.0.0.1:3001/other"
        async with open_store(store_file(home / "state")) as store:
            await store.open_target(other)
            tried = replace(attempt(1, 204, seq=FAILED), target=other)
            await store.note(tried, Forward(FAILED, other, ForwardState.DONE, 1))

    apart(lambda: anyio.run(forward_elsewhere))
    with inspector(home=home) as link, opened(browser, link) as page:
        answers = row(page, FAILED).locator(".answers > span")
        expect(answers).to_have_text(["apps", "500 · 12 ms · 2\u00d7", "204 · 12 ms"])
        expect(answers.nth(1)).to_have_class("bad")


def test_a_replay_that_failed_is_red_in_the_row_of_a_forwarded_delivery(
    browser: Browser, home: Path
) -> None:
    """The last answer is not the one that okhook took for accepted."""

    async def replay() -> None:
        async with open_store(store_file(home / "state")) as store:
            await store.note(replace(attempt(3, 500, seq=CREATED), purpose=Purpose.REPLAY), None)

    apart(lambda: anyio.run(replay))
    with inspector(home=home) as link, opened(browser, link) as page:
        expect(row(page, CREATED).locator(".mark")).to_have_text("forwarded")
        expect(row(page, CREATED).locator(".answers > .bad")).to_contain_text("500")
        row(page, CREATED).click()
        expect(page.get_by_label("Story")).to_contain_text("answered 204")


def test_a_phone_has_room_for_the_list(browser: Browser, home: Path) -> None:
    """The filters but the search wait behind a button, and none stands above a delivery."""
    with inspector(home=home) as link, opened(browser, link, SMALL) as page:
        expect(page.get_by_label("Search all payloads")).to_be_visible()
        expect(page.get_by_label("Status")).not_to_be_visible()
        page.get_by_role("button", name="Filters").click()
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= SMALL[0]
        page.get_by_label("Status").select_option("failed")
        expect(row(page, CREATED)).not_to_be_visible()
        row(page, FAILED).click()
        expect(page.get_by_label(f"Delivery {FAILED}")).to_be_visible()
        expect(page.get_by_label("Search all payloads")).not_to_be_visible()


def test_a_phone_goes_back_to_where_the_list_was(browser: Browser, tmp_path: Path) -> None:
    """A button closes the delivery; the list has neither lost its place nor the focus."""
    with (
        receiver(home=tmp_path) as running,
        inspector(home=tmp_path) as link,
        opened(browser, link, PHONE) as page,
    ):
        for number in range(40):
            deliver(running, str(number))
        expect(row(page, 40)).to_be_visible()
        scroll(page, 900)
        row(page, 24).focus()
        before = page.locator(".scroller").evaluate("list => list.scrollTop")
        page.keyboard.press("Enter")
        expect(page.get_by_label("Delivery 24").get_by_role("heading", level=2)).to_be_focused()
        expect(row(page, 24)).not_to_be_visible()
        page.get_by_label("Actions").get_by_role("button", name="Close").click()
        expect(row(page, 24)).to_be_focused()
        assert page.locator(".scroller").evaluate("list => list.scrollTop") == before


def test_the_page_reads_on_after_a_restart(browser: Browser, tmp_path: Path) -> None:
    """The inspector ends and starts again on its port: the cookie holds, and nothing is lost."""
    with receiver(home=tmp_path) as running:
        with inspector(home=tmp_path) as link:
            port = httpx.URL(link).port or 0
            within = browser.new_context()
            page = within.new_page()
            page.goto(link)
            expect_live(page)
            deliver(running, "a")
            expect(row(page, 1)).to_be_visible()
        expect(page.get_by_text("not connected")).to_be_visible()
        deliver(running, "b")
        with inspector(home=tmp_path, port=port):
            expect(row(page, 2)).to_be_visible()
            page.goto(f"http://127.0.0.1:{port}/i-{port}/?q=jane")  # a bookmark
            expect(row(page, 2)).to_be_visible()
            within.close()
