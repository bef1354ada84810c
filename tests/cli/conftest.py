"""What tests of commands share: a clock that shows UTC, and a store that they only read."""

from collections.abc import Iterator
from pathlib import Path

import pytest

import okhook.okta.client
import okhook.okta.retry
from tests.cli.history import fill_store
from tests.okta.setup import QUICK
from tests.support.local_time import local_time


@pytest.fixture(scope="session")
def looked_back_at(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a home whose store is the one of ``tests.cli.history``."""
    home = tmp_path_factory.mktemp("history")
    fill_store(home)
    return home


@pytest.fixture
def utc() -> Iterator[None]:
    """Have this machine's local time be UTC for one test."""
    with local_time("UTC"):
        yield


@pytest.fixture
def quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have commands of this process lose no time between the tries of a call."""
    monkeypatch.setattr(okhook.okta.client, "RetryPolicy", lambda: QUICK)
    monkeypatch.setattr(okhook.okta.retry, "LOOK_AFTER_S", 0.01)
