"""One store to look back at, for all tests that only read it."""

from pathlib import Path

import pytest

from tests.cli.history import fill_store


@pytest.fixture(scope="session")
def looked_back_at(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a home whose store is the one of ``tests.cli.history``."""
    home = tmp_path_factory.mktemp("history")
    fill_store(home)
    return home
