"""The page in a browser, over a store with something of everything in it, or beside a receiver.

Playwright is imported late: it is an extra, and whoever does not have it collects these tests, too.
"""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import pytest

from tests.cli.history import fill_store
from tests.inspector.browser import chromium
from tests.support.inspector import inspector
from tests.support.okhook_process import PATIENCE_S
from tests.support.receiver import Receiver, receiver

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


@pytest.fixture(scope="package")
def browser() -> "Iterator[Browser]":
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=PATIENCE_S * 1000)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return a home whose store is the one of ``tests.cli.history``."""
    from tests.inspector.browsing import apart

    apart(lambda: fill_store(tmp_path))
    return tmp_path


@pytest.fixture
def page(browser: "Browser", home: Path) -> "Iterator[Page]":
    """Yield the page over a store with something of everything in it."""
    from tests.inspector.browsing import opened

    with inspector(home=home) as link, opened(browser, link) as page:
        yield page


@pytest.fixture
def live(browser: "Browser", tmp_path: Path) -> "Iterator[tuple[Page, Receiver]]":
    """Yield the page beside a receiver that has nothing yet."""
    from tests.inspector.browsing import opened

    with (
        receiver(home=tmp_path) as running,
        inspector(home=tmp_path) as link,
        opened(browser, link) as page,
    ):
        yield page, running


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


@pytest.fixture
def app() -> Iterator[tuple[str, list[bytes]]]:
    class OneApp(App):
        bodies: ClassVar[list[bytes]] = []

    from tests.inspector.browsing import serving

    with serving(OneApp) as url:
        yield url, OneApp.bodies
