"""The overview: what runs, what is wrong, and what mends it."""

import socket
from pathlib import Path

import pytest

from okhook.config.paths import run_directory
from okhook.runtime.run_files import DownApp, ReceiverRun, RunDirectory, UpRun
from tests.cli.history import CREATED, FAILED
from tests.support.found import APP
from tests.support.okhook_process import environment
from tests.support.receiver import Receiver
from tests.support.records import NOON

pytest.importorskip("playwright", reason="needs the extra okhook[browser]")
from playwright.sync_api import Page, expect

from tests.inspector.browsing import row, violations

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


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
    expect(overview.locator(".checks")).to_contain_text("a canary arrived")


def test_a_failed_check_is_shown_with_the_others(
    page: Page, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error that okhook doctor ends with stands in nobody's way."""
    for name, value in environment(home).items():
        monkeypatch.setenv(name, value)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setenv("OKHOOK_PORT", str(taken.getsockname()[1]))
        page.keyboard.press("o")
        page.get_by_role("button", name="Check everything").click()
        checks = page.get_by_label("Overview", exact=True).locator(".checks")
        expect(checks).to_contain_text("is in use", timeout=60_000)
    expect(checks).to_contain_text("Python")


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
        assert violations(page) == []
        apps = overview.get_by_role("region", name="Apps")
        expect(apps).to_contain_text("Connection refused")
        expect(apps.get_by_role("row").nth(1).get_by_role("link")).to_have_text(["1", "1"])
        page.get_by_role("button", name="Ask again").click()
        expect(overview.get_by_role("alert")).to_contain_text("found no API token")
        apps.get_by_role("link").last.click()
    expect(row(page, FAILED)).to_be_visible()
    expect(row(page, CREATED)).not_to_be_visible()
