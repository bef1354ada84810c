"""Draw the manual's pictures of the inspector, from a real run: ``python -m tests.page_picture``.

It runs ``okhook up --sandbox`` with an app that does not accept groups, causes events, and writes
``inspector-list.png`` and ``inspector-delivery.png`` into the manual. It needs Chromium.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.inspector.browser import chromium
from tests.inspector.browsing import expect_live
from tests.picture import app_on
from tests.support.okhook_process import running_okhook

MANUAL = Path(__file__).parent.parent / "okhook" / "manual"
SCENARIO = "joiner-mover-leaver"
PORT = 3000


class App(BaseHTTPRequestHandler):
    """Accepts deliveries about users, and has a fault in its code for groups."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        types = [event["eventType"] for event in json.loads(body)["data"]["events"]]
        is_group = any(each.startswith("group.") for each in types)
        self.send_response(500 if is_group else 200)
        self.end_headers()
        self.wfile.write(b"KeyError: 'department'" if is_group else b"ok")

    def log_message(self, *_: object) -> None:
        pass


def main() -> None:
    """Run okhook, cause events, and write both pictures."""
    with (
        app_on(PORT, App),
        tempfile.TemporaryDirectory(prefix="okhook-") as home,
        sync_playwright() as playwright,
        running(Path(home)) as link,
    ):
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1200, "height": 620})
        page.goto(link)
        expect_live(page)
        page.locator(".mark.bad").first.wait_for()
        picture(page, "inspector-list")
        page.locator("li", has=page.locator(".mark.bad")).locator("a").first.click()
        page.set_viewport_size({"width": 1200, "height": 740})
        page.get_by_label("Attempts").wait_for()
        picture(page, "inspector-delivery")
        browser.close()


@contextmanager
def running(home: Path) -> Iterator[str]:
    """Run ``okhook up`` with some history, and yield a link to its inspector."""
    up = running_okhook(
        *("up", "--sandbox", "--forward-to", f"http://localhost:{PORT}/hook", "--retries", "1"),
        home=home,
        env={"OKHOOK_NO_INSPECTOR": "", "OKHOOK_PORT": "0", "OKHOOK_INSPECTOR_PORT": "0"},
    )
    with up as process:
        shown = process.wait_for_line(lambda line: "token=" in line)
        subprocess.run(
            [sys.executable, "-m", "okhook", "trigger", "--scenario", SCENARIO, "--yes"],
            env={**os.environ, "OKHOOK_HOME": str(home / "state")},
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        yield next(word for word in shown.split() if "token=" in word)


def picture(page: Page, name: str) -> None:
    """Write what the page shows."""
    page.wait_for_timeout(500)
    page.screenshot(path=MANUAL / f"{name}.png")


if __name__ == "__main__":
    main()
