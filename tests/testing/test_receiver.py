"""``Receiver``: a receiver that a test can ask."""

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import httpx
import psutil
import pytest

from okhook.http.client import Answer, HttpClient
from okhook.testing import Deliverer, Receiver, SandboxOrg, delivery, event
from tests.support.okhook_process import PATIENCE_S


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as running:
        yield running


@pytest.fixture
def deliver() -> Iterator[Deliverer]:
    with Deliverer() as delivering:
        yield delivering


def test_an_event_of_an_org_arrives(receiver: Receiver) -> None:
    """From the user that the test creates to the delivery that it waits for."""
    with SandboxOrg() as org:
        org.create_hook(receiver.url, "user.lifecycle.create", secret="s3cret")
        org.create_user("bob@example.com")
        ann = org.create_user("ann@example.com")
        found = receiver.wait_for(type="user.lifecycle.create", user=ann)
    assert ann["id"] in found.body.decode()
    assert found.headers["authorization"] == "s3cret"
    assert found.types[-1] == "user.lifecycle.create"
    assert found.event_id
    assert found in receiver.deliveries


@pytest.mark.parametrize("user", ["ANN@example.com", "00u1", {"id": "00u1"}])
def test_a_user_is_known_by_login_or_id(
    receiver: Receiver, deliver: Deliverer, user: str | dict[str, str]
) -> None:
    """As target or as actor."""
    ann = {"id": "00u1", "profile": {"login": "ann@example.com"}}
    deliver(receiver.url, delivery(event(user="bob@example.com")))
    deliver(receiver.url, delivery(event(), event("user.session.start", user=ann)))
    assert receiver.wait_for(user=user).types == ["user.lifecycle.create", "user.session.start"]


def test_an_answer_can_be_planned(receiver: Receiver, deliver: Deliverer) -> None:
    """The retry is another delivery; only the accepted one is waited for."""
    receiver.answer_next(503, 200)
    assert deliver(receiver.url, delivery()).status == 200
    assert deliver(receiver.url, delivery()).status == 204
    assert [each.status for each in receiver.deliveries] == [503, 200, 204]
    assert receiver.wait_for().status == 200
    with pytest.raises(ValueError, match=r"as in answer_next\(503\)"):
        receiver.answer_next(99)


def test_an_answer_can_be_late(
    receiver: Receiver, deliver: Deliverer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So Okta has a timeout, and sends it once more."""
    send, limits_s = HttpClient.send, iter([0.1, PATIENCE_S])

    async def sent(*arguments: Any, timeout_s: float, **more: Any) -> Answer:  # noqa: ANN401
        return await send(*arguments, timeout_s=next(limits_s), **more)

    monkeypatch.setattr(HttpClient, "send", sent)
    receiver.answer_next(200, delay=PATIENCE_S)
    result = deliver(receiver.url, delivery())
    assert [attempt.status for attempt in result.attempts] == [None, 204]


def test_a_failed_wait_says_what_came_instead(deliver: Deliverer) -> None:
    """All of it: also what was refused, and the event type that was meant."""
    with Receiver(secret="s3cret") as receiver:
        deliver(receiver.url, delivery(event(user="ann@example.com")), secret="s3cret")
        deliver(receiver.url, delivery(), secret="wrong")
        deliver(receiver.url, b"{}", secret="s3cret")
        deliver(receiver.url.replace("/hook", "/other"), delivery())
        deliver.verify(receiver.url, secret="s3cret")
        with pytest.raises(AssertionError) as missed:
            receiver.wait_for(type="user.lifecycle.creat", user="ann@example.com", timeout=0)
    first, second, *others = str(missed.value).splitlines()
    assert (
        first == "no delivery of user.lifecycle.creat about ann@example.com was accepted within 0 s"
    )
    assert second.startswith("unknown event type 'user.lifecycle.creat': did you mean user.lifecy")
    assert others == [
        "this came instead:",
        "  a delivery of user.lifecycle.create about ann@example.com: answered 204",
        "  POST without the right secret: answered 401",
        "  a POST that is no delivery (data is missing): answered 400",
        "  POST /other: answered 404",
        "  a verification challenge: answered 200",
    ]


def test_what_was_forgotten_is_waited_for_again(receiver: Receiver, deliver: Deliverer) -> None:
    """A test in two parts can begin anew."""
    receiver.answer_next(500)
    receiver.clear()
    assert deliver(receiver.url, delivery()).status == 204
    receiver.clear()
    assert receiver.deliveries == []
    with pytest.raises(AssertionError, match="nothing came"):
        receiver.wait_for(timeout=0)


@pytest.mark.anyio
async def test_an_async_test_waits_while_its_loop_goes_on(receiver: Receiver) -> None:
    """What it waits for may be sent by the same loop."""

    async def send() -> None:
        async with httpx.AsyncClient(trust_env=False) as client:
            await client.post(receiver.url, json=delivery())

    sending = asyncio.create_task(send())
    assert (await receiver.wait_for_async(type="user.lifecycle.create")).accepted
    await sending
    with pytest.raises(AssertionError, match="this came instead:"):
        await receiver.wait_for_async(type="user.session.start", timeout=0.01)


def test_nothing_is_left_behind() -> None:
    """No thread and no socket."""
    process = psutil.Process()
    threads, files = set(threading.enumerate()), process.num_fds()
    with Receiver() as receiver, Deliverer() as deliver:
        deliver(receiver.url, delivery())
    assert set(threading.enumerate()) <= threads
    assert process.num_fds() <= files
