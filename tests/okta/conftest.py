"""Fixtures of the tests of the org's client."""

import os
from collections.abc import Iterator

import pytest

import okhook.okta.registered_here


@pytest.fixture(autouse=True, scope="module")
def cheap_memory() -> Iterator[None]:
    """Have what is remembered of a hook cost nothing: hundreds of hooks are remembered here.

    Fingerprints are slow on purpose, and so is a file that must survive a crash of the machine.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(okhook.okta.registered_here, "_COST", 2)
        patch.setattr(os, "fsync", lambda _: None)
        yield
