"""``SandboxOrg``: an org in the process of a test."""

import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

import httpx
import psutil
import pytest

from okhook.testing import OrgRefused, Receiver, SandboxOrg
from tests.sandbox.rig import echo_then
from tests.support.answering import SILENCE, Asked, answer, answering_server
from tests.support.okhook_process import PATIENCE_S
from tests.support.waiting import wait_until


@pytest.fixture
def org() -> Iterator[SandboxOrg]:
    with SandboxOrg() as running:
        yield running


def get(org: SandboxOrg, path: str) -> httpx.Response:
    """Call the org as the program under test does."""
    headers = {"Authorization": f"SSWS {org.token}"}
    return httpx.get(f"{org.url}{path}", headers=headers, trust_env=False)


def types(org: SandboxOrg) -> list[str]:
    return [entry["eventType"] for entry in org.log]


def test_the_program_under_test_sees_what_the_test_makes(org: SandboxOrg) -> None:
    """A user that the test creates is in the API, and in the log."""
    made = org.create_user("ann@example.com", first_name="Ann", mobilePhone="555-0100")
    seen = get(org, "/api/v1/users/ann@example.com").json()
    assert seen["id"] == made["id"]
    assert org.call("GET", "/api/v1/users/ann%40example.com")["id"] == made["id"]
    assert seen["profile"]["mobilePhone"] == "555-0100"
    assert seen["status"] == "PROVISIONED"
    assert types(org) == ["user.lifecycle.create", "user.lifecycle.activate"]


def test_users_without_a_login_differ(org: SandboxOrg) -> None:
    """Several can be created in one line each."""
    logins = [org.create_user(activate=False)["profile"]["login"] for _ in range(3)]
    assert len(set(logins)) == 3
    assert types(org) == ["user.lifecycle.create"] * 3


def test_a_password_makes_an_active_user_who_can_sign_in(org: SandboxOrg) -> None:
    """As with Okta's API."""
    assert org.create_user(password="Correct-Horse-7")["status"] == "ACTIVE"


def test_a_hook_is_verified_and_gets_the_events(org: SandboxOrg) -> None:
    """With the secret; the hook is listed as Okta lists it."""
    with answering_server(echo_then(204)) as app:
        made = org.create_hook(app.url, "user.lifecycle.create", secret="s3cret")
        org.create_user()
        wait_until(lambda: len(app.asked) == 2)
    assert made["verificationStatus"] == "VERIFIED"
    assert [hook["id"] for hook in org.hooks] == [made["id"]]
    assert {asked.header("authorization") for asked in app.asked} == {"s3cret"}


def test_a_test_can_wait_until_all_events_are_delivered(org: SandboxOrg) -> None:
    """Also those that fail: Okta tries twice, and logs it."""
    with answering_server(echo_then(503)) as app:
        org.create_hook(app.url, "user.lifecycle.create")
        for _ in range(3):
            org.create_user()
        org.wait_for_deliveries()
        assert sum(asked.method == "POST" for asked in app.asked) in (2, 4, 6)  # batches, twice
    assert "event_hook.delivery" in types(org)
    org.wait_for_deliveries()


def test_a_wait_for_deliveries_ends(org: SandboxOrg) -> None:
    """If a hook is slow."""
    with answering_server(verified_then_silent) as app:
        org.create_hook(app.url)
        org.create_user()
        with pytest.raises(TimeoutError, match=r"not delivered after 0\.05 s"):
            org.wait_for_deliveries(timeout=0.05)


def verified_then_silent(asked: Asked) -> bytes:
    return echo_then(204)(asked) if asked.method == "GET" else SILENCE


def test_a_hook_that_cannot_be_verified_says_why(org: SandboxOrg) -> None:
    """The org's own words are Okta's, and the same for every cause."""
    with (
        answering_server(lambda _: answer(404)) as app,
        pytest.raises(OrgRefused, match="was not verified: answered 404") as refused,
    ):
        org.create_hook(app.url)
    assert refused.value.status == 400
    assert refused.value.body["errorCode"] == "E0000001"


def test_an_unverified_hook_can_be_asked_for(org: SandboxOrg) -> None:
    """For a program under test that verifies it."""
    hook = org.create_hook("https://example.com/hook", verify=False)
    assert hook["verificationStatus"] == "UNVERIFIED"


def test_a_mistake_in_a_hook_is_named(org: SandboxOrg) -> None:
    """Before anything is created."""
    with pytest.raises(ValueError, match=r"'user.lifecycle.creat': did you mean user.lifecycle.c"):
        org.create_hook("https://example.com/hook", "user.lifecycle.creat")
    with pytest.raises(TypeError, match="a URL, not function: start the application on a port"):
        org.create_hook(types)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="only the System Log has it"):
        org.create_hook("https://example.com/hook", "inline_hook.activated")
    assert org.hooks == []


def test_a_refusal_says_what_the_org_says(org: SandboxOrg) -> None:
    """Each cause of Okta's envelope."""
    org.create_user("ann@example.com")
    with pytest.raises(OrgRefused, match=r"POST /api/v1/users.*login: An object with this field"):
        org.create_user("ann@example.com")


def test_a_fault_is_for_the_program_under_test(org: SandboxOrg) -> None:
    """The test's own calls neither use it up nor see it."""
    org.fault("429:2@/api/v1/users")
    org.create_user()
    assert org.hooks == []
    assert [get(org, "/api/v1/users").status_code for _ in range(3)] == [429, 429, 200]
    with pytest.raises(ValueError, match="expected the kind 429, 500, slow, cut, next-loop"):
        org.fault("418")


def test_the_clock_goes_forward(org: SandboxOrg) -> None:
    """The log and the answers have its time, so that a client that waits until then can."""
    before = datetime.fromisoformat(org.call("GET", "/api/v1/users/me")["created"])
    after = org.advance(hours=24)
    org.create_user()
    published = datetime.fromisoformat(org.log[-1]["published"])
    assert timedelta(hours=23) < after - before < timedelta(hours=25)
    assert abs(published - after) < timedelta(seconds=30)
    org.fault("429=3")
    refused = get(org, "/api/v1/users")
    date = parsedate_to_datetime(refused.headers["Date"])
    assert abs(date - after) < timedelta(seconds=30)
    assert int(refused.headers["X-Rate-Limit-Reset"]) - date.timestamp() <= 4
    with pytest.raises(ValueError, match="cannot go back"):
        org.advance(hours=-1)


def test_a_reset_leaves_a_new_org(org: SandboxOrg) -> None:
    """At the same address, with the same token."""
    with answering_server(echo_then(204)) as app:
        org.create_hook(app.url)
        org.create_user("ann@example.com")
        org.fault("500:9")
        org.advance(days=2)
        org.reset()
    assert (org.hooks, org.log) == ([], [])
    assert get(org, "/api/v1/users/ann@example.com").status_code == 404
    assert org.create_user("ann@example.com")
    published = datetime.fromisoformat(org.log[-1]["published"])
    assert abs(published.timestamp() - time.time()) < 60


def test_a_delivery_under_way_leaves_nothing_in_a_reset_org(org: SandboxOrg) -> None:
    """It fails after the reset, and belongs to an org that is gone."""
    came, is_reset = threading.Event(), threading.Event()

    def late(asked: Asked) -> bytes:
        if asked.method == "POST":
            came.set()
            is_reset.wait(PATIENCE_S)
        return echo_then(400)(asked)

    with answering_server(late) as app:
        org.create_hook(app.url)
        org.create_user()
        assert came.wait(PATIENCE_S)
        org.reset()
        is_reset.set()
        org.wait_for_deliveries()
    assert org.log == []


def test_an_org_that_was_not_started_says_how() -> None:
    """In the words of the code that was meant."""
    with pytest.raises(RuntimeError, match=r"with SandboxOrg\(\) as org:"):
        _ = SandboxOrg().url
    with pytest.raises(RuntimeError, match=r"with Receiver\(\) as receiver:"):
        _ = Receiver().url


def test_nothing_is_left_behind() -> None:
    """No thread, no socket, no file; also after calls that keep their connections open."""
    process = psutil.Process()
    threads = set(threading.enumerate())
    files = process.num_fds()
    with SandboxOrg() as org, httpx.Client(trust_env=False) as client:
        client.get(org.url)
        assert process.num_fds() > files
    listening = {each.laddr for each in process.net_connections() if each.status == "LISTEN"}
    assert ("127.0.0.1", httpx.URL(org.url).port) not in listening
    assert set(threading.enumerate()) <= threads
    assert process.num_fds() <= files


def test_an_org_costs_little() -> None:
    """Best of five, after the import, and less than 0.1 s of a core: a test can have its own."""

    def cost_s() -> float:
        began = time.process_time()
        with SandboxOrg():
            return time.process_time() - began

    assert min(cost_s() for _ in range(5)) < 0.1
