"""What the page does: replay, edit and replay, send a sample."""

import json
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from tests.cli.history import CREATED, FAILED, PENDING
from tests.support.inspector import inspector
from tests.support.kept import kept_in
from tests.support.receiver import Receiver
from tests.support.waiting import wait_until

pytest.importorskip("playwright", reason="needs the extra okhook[browser]")
from playwright.sync_api import Browser, Dialog, Page, expect

from tests.inspector.browsing import (
    opened,
    row,
)

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


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
    """The JSON is checked while one types, and an outcome is chosen from a list."""
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
    text.fill(before)
    page.get_by_label("Outcome of the events").select_option("FAILURE")
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
