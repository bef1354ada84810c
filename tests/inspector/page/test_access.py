"""What others in the same browser, and on the same machine, cannot do."""

from http.server import BaseHTTPRequestHandler
from pathlib import Path

import httpx
import pytest

from okhook.config.paths import store_file
from okhook.store.open import open_reader
from tests.cli.history import CREATED
from tests.support.inspector import inspector
from tests.support.waiting import wait_until

pytest.importorskip("playwright", reason="needs the extra okhook[browser]")
from playwright.sync_api import Browser, Page, expect

from tests.inspector.browsing import (
    expect_live,
    row,
    serving,
)

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


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
    expect(page.get_by_text("session expired")).to_be_visible()


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
