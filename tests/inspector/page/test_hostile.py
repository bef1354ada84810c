"""Payloads that would break a page: they are text, and freeze nothing."""

import json
from pathlib import Path

import httpx
import pytest

from tests.support.inspector import inspector
from tests.support.receiver import Receiver, receiver
from tests.support.records import delivery_body, event

pytest.importorskip("playwright", reason="needs the extra okhook[browser]")
from playwright.sync_api import Browser, Page, expect

from tests.inspector.browsing import (
    opened,
    row,
)
from tests.support.okhook_process import PATIENCE_S

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


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


COUNT_SLICES = """
() => {
  let now = 0;
  performance.now = () => (now += 1000);
  window.slices = 0;
  const later = window.setTimeout;
  window.setTimeout = (call, ms, ...rest) => {
    slices += ms === undefined;
    return later(call, ms, ...rest);
  };
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
        assert httpx.post(running.url, content=body, timeout=PATIENCE_S).status_code == 400
    expect(row(page, 3)).to_be_visible()
    page.evaluate(COUNT_SLICES)  # by a clock in which each step takes longer than a slice may
    row(page, 1).click()
    detail = page.get_by_label("Delivery 1")
    expect(detail.get_by_role("region", name="Body as a tree")).to_contain_text("300,000 items")
    reading = page.evaluate("slices")
    assert reading > 100
    detail.get_by_label("Find in the body").fill("nothing has this")
    page.wait_for_function("reading => slices > reading + 100", arg=reading)
    expect(detail).to_contain_text("not found")
    for seq in (2, 3):
        row(page, seq).click()
        detail = page.get_by_label(f"Delivery {seq}")
        expect(detail).to_contain_text("has too many values for a tree")
        expect(detail.locator("pre.raw")).to_be_visible()


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
