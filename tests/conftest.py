"""Fixtures of every room."""

import os
import time
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True, scope="session")
def no_keyring_of_this_machine() -> Iterator[None]:
    """Keep the tests away from the keyring of whoever runs them."""
    name = "PYTHON_KEYRING_BACKEND"
    before = os.environ.get(name)
    os.environ[name] = "keyring.backends.fail.Keyring"
    yield
    if before is None:
        del os.environ[name]
    else:
        os.environ[name] = before


@pytest.fixture
def five_hours_east(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Have this machine's local time be five hours ahead of UTC for one test."""
    monkeypatch.setenv("TZ", "EAST-5")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def anyio_backend() -> str:
    """Run async tests on asyncio, the loop that uvicorn runs on."""
    return "asyncio"
