"""Every view, narrow and wide, light and dark."""

from pathlib import Path
from typing import Literal

import pytest

from tests.cli.history import CREATED, FAILED
from tests.support.inspector import inspector

pytest.importorskip("playwright", reason="needs the extra okhook[browser]")
from playwright.sync_api import Browser

from tests.inspector.browsing import (
    LAPTOP,
    PHONE,
    SMALL,
    WIDE,
    expect_live,
    opened,
    violations,
)

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


VIEWS = (
    "",
    f"?seq={CREATED}",
    f"?view=compare&seq={FAILED}&with={CREATED}",
    "?view=sample",
    "?view=overview",
)


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
