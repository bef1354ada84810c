"""Faults: how they are written and counted, and spoilt answers as a client sees them."""

import re
from datetime import timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from starlette.requests import Request

from okhook.runtime.ids import utc_now
from okhook.sandbox.activities import FaultInjected
from okhook.sandbox.faults import Fault, FaultInjection, FaultKind, read_fault
from tests.sandbox.rig import OrgRig, Told, hook_body, org_rig
from tests.sandbox.seeding import every, seed
from tests.support.okhook_process import PATIENCE_S

pytestmark = pytest.mark.anyio

HOOKS = "/api/v1/eventHooks"
BODY = hook_body("https://hooks.example.com/okta")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("429", Fault(FaultKind.RATE_LIMIT, seconds=3)),
        ("500:3", Fault(FaultKind.SERVER_ERROR, 3)),
        ("slow", Fault(FaultKind.SLOW, seconds=5)),
        ("slow=0.5:2@/api", Fault(FaultKind.SLOW, 2, None, "/api", 0.5)),
        ("cut@POST/api/v1/users", Fault(FaultKind.CUT, 1, "POST", "/api/v1/users")),
        ("next-loop@/api/v1/logs", Fault(FaultKind.NEXT_LOOP, prefix="/api/v1/logs")),
    ],
)
def test_a_fault_is_read(text: str, fault: Fault) -> None:
    """Kind, seconds, count, method and path, each with its default."""
    assert read_fault(text) == fault


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "expected KIND"),
        ("429:", "expected KIND"),
        ("429:x", "expected KIND"),
        ("429@api", "expected KIND"),
        ("429:-1", "expected KIND"),
        ("fire", "expected the kind 429, 500, slow, cut, next-loop"),
        ("cut=3", "cut takes no seconds"),
    ],
)
def test_an_invalid_fault_is_an_error(text: str, said: str) -> None:
    """Said with the form, or with what there is."""
    with pytest.raises(ValueError, match=re.escape(said)):
        read_fault(text)


def request(method: str, path: str) -> Request:
    return Request({"type": "http", "method": method, "path": path, "headers": []})


def test_a_fault_is_injected_as_often_as_its_count() -> None:
    """For its own kind, method and path; the next of the same kind comes after it."""
    cut, more = Fault(FaultKind.CUT, 2, "POST", "/a"), Fault(FaultKind.CUT, 1)
    faults = FaultInjection([cut, more], Told().publish, utc_now)
    assert faults.take(FaultKind.SLOW, request("POST", "/a/b")) is None
    assert faults.take(FaultKind.CUT, request("POST", "/a/b")) is cut
    assert faults.take(FaultKind.CUT, request("GET", "/a/b")) is more
    assert faults.take(FaultKind.CUT, request("GET", "/a/b")) is None
    assert faults.take(FaultKind.CUT, request("POST", "/b/a")) is None
    assert faults.take(FaultKind.CUT, request("POST", "/a")) is cut
    assert faults.take(FaultKind.CUT, request("POST", "/a")) is None


def injected(org: OrgRig) -> list[tuple[str, str, str]]:
    return [(told.fault, told.method, told.path) for told in org.told.of(FaultInjected)]


@pytest.mark.parametrize(("fault", "code"), [("429=30", "E0000047"), ("500", "E0000009")])
async def test_a_call_that_is_refused_is_not_carried_out(
    tmp_path: Path, fault: str, code: str
) -> None:
    """Okta's words, for calls to that path by that method, as often as it says, and no others."""
    async with org_rig(tmp_path, faults=(read_fault(f"{fault}:2@POST{HOOKS}"),)) as org:
        before = await org.call("GET", HOOKS)
        refused = [await org.call("POST", HOOKS, body=BODY) for _ in range(2)]
        taken = await org.call("POST", HOOKS, body=BODY)
        assert injected(org) == [(fault.partition("=")[0], "POST", HOOKS)] * 2
        assert len(await org.ok("GET", HOOKS)) == 1
    assert [answer.json()["errorCode"] for answer in refused] == [code, code]
    assert (before.status_code, taken.status_code) == (200, 200)


async def test_a_limit_is_reset_later_than_the_answers_date(tmp_path: Path) -> None:
    """By as much as was asked for; the Date of a server is of whole seconds, and may lag by one."""
    async with org_rig(tmp_path, faults=(read_fault(f"429=30@{HOOKS}"),)) as org:
        refused = await org.call("GET", HOOKS)
    assert refused.headers["X-Rate-Limit-Remaining"] == "0"
    date = parsedate_to_datetime(refused.headers["Date"]).timestamp()
    assert 30 <= int(refused.headers["X-Rate-Limit-Reset"]) - date <= 35


async def test_a_call_whose_answer_is_cut_is_carried_out(tmp_path: Path) -> None:
    """The client has a status and half a body; the next answer is whole."""
    async with org_rig(tmp_path, faults=(read_fault(f"cut@POST{HOOKS}"),)) as org:
        with pytest.raises(httpx.RemoteProtocolError, match="without sending complete"):
            await org.call("POST", HOOKS, body=BODY)
        assert len(await org.ok("GET", HOOKS)) == 1


async def test_a_list_links_to_itself_once(tmp_path: Path) -> None:
    """Its next page is itself. Answers without a next page are not counted."""
    async with org_rig(tmp_path, faults=(read_fault("next-loop"),)) as org:
        now = utc_now()
        seed(org.sandbox.log, every(timedelta(seconds=1), 5, until=now))
        await org.call("GET", HOOKS)
        path = "/api/v1/logs?limit=2&sortOrder=ASCENDING"
        circle, whole = [await org.call("GET", path) for _ in range(2)]
        assert injected(org) == [("next-loop", "GET", "/api/v1/logs")]
    links = {link["rel"]: link["url"] for link in circle.links.values()}
    assert links["next"] == links["self"]
    assert circle.headers.get_list("link")[0].count("rel=") == 1
    assert whole.links["next"]["url"] != links["next"]


async def test_a_cut_answer_ends_after_half_a_body() -> None:
    """Of an answer in several parts, the first is halved, and the others are not sent."""
    sent: list[Any] = []

    async def send(message: Any) -> None:  # noqa: ANN401 - ASGI's
        sent.append(message)

    faults = FaultInjection([read_fault("cut")], Told().publish, utc_now)
    spoilt = faults.spoiling(request("GET", "/a"), send)
    with anyio.fail_after(PATIENCE_S):
        await spoilt({"type": "http.response.start", "status": 200, "headers": []})
        await spoilt({"type": "http.response.body", "body": b"abcd", "more_body": True})
        await spoilt({"type": "http.response.body", "body": b"efgh"})
    assert [message.get("body") for message in sent] == [None, b"ab"]
    assert sent[-1]["more_body"]
