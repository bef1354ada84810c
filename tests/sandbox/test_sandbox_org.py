"""The org that tests of commands run in a thread: commands find it, and it can be emptied."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from okhook.sandbox.activities import HookDelivery
from tests.sandbox.rig import echo_then
from tests.sandbox.seeding import Seed
from tests.support.answering import answering_server
from tests.support.in_process import run_okhook
from tests.support.sandbox_org import SandboxOrg, sandbox_org


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def shared(home: Path) -> Iterator[SandboxOrg]:
    with sandbox_org(home=home) as org:
        yield org


@pytest.fixture
def org(shared: SandboxOrg) -> Iterator[SandboxOrg]:
    yield shared
    shared.clean()


def test_a_command_in_the_same_process_finds_the_org(org: SandboxOrg, home: Path) -> None:
    org.create_hook("http://127.0.0.1:1/", name="Found by its run file")
    done = run_okhook("hooks", "list", "--org", "sandbox", home=home)
    assert done.returncode == 0, done.stderr
    assert "Found by its run file" in done.stdout


def test_hooks_are_verified_and_called(org: SandboxOrg) -> None:
    with answering_server(echo_then(204)) as receiver:
        org.verified_hook(receiver.url)
        org.create_user()
        (delivery,) = org.activities.wait_for(HookDelivery, wanted=lambda each: each.status == 204)
    assert delivery.event_types == ("user.lifecycle.create",)


def test_cleaning_leaves_the_owner_of_the_token_and_the_log(org: SandboxOrg) -> None:
    org.create_hook("http://127.0.0.1:1/")
    org.create_user("jane@example.com")
    gone = org.create_user("john@example.com")
    org.call("DELETE", f"/api/v1/users/{gone['id']}")
    org.call("POST", "/api/v1/groups", {"profile": {"name": "Sales"}})
    org.clean()
    assert org.hooks() == []
    (everyone,) = org.call("GET", "/api/v1/groups")
    assert everyone["type"] == "BUILT_IN"
    (left,) = org.call("GET", "/api/v1/users?search=id+pr")
    assert left["profile"]["login"] == "admin@sandbox.example"
    assert "group.lifecycle.delete" in {entry["eventType"] for entry in org.log()}


def test_the_past_can_be_given() -> None:
    an_hour_ago = datetime.now(UTC) - timedelta(hours=1)
    with sandbox_org() as org:
        uuids = org.seed([Seed("user.lifecycle.create", an_hour_ago)])
        assert [entry["uuid"] for entry in org.log()] == uuids
