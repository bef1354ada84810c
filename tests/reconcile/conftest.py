"""What the tests of a look, and those of many, begin with."""

from pathlib import Path

import pytest

from tests.reconcile.scene import Scene


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    """Give an org without a past, and a state directory that is empty."""
    return Scene(tmp_path)
