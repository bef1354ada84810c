"""The pytest plugin: its fixtures, and what it costs a suite that does not use them."""

import subprocess
import sys
from importlib.metadata import entry_points

import pytest

import okhook.pytest_plugin
import okhook.testing
from okhook.testing import MakeDelivery, MakeEvent, SandboxOrg


def test_pytest_finds_the_plugin() -> None:
    """By its entry point, under a name of its own."""
    (found,) = (each for each in entry_points(group="pytest11") if each.name == "okhook")
    assert found.value == okhook.pytest_plugin.__name__


def test_the_plugin_imports_pytest_alone() -> None:
    """A suite that does not use it does not wait for it."""
    program = "import pytest, sys; before = set(sys.modules); import okhook.pytest_plugin\n"
    done = subprocess.run(
        [sys.executable, "-c", f"{program}print(*sorted(set(sys.modules) - before))"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["okhook", "okhook.pytest_plugin"]


def test_payloads_need_no_sandbox_and_no_client() -> None:
    """A test imports what it uses."""
    program = "import sys; from okhook.testing import delivery; delivery(); print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.split())
    assert "okhook.testing.payloads" in loaded
    assert not loaded & {"okhook.sandbox", "okhook.testing.org", "httpx", "uvicorn", "starlette"}


def test_every_public_name_is_there() -> None:
    """And no other."""
    assert sorted(okhook.testing.__all__) == okhook.testing.__all__
    assert all(getattr(okhook.testing, name) for name in okhook.testing.__all__)
    with pytest.raises(AttributeError, match=r"okhook.testing has no 'Sandbox'"):
        _ = okhook.testing.Sandbox  # type: ignore[attr-defined]


def test_the_fixtures_work(
    okta_org: SandboxOrg, okta_event: MakeEvent, okta_delivery: MakeDelivery
) -> None:
    """With the types that a suite writes."""
    user = okta_org.create_user()
    made = okta_delivery(okta_event("user.lifecycle.suspend", user=user))
    assert made["data"]["events"][0]["target"][0]["id"] == user["id"]
