"""A page of the inspector in a real browser, which fails the test for what it complains about."""

import re
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

import anyio
import httpx
from playwright.sync_api import APIResponse, Browser, BrowserContext, Locator, Page, Route, expect

from okhook.config.paths import store_file
from okhook.store.open import open_store
from tests.support.okhook_process import PATIENCE_S
from tests.support.receiver import Receiver
from tests.support.records import delivery_body, event, stored

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
SMALL, PHONE, LAPTOP, WIDE = (360, 740), (390, 844), (1280, 800), (1920, 1080)


@contextmanager
def watched_page(context: BrowserContext, *, asks: bool = False) -> Iterator[Page]:
    """Yield a page; an error of a script, or of the content policy, fails the test at the end.

    So does a question, unless it ``asks`` some: then the test answers them.
    """
    page = context.new_page()
    page.set_default_timeout(PATIENCE_S * 1000)
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


SCROLL = """
(list, top) => new Promise((done) => {
  const to = Math.min(top, list.scrollHeight - list.clientHeight);
  if (list.scrollTop === to) return done();
  list.addEventListener("scroll", () => done(), {once: true});
  list.scrollTo(0, to);
})
"""
BOTTOM = 10**9


def scroll(page: Page, top: int) -> None:
    """Scroll the list, and wait until the page knows: a delivery may come before the next frame."""
    page.locator(".scroller").evaluate(SCROLL, top)


def expect_live(page: Page) -> None:
    """Wait until the page follows the stream."""
    expect(page.locator(".stream")).to_have_text("live")


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
    with empty_page(browser, size, colours, asks=asks) as page:
        page.goto(link)
        expect_live(page)
        yield page


@contextmanager
def empty_page(
    browser: Browser,
    size: tuple[int, int] = LAPTOP,
    colours: Literal["light", "dark"] = "light",
    *,
    asks: bool = False,
) -> Iterator[Page]:
    """Yield a page of a browser of its own, which shows nothing yet."""
    width, height = size
    within = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=colours, timezone_id="UTC"
    )
    within.grant_permissions(["clipboard-read", "clipboard-write"])
    with within, watched_page(within, asks=asks) as page:
        yield page


class KeptBack:
    """Keeps requests of the page from the server, or the answers from the page, for a while."""

    def __init__(self, page: Page, path: str, *, answered: bool) -> None:
        self._page = page
        self._path = path
        self._answered = answered
        self._kept: list[tuple[Route, APIResponse | None]] = []
        self._keeps = True
        page.route(re.compile(path), self._keep)

    def _keep(self, route: Route) -> None:
        if self._keeps:
            self._kept.append((route, route.fetch() if self._answered else None))
        else:
            route.continue_()

    def wait(self) -> None:
        """Wait until there is a request, and its answer if that is kept."""
        give_up_at = time.monotonic() + PATIENCE_S
        while not self._kept:
            assert time.monotonic() < give_up_at, f"no request for {self._path}"
            self._page.wait_for_timeout(10)

    def let_go(self) -> None:
        """Pass on what is kept, and keep back no others."""
        self._keeps = False
        for route, answer in self._kept:
            if answer is None:
                route.continue_()
            else:
                route.fulfill(response=answer)


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


@contextmanager
def serving(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()
