"""A sandbox org for each file of tests."""

from collections.abc import Iterator

import pytest

from tests.cli.hooks.rig import Sandbox
from tests.okta.fake_org import FakeOrg, running_in_thread
from tests.support.sandbox_org import sandbox_org


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    home = tmp_path_factory.mktemp("home")
    with sandbox_org(home=home) as org:
        yield Sandbox(org, home)


@pytest.fixture
def org(sandbox: Sandbox) -> Sandbox:
    """Return an org that has no hooks."""
    for hook in sandbox.org.hooks():
        sandbox.org.delete_hook(hook["id"])
    return sandbox


@pytest.fixture
def fake() -> Iterator[FakeOrg]:
    """Return an org on loopback, whose faults a test can order."""
    fake = FakeOrg()
    with running_in_thread(fake):
        yield fake
