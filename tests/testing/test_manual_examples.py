"""The receivers of the manual pass the tests that the manual shows for them."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.testing.examples import FRAMEWORKS, examples, write


def test_the_page_has_all_examples() -> None:
    """A receiver in each framework, and a test of it."""
    found = {name: set(files) for name, files in examples().items()}
    assert found == {
        **{name: {"receiver.py", "test_receiver.py"} for name in FRAMEWORKS},
        "express": {"receiver.js"},
    }


@pytest.mark.frameworks
@pytest.mark.parametrize("name", FRAMEWORKS)
def test_an_example_passes(name: str, tmp_path: Path) -> None:
    """In a process of its own, as a user runs it, with warnings as errors."""
    if importlib.util.find_spec(name) is None:
        if os.environ.get("CI") == "true":
            pytest.fail(f"{name} is not installed")
        pytest.skip(f"{name} is not installed: pip install -e '.[frameworks]'")
    write(name, tmp_path / "suite")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider"],
        cwd=tmp_path / "suite",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "2 passed" in done.stdout
