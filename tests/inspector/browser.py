"""Where Debian's Chromium is. A person without it skips the tests that need it; CI fails."""

import os
import shutil

import pytest


def chromium() -> str:
    """Return the path of Chromium; without one, skip the test, or fail it with ``CI=true``."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None and os.environ.get("CI") == "true":
        pytest.fail("chromium is missing", pytrace=False)
    if found is None:
        pytest.skip("needs chromium")
    return found
