"""The page in a real browser: every view and action, by keyboard, and what others cannot do."""

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar, Literal

import anyio
import httpx
import pytest

from okhook.config.paths import run_directory, store_file
from okhook.records.attempt import Forward, ForwardState
from okhook.runtime.run_files import DownApp, ReceiverRun, RunDirectory, UpRun
from okhook.store.open import open_reader, open_store
from tests.cli.history import CREATED, FAILED, MALFORMED, PENDING, REPEATED, fill_store
from tests.inspector.browser import chromium
from tests.support.found import APP, attempt
from tests.support.inspector import inspector
from tests.support.kept import kept_in
from tests.support.okhook_process import environment
from tests.support.receiver import Receiver, receiver
from tests.support.records import NOON, delivery_body, event, stored
from tests.support.waiting import wait_until

pytest.importorskip("playwright", reason="needs the extra okhook[browser]")
from playwright.sync_api import Browser, Dialog, Page, expect, sync_playwright

from tests.inspector.browsing import (
    LAPTOP,
    PHONE,
    SMALL,
    WIDE,
    apart,
    expect_live,
    row,
    violations,
    watched_page,
)

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

Open = Callable[..., Page]
VIEWS = (
    "",
    f"?seq={CREATED}",
    f"?view=compare&seq={FAILED}&with={CREATED}",
    "?view=sample",
    "?view=overview",
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        yield started
        started.close()


@contextmanager
def opened(
    browser: Browser,
    link: str,
    size: tuple[int, int] = LAPTOP,
    colours: Literal["light", "dark"] = "light",
    *,
    asks: bool = False,
) -> Iterator[Page]:
    """Open the inspector in a browser of its own."""
    width, height = size
    within = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=colours, timezone_id="UTC"
    )
    within.grant_permissions(["clipboard-read", "clipboard-write"])
    with within, watched_page(within, asks=asks) as page:
        page.goto(link)
        expect_live(page)
        yield page


@pytest.fixture
def home(tmp_path: Path) -> Path:
    apart(lambda: fill_store(tmp_path))
    return tmp_path


@pytest.fixture
def page(browser: Browser, home: Path) -> Iterator[Page]:
    """Yield the page over a store with something of everything in it."""
    with inspector(home=home) as link, opened(browser, link) as page:
        yield page


@pytest.fixture
def live(browser: Browser, tmp_path: Path) -> Iterator[tuple[Page, Receiver]]:
    """Yield the page beside a receiver that has nothing yet."""
    with (
        receiver(home=tmp_path) as running,
        inspector(home=tmp_path) as link,
        opened(browser, link) as page,
    ):
        yield page, running


def deliver(running: Receiver, name: str) -> None:
    answer = httpx.post(running.url, content=delivery_body(name, event(f"uuid-{name}")))
    assert answer.status_code == 204


def fill(home: Path, count: int) -> None:
    """Store deliveries 1 to ``count``."""

    async def append() -> None:
        path = store_file(home / "state")
        async with open_store(path) as store, anyio.create_task_group() as tasks:
            for number in range(count):
                tasks.start_soon(store.append, stored(f"e{number}", f"uuid-{number}"))

    apart(lambda: anyio.run(append))


class App(BaseHTTPRequestHandler):
    """An app that answers 418, and keeps the bodies that it got."""

    bodies: ClassVar[list[bytes]]

    def do_POST(self) -> None:
        type(self).bodies.append(self.rfile.read(int(self.headers["content-length"])))
        self.send_response(418)
        self.end_headers()
        self.wfile.write(b"<b>I am a teapot</b>")

    def log_message(self, *_: object) -> None:
        """Write nothing."""


@contextmanager
def serving(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


@pytest.fixture
def app() -> Iterator[tuple[str, list[bytes]]]:
    class OneApp(App):
        bodies: ClassVar[list[bytes]] = []

    with serving(OneApp) as url:
        yield url, OneApp.bodies


def test_a_delivery_appears_while_one_looks(live: tuple[Page, Receiver]) -> None:
    """Nothing is reloaded: the empty page says what to do, then the row is there."""
    page, running = live
    expect(page.get_by_text("Nothing has arrived yet")).to_be_visible()
    deliver(running, "a")
    expect(row(page, 1)).to_contain_text("user.lifecycle.create")
    expect(row(page, 1)).to_contain_text("jane.doe@hookdeckexample.com")
    expect(page.get_by_text("Nothing has arrived yet")).not_to_be_visible()


def test_new_rows_do_not_move_what_is_being_read(live: tuple[Page, Receiver]) -> None:
    """Further down, new events wait behind a button."""
    page, running = live
    for number in range(40):
        deliver(running, str(number))
    expect(row(page, 40)).to_be_visible()
    page.locator(".scroller").evaluate("list => list.scrollTo(0, 600)")
    before = page.locator(".scroller").evaluate("list => list.scrollTop")
    deliver(running, "new")
    expect(page.get_by_role("button", name="1 new")).to_be_visible()
    assert page.locator(".scroller").evaluate("list => list.scrollTop") == before
    page.get_by_role("button", name="1 new").click()
    expect(row(page, 41)).to_be_visible()


def test_only_rows_in_sight_exist_and_pages_come_when_scrolled(
    browser: Browser, tmp_path: Path
) -> None:
    """A long list costs no more than a short one."""
    fill(tmp_path, 350)
    with inspector(home=tmp_path) as link, opened(browser, link) as page:
        expect(row(page, 350)).to_be_visible()
        assert page.locator(".list li").count() < 60
        for _ in range(6):
            page.locator(".scroller").evaluate("list => list.scrollTo(0, list.scrollHeight)")
            page.wait_for_function("() => document.querySelector('.scroller').scrollTop > 0")
        expect(page.get_by_text("350 events")).to_be_visible()
        page.locator(".scroller").evaluate("list => list.scrollTo(0, list.scrollHeight)")
        expect(row(page, 1)).to_be_visible()
        assert page.locator(".list li").count() < 60


def test_pages_that_are_far_are_forgotten_and_come_back(browser: Browser, tmp_path: Path) -> None:
    """Somebody who scrolls for an hour keeps no more in the tab; every row keeps its place."""
    fill(tmp_path, 1500)
    asked: list[str] = []
    with inspector(home=tmp_path) as link, opened(browser, link) as page:
        expect(row(page, 1500)).to_be_visible()
        page.on("request", lambda request: asked.append(request.url))
        scroller = page.locator(".scroller")
        for events in range(200, 1501, 100):
            scroller.evaluate("list => list.scrollTo(0, list.scrollHeight)")
            expect(page.locator(".footer")).to_contain_text(f"{events} events")
        scroller.evaluate("list => list.scrollTo(0, list.scrollHeight)")
        expect(row(page, 1)).to_be_visible()
        forwards = len(asked)
        for seq in (800, 1500, 300, 1):
            scroller.evaluate("(list, top) => list.scrollTo(0, top)", (1500 - seq) * 44)
            expect(row(page, seq)).to_be_visible()
            top = row(page, seq).evaluate("link => link.parentElement.style.transform")
            assert top == f"translateY({(1500 - seq) * 44}px)"
        expect(page.locator(".footer")).to_contain_text("1500 events")
        assert len(asked) > forwards
        assert all("before=" in each for each in asked)


def test_new_events_do_not_move_a_filtered_list_that_is_being_read(
    live: tuple[Page, Receiver],
) -> None:
    """They wait behind the button, as without a filter."""
    page, running = live
    for number in range(40):
        deliver(running, str(number))
    page.goto(f"{page.url}?event=user.*")
    expect(row(page, 40)).to_be_visible()
    page.locator(".scroller").evaluate("list => list.scrollTo(0, 600)")
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


def test_a_list_between_two_times(page: Page) -> None:
    """They are local times, as those in the list, and moments in the URL."""
    page.get_by_label("Time").select_option("between…")
    page.get_by_label("From").fill("2026-11-24T12:03")
    expect(page).to_have_url(re.compile("since=2026-11-24T12%3A03%3A00.000Z"))
    page.get_by_label("To").fill("2026-11-24T12:05")
    expect(row(page, REPEATED)).not_to_be_visible()
    expect(row(page, PENDING)).not_to_be_visible()
    expect(row(page, FAILED)).to_be_visible()
    page.reload()
    expect(page.get_by_label("To")).to_have_value("2026-11-24T12:05")
    page.get_by_label("Time").select_option("any time")
    expect(page.get_by_label("To")).to_have_count(0)
    expect(row(page, PENDING)).to_be_visible()


def test_one_delivery_says_who_did_what_and_why_it_failed(page: Page) -> None:
    """A newcomer's questions: who, what the app said, and what to run next."""
    expect(row(page, FAILED)).to_contain_text("500 · 12 ms · 2")
    row(page, FAILED).click()
    detail = page.get_by_label(f"Delivery {FAILED}")
    expect(detail.get_by_role("heading", level=2).first).to_be_visible()
    expect(detail).to_contain_text("Jane Doe (jane.doe@hookdeckexample.com), by Ada Admin")
    expect(detail).to_contain_text("the app did not accept it")
    expect(detail).to_contain_text("KeyError: 'x'")
    expect(detail.get_by_text(f"okhook replay {FAILED} --to")).to_be_visible()


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
        expect(answers).to_have_text(["500 · 12 ms · 2\u00d7", "204 · 12 ms"])
        expect(answers.first).to_have_class("bad")


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
    assert page.evaluate("navigator.clipboard.readText()") == path


def test_hostile_payloads_are_text(browser: Browser, tmp_path: Path) -> None:
    """Markup, direction marks, very long names, and nesting that no stack survives."""
    hostile = event("uuid-1")
    hostile["target"][0]["alternateId"] = "<img src=x onerror=alert(1)>\u202egnp"
    hostile["target"][0]["displayName"] = "x" * 5000
    hostile["displayMessage"] = "<script>alert(2)</script>"
    nested = b'{"data": {"events": ' + b"[" * 100_000 + b"]" * 100_000 + b"}}"
    with (
        receiver(home=tmp_path) as running,
        inspector(home=tmp_path) as link,
        opened(browser, link) as page,
    ):
        for body in (delivery_body("a", hostile), nested):
            httpx.post(running.url, content=body)
        expect(row(page, 1)).to_contain_text(r"<img src=x onerror=alert(1)>\u202egnp")
        row(page, 1).click()
        expect(page.get_by_label("Delivery 1")).to_contain_text("<script>alert(2)</script>")
        assert page.locator("#app img, #app script").count() == 0
        page.goto(f"{page.url.partition('?')[0]}?seq=2")
        expect(page.get_by_role("region", name="Body as a tree")).to_contain_text("events")
        page.get_by_role("button", name="As received").click()
        expect(page.locator("pre.raw")).to_contain_text("[[[[[")


def test_a_replay_and_its_answer(page: Page, app: tuple[str, list[bytes]], home: Path) -> None:
    """By keyboard alone; the app's answer stands on the page as text, and in the store."""
    url, bodies = app
    page.keyboard.press("k")
    page.goto(f"{page.url.partition('?')[0]}?seq={CREATED}")
    expect(page.get_by_label(f"Delivery {CREATED}")).to_be_visible()
    page.keyboard.press("r")
    expect(page.get_by_label("App")).to_be_focused()
    page.keyboard.press("Control+A")
    page.keyboard.type(url)
    page.keyboard.press("Enter")
    expect(page.locator(".result")).to_contain_text("418")
    expect(page.locator(".result")).to_contain_text("<b>I am a teapot</b>")
    assert bodies == [kept_in(home)[CREATED - 1].request.body]
    expect(page.get_by_label("Attempts")).to_contain_text("replay 1")


def test_an_edited_replay_shows_what_was_changed(page: Page, app: tuple[str, list[bytes]]) -> None:
    """The JSON is checked while one types, and the app gets what was written."""
    url, bodies = app
    page.goto(f"{page.url}?seq={CREATED}")
    expect(page.get_by_label(f"Delivery {CREATED}")).to_be_visible()
    page.keyboard.press("e")
    text = page.get_by_label("Body", exact=True)
    expect(text).to_be_focused()
    assert text.evaluate("text => [text.selectionStart, text.scrollTop]") == [0, 0]
    before = text.input_value()
    text.fill(before + "x")
    expect(page.get_by_text("not JSON at line")).to_be_visible()
    text.fill(before.replace("SUCCESS", "FAILURE"))
    page.get_by_text("What you changed").click()
    expect(page.get_by_role("region", name="Differences")).to_contain_text(
        "data.events[0].outcome.result"
    )
    page.get_by_label("App").fill(url)
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator(".result")).to_contain_text("418")
    assert json.loads(bodies[0])["data"]["events"][0]["outcome"] == {"result": "FAILURE"}
    page.get_by_role("button", name="Reset").click()
    assert text.input_value() == before


def test_changes_are_not_thrown_away_unasked(browser: Browser, home: Path) -> None:
    """By a key, a button, a link, the browser's own buttons; after a Yes, and once sent, it may."""
    questions: list[str] = []
    answers: list[bool] = []

    def answer(dialog: Dialog) -> None:
        questions.append(dialog.type)
        dialog.accept() if answers and answers.pop() else dialog.dismiss()

    with inspector(home=home) as link, opened(browser, link, asks=True) as page:
        page.on("dialog", answer)
        row(page, PENDING).click()
        row(page, CREATED).click()
        page.keyboard.press("e")
        text = page.get_by_label("Body", exact=True)
        text.fill(text.input_value().replace("SUCCESS", "FAILURE"))
        text.press("Escape")

        def was_asked(times: int) -> bool:
            page.evaluate("1")  # its answer comes after the question
            return len(questions) == times

        leave: list[Callable[[], object]] = [
            lambda: page.keyboard.press("Escape"),
            lambda: page.keyboard.press("r"),
            lambda: page.keyboard.press("k"),
            page.get_by_label("Actions").get_by_role("button", name="Close").click,
            page.locator("form").get_by_role("button", name="Close").click,
            row(page, FAILED).click,
            page.get_by_role("link", name="Overview").click,
            lambda: page.evaluate("history.back()"),
        ]
        for number, act in enumerate(leave, start=1):
            act()
            wait_until(partial(was_asked, number))
            expect(text).to_have_value(re.compile("FAILURE"))
            expect(page).to_have_url(re.compile(f"seq={CREATED}$"))
        assert set(questions) == {"confirm"}
        page.close(run_before_unload=True)
        wait_until(partial(was_asked, len(leave) + 1))
        assert questions[-1] == "beforeunload"
        answers.append(True)
        page.get_by_label("Actions").get_by_role("button", name="Close").click()
        expect(page.locator(".detail")).to_have_count(0)
        asked = len(questions)
        row(page, CREATED).click()
        page.keyboard.press("e")
        page.keyboard.press("Escape")
        page.keyboard.press("Escape")
        expect(page.locator("textarea")).to_have_count(0)
        assert len(questions) == asked


def test_a_sample_is_sent_and_arrives(live: tuple[Page, Receiver]) -> None:
    """With a type from the catalogue and a change of its own."""
    page, running = live
    page.keyboard.press("s")
    page.get_by_label("Event type", exact=True).fill("user.session.start")
    page.get_by_label("Login", exact=True).fill("eve@example.com")
    page.get_by_label("Changes").fill('data.events[0].outcome.result="FAILURE"')
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator(".result")).to_contain_text("204")
    (record,) = running.wait_for(1)
    (sent,) = record.delivery.events
    assert (sent.event_type, sent.outcome) == ("user.session.start", "FAILURE")
    expect(row(page, 1).locator(".mark").first).to_have_text("sample")
    page.get_by_label("Changes").fill("nonsense")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("nonsense")


def test_the_overview_checks_everything(
    live: tuple[Page, Receiver], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """It names the receiver, and shows what ``okhook doctor`` finds, with what to do."""
    page, running = live
    for name, value in environment(tmp_path).items():
        monkeypatch.setenv(name, value)
    page.keyboard.press("o")
    overview = page.get_by_label("Overview", exact=True)
    expect(overview).to_contain_text(running.url)
    page.get_by_role("button", name="Check everything").click()
    expect(overview.locator(".checks")).to_contain_text("a canary arrived", timeout=30_000)


def test_the_overview_says_what_is_wrong_and_what_mends_it(
    page: Page, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hook that Okta does not call, a path that was lost, an app that is down."""
    for name, value in environment(home).items():
        monkeypatch.setenv(name, value)
    runs = RunDirectory(run_directory(home / "state"))
    org = "http://127.0.0.1:9"
    down = DownApp(APP, NOON, "Connection refused")
    receiving = ReceiverRun("http://127.0.0.1:1337/", 1337, forward_to=(APP,), down=(down,))
    up = UpRun(
        org,
        registered="who1",
        status="ACTIVE",
        verification="UNVERIFIED",
        seen_at=NOON,
        proved_at=NOON,
        fault="Hookdeck lost its connection",
    )
    with runs.own("up-1") as one, runs.own(ReceiverRun.name(1337)) as two:
        one.write(up)
        two.write(receiving)
        page.keyboard.press("o")
        overview = page.get_by_label("Overview", exact=True)
        expect(overview).to_contain_text("ACTIVE UNVERIFIED")
        expect(overview).to_contain_text(f"okhook hooks verify who1 --org {org}")
        expect(overview).to_contain_text("path lost Hookdeck lost its connection")
        apps = overview.get_by_role("region", name="Apps")
        expect(apps).to_contain_text("Connection refused")
        expect(apps.get_by_role("row").nth(1).get_by_role("link")).to_have_text(["1", "1"])
        page.get_by_role("button", name="Ask again").click()
        expect(overview.get_by_role("alert")).to_contain_text("found no API token", timeout=30_000)
        apps.get_by_role("link").last.click()
    expect(row(page, FAILED)).to_be_visible()
    expect(row(page, CREATED)).not_to_be_visible()


def test_two_deliveries_are_compared(page: Page) -> None:
    """A duplicate leads to the one that it repeats; others are chosen by number."""
    page.goto(f"{page.url}?seq={REPEATED}")
    page.get_by_role("link", name="compare", exact=True).click()
    expect(page.get_by_text("Nothing differs")).to_be_visible()
    page.goto(f"{page.url.partition('?')[0]}?view=compare&seq={FAILED}&with={CREATED}")
    expect(page.get_by_role("region", name="Differences")).to_contain_text("eventType")


def test_the_keyboard_does_everything(page: Page) -> None:
    """From the list to a delivery and back, to the search, and to the list of keys."""
    expect(row(page, PENDING)).to_be_visible()
    page.keyboard.press("j")
    expect(page.get_by_label(f"Delivery {PENDING}")).to_be_visible()
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.get_by_label(f"Delivery {MALFORMED}")).to_be_visible()
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


def test_copies_are_commands(page: Page) -> None:
    """What the clipboard has can be pasted into a terminal."""
    page.goto(f"{page.url}?seq={CREATED}")
    page.get_by_role("combobox", name="Copy as").select_option("okhook")
    page.get_by_role("button", name="Copy as").press("Enter")
    expect(page.get_by_text("copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()").startswith(f"okhook replay {CREATED}")


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("size", [SMALL, PHONE, LAPTOP, WIDE])
def test_axe_finds_nothing(
    browser: Browser, home: Path, colours: Literal["light", "dark"], size: tuple[int, int]
) -> None:
    """Every view, narrow and wide, light and dark; and no view is wider than its window."""
    with (
        inspector(home=home) as link,
        opened(browser, link, size, colours) as page,
    ):
        base = page.url
        for view in VIEWS:
            page.goto(base + view)
            expect_live(page) if size[0] > 1000 or not view else page.wait_for_selector(".detail")
            page.wait_for_function("() => !document.querySelector('[aria-busy=true]')")
            assert violations(page) == [], view
            assert page.evaluate("document.documentElement.scrollWidth") <= size[0], view
        page.goto(f"{base}?seq={CREATED}")
        page.get_by_role("button", name="Edit and replay").click()
        assert violations(page) == []
        page.get_by_role("button", name="Keyboard shortcuts").click()
        assert violations(page) == []


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
            expect(row(page, 2)).to_be_visible(timeout=15_000)
            within.close()


ATTACK = r"""
async ([base, seq, stranger]) => {
  const tries = {
    read: () => fetch(base + "api/records", {credentials: "include"}).then((a) => a.text()),
    stream: () => fetch(base + "api/stream", {
      credentials: "include", headers: {"X-Okhook-Inspector": "1"},
    }),
    blind: () => fetch(`${base}api/records/${seq}/replay`, {
      method: "POST", credentials: "include", mode: "no-cors", body: JSON.stringify({to: stranger}),
    }).then(() => { throw new Error("nothing can be read"); }),
    script: () => new Promise((good, bad) => {
      const script = document.createElement("script");
      script.src = base + "page/main.js";
      script.onload = good;
      script.onerror = bad;
      document.body.append(script);
    }),
    image: () => new Promise((good, bad) => {
      const image = new Image();
      image.src = base + "page/icon.svg";
      image.onload = good;
      image.onerror = bad;
    }),
    events: () => new Promise((good, bad) => {
      const events = new EventSource(base + "api/stream", {withCredentials: true});
      events.onopen = good;
      events.onerror = bad;
    }),
    worker: () => new Promise((good, bad) => {
      const worker = new Worker(base + "page/main.js", {type: "module"});
      worker.onmessage = good;
      worker.onerror = bad;
    }),
    serviceWorker: () => navigator.serviceWorker.register(base + "page/main.js"),
    socket: () => new Promise((good, bad) => {
      const socket = new WebSocket(base.replace("http", "ws") + "api/stream");
      socket.onopen = good;
      socket.onerror = bad;
    }),
    popup: async () => {
      const popup = open(base);
      await new Promise((resolve) => setTimeout(resolve, 500));
      try { popup.document.body.innerText; } finally { popup.close(); }
    },
    form: () => new Promise((good, bad) => {
      const form = document.createElement("form");
      const target = document.createElement("iframe");
      target.name = form.target = "posted";
      form.action = `${base}api/records/${seq}/replay`;
      form.method = "POST";
      form.enctype = "text/plain";
      const field = document.createElement("input");
      field.name = `{"to": "${stranger}", "x": "`;
      field.value = '"}';
      form.append(field);
      document.body.append(target, form);
      target.onload = () => {
        try { good(target.contentDocument.body.innerText); } catch (e) { bad(e); }
      };
      form.submit();
    }),
    sandboxed: () => new Promise((good, bad) => {
      const frame = document.createElement("iframe");
      frame.sandbox = "allow-scripts";
      frame.srcdoc = `<script>
        fetch("${base}api/records", {credentials: "include"})
          .then((a) => a.text()).then(() => parent.postMessage("read", "*"))
          .catch(() => parent.postMessage("refused", "*"));
      <\/script>`;
      addEventListener("message", ({data}) => data === "read" ? good() : bad(data));
      document.body.append(frame);
    }),
    frame: () => new Promise((good, bad) => {
      const frame = document.createElement("iframe");
      frame.src = base;
      frame.onload = () => {
        try { good(frame.contentDocument.body.innerText); } catch (e) { bad(e); }
      };
      document.body.append(frame);
    }),
  };
  const worked = [];
  for (const [name, attempt] of Object.entries(tries)) {
    try { await attempt(); worked.push(name); } catch { }
  }
  return worked;
}
"""


def test_a_page_on_another_port_reads_and_does_nothing(page: Page, home: Path) -> None:
    """The user's own app is another origin on the same host, and has the browser's cookies."""
    seen: list[str] = []
    posted: list[str] = []

    class Stranger(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(self.headers.get("cookie", ""))
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!doctype html><title>app</title><link rel=icon href=data:,>")

        def do_POST(self) -> None:
            posted.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Write nothing."""

    base = page.url
    with serving(Stranger) as stranger:
        other = page.context.new_page()
        other.goto(stranger)
        assert other.evaluate(ATTACK, [base, CREATED, stranger]) == []
        other.close()
    assert seen == [""]
    assert posted == []
    with open_reader(store_file(home / "state")) as reader:
        assert [each.purpose for each in reader.attempts(CREATED)] == ["forward", "forward"]
    expect(row(page, CREATED)).to_be_visible()


def test_a_server_that_was_given_the_cookie_reads_nothing(page: Page, home: Path) -> None:
    """To a browser, the ports of a host share cookies: it sends them to the same path elsewhere."""
    seen: list[str] = []

    class Stranger(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(self.headers.get("cookie", ""))
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!doctype html><title>app</title><link rel=icon href=data:,>")

        def log_message(self, *_: object) -> None:
            """Write nothing."""

    base = page.url
    with serving(Stranger) as stranger:
        other = page.context.new_page()
        other.goto(f"{stranger.rstrip('/')}{httpx.URL(base).path}")
        stored_there = other.evaluate("JSON.stringify(localStorage)")
        other.close()
    (cookie,) = seen
    assert cookie.startswith("okhook-inspector-")
    assert stored_there == "{}"
    forged = {"cookie": cookie, "sec-fetch-site": "same-origin", "x-okhook-inspector": "1"}
    for path in ("api/records", f"api/records/{CREATED}/body", "api/stream", "api/choices"):
        assert httpx.get(base + path, headers=forged).status_code == 403, path
    replay = f"{base}api/records/{CREATED}/replay"
    assert httpx.post(replay, headers=forged, json={"to": stranger}).status_code == 403
    assert "key" not in page.url


def test_a_service_worker_of_an_earlier_program_is_removed(browser: Browser, home: Path) -> None:
    """It would see every request of the page, with its key."""
    worker = b"addEventListener('fetch', (event) => event.respondWith(fetch(event.request)));"
    app = b"<script>navigator.serviceWorker.register('/worker.js')</script>"

    class Earlier(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            is_worker = self.path == "/worker.js"
            self.send_response(200)
            self.send_header("content-type", "text/javascript" if is_worker else "text/html")
            self.end_headers()
            self.wfile.write(worker if is_worker else app)

        def log_message(self, *_: object) -> None:
            """Write nothing."""

    registered = "async () => (await navigator.serviceWorker.getRegistrations()).length"
    with browser.new_context() as within:
        with serving(Earlier) as url:
            page = within.new_page()
            page.goto(url)
            page.evaluate("navigator.serviceWorker.ready.then(() => 1)")
            assert page.evaluate(registered) == 1
        port = httpx.URL(url).port or 0
        with inspector(home=home, port=port) as link:
            page.goto(link)
            expect_live(page)
            assert page.evaluate(registered) == 0
            assert page.evaluate("navigator.serviceWorker.controller") is None
            page.close()


def test_without_the_page_key_the_page_says_how_to_get_in(page: Page) -> None:
    """Such as after the browser's data were cleared in part."""
    page.evaluate("localStorage.removeItem('okhook-page-key')")
    page.reload()
    expect(page.get_by_role("alert")).to_contain_text("okhook inspect")
    expect(page.get_by_text("link expired")).to_be_visible()


def test_a_body_is_downloaded_byte_for_byte(page: Page, home: Path) -> None:
    """The page fetches it with its key, and the browser saves it."""
    page.goto(f"{page.url}?seq={CREATED}")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download").click()
    assert waiting.value.suggested_filename == f"delivery-{CREATED}.json"
    assert waiting.value.path().read_bytes() == kept_in(home)[CREATED - 1].request.body


def test_ctrl_c_is_not_held_up_by_an_open_page(browser: Browser, home: Path) -> None:
    """The streams end first."""
    with inspector(home=home) as link:
        within = browser.new_context()
        page = within.new_page()
        page.goto(link)
        expect_live(page)
    gone = []

    def refused() -> bool:
        try:
            httpx.get(link)
        except httpx.ConnectError:
            gone.append(True)
        return bool(gone)

    wait_until(refused)
    within.close()


def test_many_events_of_one_delivery_leave_the_next_in_sight(
    live: tuple[Page, Receiver],
) -> None:
    """The list, and the delivery's own page, show the first of them and say how many there are."""
    page, running = live
    deliver(running, "before")
    events = [event(f"uuid-many-{number}") for number in range(300)]
    httpx.post(running.url, content=delivery_body("many", *events))
    expect(page.locator(".footer")).to_contain_text("301 events")
    expect(page.get_by_text("291 more events")).to_be_visible()
    expect(row(page, 1)).to_be_visible()
    row(page, 2).click()
    detail = page.get_by_label("Delivery 2")
    expect(detail.locator(".event")).to_have_count(20)
    detail.get_by_role("button", name="Show more of 300 events").click()
    expect(detail.locator(".event")).to_have_count(120)


def test_a_large_body_freezes_nothing(live: tuple[Page, Receiver]) -> None:
    """Many debug data, and a body that no text field of a browser can edit."""
    page, running = live
    many = event("uuid-many")
    many["debugContext"] = {"debugData": {f"key{at}": "v" * 20 for at in range(50_000)}}
    httpx.post(running.url, content=delivery_body("large", many))
    row(page, 1).click()
    detail = page.get_by_label("Delivery 1")
    expect(detail.get_by_role("region", name="Body as a tree")).to_be_visible()
    detail.get_by_text("Debug data").click()
    expect(detail).to_contain_text("The body below has all 50000.")
    assert page.locator("*").count() < 3000
    page.keyboard.press("e")
    expect(detail).to_contain_text("okhook send-sample --file delivery-1.json --to URL")
    expect(detail.locator("textarea")).to_have_count(0)


LONGEST_TASK = """
() => {
  window.longest = 0;
  new PerformanceObserver((list) => {
    for (const task of list.getEntries()) window.longest = Math.max(window.longest, task.duration);
  }).observe({type: "longtask"});
}
"""


def test_millions_of_values_freeze_nothing(live: tuple[Page, Receiver]) -> None:
    """What makes a tree of them is done in slices; what is too large for one is shown as it is."""
    page, running = live
    bodies = [
        b"[" + b",".join([b"[]"] * 300_000) + b"]",
        b"[" + b",".join([b"1"] * 3_000_000) + b"]",
        b"[" * 4_000_000 + b"]" * 4_000_000,
    ]
    for body in bodies:
        assert httpx.post(running.url, content=body, timeout=30).status_code == 400
    expect(row(page, 3)).to_be_visible()
    page.evaluate(LONGEST_TASK)
    row(page, 1).click()
    detail = page.get_by_label("Delivery 1")
    expect(detail.get_by_role("region", name="Body as a tree")).to_contain_text("300000 items")
    detail.get_by_label("Find in the body").fill("nothing has this")
    expect(detail).to_contain_text("not found", timeout=15_000)
    for seq in (2, 3):
        row(page, seq).click()
        detail = page.get_by_label(f"Delivery {seq}")
        expect(detail).to_contain_text("has too many values for a tree", timeout=30_000)
        expect(detail.locator("pre.raw")).to_be_visible()
    # The parser took 14 s for the last one. A machine that is busy may need some of this.
    assert page.evaluate("window.longest") < 2000


def test_names_that_objects_have_are_names(live: tuple[Page, Receiver]) -> None:
    """Such as ``__proto__``: they pollute nothing, and are shown."""
    page, running = live
    odd = event("uuid-odd", "__proto__")
    odd["outcome"] = {"result": "constructor"}
    odd["debugContext"] = {"debugData": {"__proto__": "one", "constructor": "two"}}
    whole = json.loads(delivery_body("odd", odd)) | {"__proto__": {"polluted": 1}}
    httpx.post(running.url, content=json.dumps(whole))
    row(page, 1).click()
    detail = page.get_by_label("Delivery 1")
    detail.get_by_text("Debug data").click()
    expect(detail.locator("details dl").first).to_contain_text("__proto__one")
    expect(detail.get_by_role("region", name="Body as a tree")).to_contain_text("polluted")
    assert page.evaluate("({}).polluted ?? null") is None
    page.keyboard.press("o")
    expect(page.get_by_label("Overview", exact=True)).to_contain_text("__proto__")


def test_a_value_of_the_wrong_kind_is_shown_as_it_is(live: tuple[Page, Receiver]) -> None:
    """A malformed delivery may have anything anywhere."""
    page, running = live
    odd = event("uuid-odd") | {"displayMessage": {"a": 1}, "outcome": {"result": ["x"]}}
    odd |= {"published": {"b": 2}, "actor": "joe", "target": [None, 5]}
    httpx.post(running.url, content=delivery_body("odd", odd))
    row(page, 1).click()
    detail = page.get_by_label("Delivery 1")
    expect(detail).to_contain_text('{"a":1}: nobody, unknown, by unknown')
    expect(detail).to_contain_text('["x"]')
    expect(detail).not_to_contain_text("[object Object]")


def test_a_phone_has_room_for_the_list(browser: Browser, home: Path) -> None:
    """The filters but the search wait behind a button, and none stands above a delivery."""
    with inspector(home=home) as link, opened(browser, link, SMALL) as page:
        expect(page.get_by_label("Search all payloads")).to_be_visible()
        expect(page.get_by_label("Status")).not_to_be_visible()
        page.get_by_role("button", name="Filters").click()
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
        page.locator(".scroller").evaluate("list => list.scrollTo(0, 900)")
        row(page, 24).focus()
        before = page.locator(".scroller").evaluate("list => list.scrollTop")
        page.keyboard.press("Enter")
        expect(page.get_by_label("Delivery 24").get_by_role("heading", level=2)).to_be_focused()
        expect(row(page, 24)).not_to_be_visible()
        page.get_by_label("Actions").get_by_role("button", name="Close").click()
        expect(row(page, 24)).to_be_focused()
        assert page.locator(".scroller").evaluate("list => list.scrollTop") == before


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
