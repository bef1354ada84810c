"""Fixtures of the tests of the org's client."""

from collections.abc import Iterator

import pytest

import okhook.okta.fingerprint


@pytest.fixture(autouse=True, scope="session")
def cheap_fingerprints() -> Iterator[None]:
    """Have fingerprints cost nothing: hundreds of them are made, and their cost is no behaviour."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(okhook.okta.fingerprint, "_COST", 2)
        yield
