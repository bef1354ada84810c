"""Fixtures of every room."""

import pytest


@pytest.fixture
def anyio_backend() -> str:
    """Run async tests on asyncio, the loop that uvicorn runs on."""
    return "asyncio"
