"""What tests of commands share: a clock that shows UTC, and a store that they only read."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import okhook.okta.client
import okhook.okta.retry
from tests.cli.history import fill_store
from tests.okta.setup import QUICK


@pytest.fixture(scope="session")
def looked_back_at(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a home whose store is the one of ``tests.cli.history``."""
    home = tmp_path_factory.mktemp("history")
    fill_store(home)
    return home


@pytest.fixture
def utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Have this machine's local time be UTC for one test."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have commands of this process lose no time between the tries of a call."""
    monkeypatch.setattr(okhook.okta.client, "RetryPolicy", lambda: QUICK)
    monkeypatch.setattr(okhook.okta.retry, "LOOK_AFTER_S", 0.01)
