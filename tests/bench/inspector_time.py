"""How quick the inspector is, and what it costs the receiver.

Run by hand: ``.venv/bin/python -m tests.bench.inspector_time [--store DIR]``. It needs Chromium and
the extra ``browser``. Targets: from Okta's 204 to the row on the page a median under 100 ms;
deliveries a second with one stream at least 0.95 of those without; the tab's memory within 10 MB
over 100,000 live deliveries; with ``--store``, a store of a million deliveries (made by
``tests.bench.store_size``) listed in 500 ms.
"""

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from playwright.sync_api import Page, sync_playwright

from tests.bench.contestants import Contestant, RunningContestant, okhook, running
from tests.bench.measuring import measure
from tests.bench.receiver_load import DISK
from tests.inspector.browser import chromium
from tests.load.deliveries import fresh_deliveries

LATENCY_MS, LEAST_RATE, MOST_GROWTH_MB, LIST_MS = 100.0, 0.95, 10.0, 500.0
_ROUNDS, _SECONDS = 5, 4.0
_LIVE = 100_000

_NOTE_ROWS = """
() => {
  window.seen = {};
  new MutationObserver(() => {
    for (const row of document.querySelectorAll("a[data-seq]")) {
      window.seen[row.dataset.seq] ??= performance.timeOrigin + performance.now();
    }
  }).observe(document.body, {childList: true, subtree: true});
}
"""


def main() -> None:
    """Measure and print each figure with its target."""
    options = _options()
    with tempfile.TemporaryDirectory(dir=DISK) as directory, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium(), args=["--no-sandbox", "--enable-precise-memory-info"]
        )
        home = Path(directory)
        with running(_receiver(home / "live")) as receiver:
            page = browser.new_page()
            page.goto(_link(home / "live"))
            page.get_by_text("live", exact=True).wait_for()
            _print_latency(page, receiver)
            _print_memory(page, receiver)
            page.close()
            _print_rates(receiver, home / "live")
        if options.store is not None:
            _print_list(browser.new_page(), options.store)
        browser.close()


def _print_latency(page: Page, receiver: RunningContestant) -> None:
    page.evaluate(_NOTE_ROWS)
    answered: list[float] = []
    for _, delivery in zip(range(100), fresh_deliveries(), strict=False):
        httpx.post(receiver.url, content=delivery.body).raise_for_status()
        answered.append(time.time() * 1000)
        time.sleep(0.07)
    page.wait_for_function("() => window.seen['100']")
    seen = page.evaluate("window.seen")
    waits = [seen[str(seq)] - at for seq, at in enumerate(answered, start=1)]
    median = statistics.median(waits)
    print(f"204 to row: median {median:.0f} ms, worst {max(waits):.0f} ms (target: {LATENCY_MS:g})")


def _print_memory(page: Page, receiver: RunningContestant) -> None:
    def heap_mb() -> float:
        session = page.context.new_cdp_session(page)
        session.send("HeapProfiler.collectGarbage")
        return float(page.evaluate("performance.memory.usedJSHeapSize")) / 1e6

    sizes = []
    sent = 0
    for until in (5_000, _LIVE):
        while sent < until:
            sent += measure(receiver.url, connections=8, seconds=2.0).answers
        page.wait_for_timeout(3000)
        sizes.append(heap_mb())
    print(
        f"tab: {sizes[0]:.1f} MB after 5,000, {sizes[1]:.1f} MB after {sent:,} live deliveries"
        f" (growth at most {MOST_GROWTH_MB:g})"
    )


def _print_rates(receiver: RunningContestant, state: Path) -> None:
    """Take turns, so that a machine that slows down slows both."""
    rates: dict[bool, list[float]] = {False: [], True: []}
    for _ in range(_ROUNDS):
        for streamed in (False, True):
            with _stream_read(state) if streamed else _nothing():
                figures = measure(receiver.url, connections=32, seconds=_SECONDS)
            rates[streamed].append(figures.answers / figures.duration_s)
    without, with_ = (statistics.median(rates[streamed]) for streamed in (False, True))
    print(
        f"receiver: {without:,.0f}/s without a stream, {with_:,.0f}/s with one:"
        f" {with_ / without:.2f} (at least {LEAST_RATE:g})"
    )


def _print_list(page: Page, store: Path) -> None:
    with running(_receiver(store)):
        page.goto(_link(store))
        page.locator("a[data-seq]").first.wait_for()
        times = []
        for _ in range(10):
            page.reload()
            page.locator("a[data-seq]").first.wait_for()
            times.append(page.evaluate("performance.now()"))
        median = statistics.median(times)
        print(f"list of {store}: median {median:.0f} ms from the reload (target: {LIST_MS:g})")


@contextmanager
def _nothing() -> Iterator[None]:
    yield


@contextmanager
def _stream_read(state: Path) -> Iterator[None]:
    """Read the stream with a plain client, in a thread."""
    link = httpx.URL(_link(state))
    opened = httpx.get(link, headers={"sec-fetch-site": "none"})
    headers = {
        "cookie": opened.headers["set-cookie"].partition(";")[0],
        "sec-fetch-site": "same-origin",
        "x-okhook-inspector": opened.headers["location"].partition("#key=")[2],
    }
    url = link.copy_with(path=f"{link.path}api/stream", query=None)
    ended = threading.Event()

    def read() -> None:
        with httpx.stream("GET", url, headers=headers, timeout=30) as answer:
            for _ in answer.iter_raw():
                if ended.is_set():
                    return

    thread = threading.Thread(target=read)
    thread.start()
    yield
    ended.set()
    thread.join(timeout=30)


def _receiver(state: Path) -> Contestant:
    plain = okhook(state)
    return Contestant(plain.name, [*plain.command, "--inspector-port", "0"], plain.env)


def _link(state: Path) -> str:
    """Return a link to the inspector that runs with this state directory."""
    program = Path(sys.executable).with_name("okhook")
    for _ in range(100):
        if list((state / "run").glob("inspector-*.json")):
            break
        time.sleep(0.1)
    done = subprocess.run(
        [str(program), "inspect"],
        env={**os.environ, "OKHOOK_HOME": str(state)},
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    found = re.search(r"http://\S+token=\S+", done.stdout)
    if found is None:
        raise RuntimeError(done.stdout + done.stderr)
    return found.group()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--store", type=Path, help="a state directory with a large store")
    return parser.parse_args()


if __name__ == "__main__":
    main()
