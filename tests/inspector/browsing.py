"""A page of the inspector in a real browser, which fails the test for what it complains about."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib.resources import files
from typing import Any

from playwright.sync_api import BrowserContext, Locator, Page, expect

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
SMALL, PHONE, LAPTOP, WIDE = (360, 740), (390, 844), (1280, 800), (1920, 1080)


@contextmanager
def watched_page(context: BrowserContext, *, asks: bool = False) -> Iterator[Page]:
    """Yield a page; an error of a script, or of the content policy, fails the test at the end.

    So does a question, unless it ``asks`` some: then the test answers them.
    """
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    if not asks:
        page.on("dialog", lambda dialog: complaints.append(dialog.message))
    yield page
    page.close()
    # The tests cut connections and provoke refusals on purpose; the browser logs these itself.
    assert [each for each in complaints if not each.startswith("Failed to load resource")] == []


def violations(page: Page) -> list[str]:
    """Return what axe finds on the page as it is: the rule, and where."""
    page.evaluate(AXE)
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    found: Any = page.evaluate("tags => axe.run({runOnly: tags})", tags)
    return [
        f"{each['id']}: {node['html'][:200]}"
        for each in found["violations"]
        for node in each["nodes"]
    ]


def apart(function: Callable[[], object]) -> None:
    """Run a function in a thread: Playwright's event loop holds this one."""
    with ThreadPoolExecutor(1) as threads:
        threads.submit(function).result()


def row(page: Page, seq: int) -> Locator:
    """Return the first row of a delivery in the list."""
    return page.locator(f"a[data-seq='{seq}']").first


def expect_live(page: Page) -> None:
    """Wait until the page follows the stream."""
    expect(page.locator(".stream")).to_have_text("live")
