"""Two receivers of one name share a PostgreSQL store: one forwards, the other can take over."""

import json
import signal
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psycopg
import pytest

from tests.support.answering import Asked, answer, answering_server
from tests.support.okhook_process import PATIENCE_S, OkhookProcess, running_okhook
from tests.support.postgres import Cluster
from tests.support.proxy import Proxy, proxy_to
from tests.support.records import delivery_body, event
from tests.support.waiting import wait_until

pytestmark = pytest.mark.postgres


@dataclass
class App:
    """Answers at once, or holds a request until it is told to go on."""

    asked: list[int] = field(default_factory=list)
    holds: threading.Event = field(default_factory=threading.Event)
    goes_on: threading.Event = field(default_factory=threading.Event)

    def answering(self, request: Asked) -> bytes:
        number = json.loads(request.body)["eventId"].removeprefix("event-")
        self.asked.append(int(number))
        if self.holds.is_set():
            self.holds.clear()
            self.goes_on.wait(PATIENCE_S)
        return answer(204)


@dataclass
class Pair:
    """Two receivers of one name; ``one`` reaches the database through a proxy, and forwards."""

    one: OkhookProcess
    other: OkhookProcess
    app: App
    proxy: Proxy
    url: str
    sent: int = 0

    def deliver(self, count: int) -> None:
        """Send deliveries to the other receiver, numbered in order."""
        receiver = self.other.wait_for_json("ready")["url"]
        with httpx.Client(trust_env=False) as client:
            for _ in range(count):
                self.sent += 1
                name = f"event-{self.sent}"
                body = delivery_body(name, event(name))
                assert client.post(receiver, content=body).status_code == 204

    def begin_a_request(self) -> None:
        """Have ``one`` begin a request that does not end."""
        self.app.holds.set()
        self.deliver(10)
        wait_until(lambda: not self.app.holds.is_set())

    def taken_over(self) -> None:
        """Wait until the other one has forwarded it all."""
        self.other.wait_for_json("target_taken")
        wait_until(self.is_all_noted, self.other.transcript)

    def is_all_noted(self) -> bool:
        return len(self.attempts()) >= self.sent

    def attempts(self) -> list[tuple[int, int]]:
        """Return the number of each delivery that was sent, and of its attempt, as noted."""
        with psycopg.connect(self.url) as connection:
            return connection.execute(
                "SELECT seq, number FROM okhook.attempt ORDER BY seq, id"
            ).fetchall()

    def check(self) -> None:
        """Each was sent in order, and noted once; what was cut off was sent again by the other."""
        assert list(dict.fromkeys(self.app.asked)) == list(range(1, self.sent + 1))
        assert len(self.app.asked) <= self.sent + 2
        assert self.attempts() == [(seq, 1) for seq in range(1, self.sent + 1)]


@contextmanager
def pair(home: Path, cluster: Cluster, url: str) -> Iterator[Pair]:
    app = App()
    with ExitStack() as held:
        proxy = held.enter_context(proxy_to(cluster.port))
        target = held.enter_context(answering_server(app.answering)).url
        serve = ("serve", "--port", "0", "--receiver", "prod", "--forward-to", target)
        cut = url.replace(str(cluster.port), str(proxy.port))

        def start(store: str) -> OkhookProcess:
            return held.enter_context(
                running_okhook(*serve, "--output", "json", home=home, env={"OKHOOK_STORE": store})
            )

        held.callback(app.goes_on.set)
        one = start(cut)
        one.wait_for_json("ready")
        other = start(url)
        other.wait_for_json(
            "warning", lambda line: "another okhook with this receiver name" in line["text"]
        )
        yield Pair(one, other, app, proxy, url)


@pytest.fixture
def two(tmp_path: Path, postgres_cluster: Cluster, postgres_url: str) -> Iterator[Pair]:
    with pair(tmp_path, postgres_cluster, postgres_url) as both:
        both.deliver(5)
        wait_until(both.is_all_noted)
        yield both
        both.check()


def test_one_that_was_killed_is_replaced(two: Pair) -> None:
    """Also in the middle of a request, which is then sent again."""
    two.begin_a_request()
    two.one.send(signal.SIGKILL)
    two.taken_over()


def test_one_that_was_stopped_is_replaced_and_what_it_did_is_refused(two: Pair) -> None:
    """When it goes on, the request that it had begun ends, and nothing is noted of it."""
    two.begin_a_request()
    two.one.send(signal.SIGSTOP)
    try:
        two.taken_over()
        asked = len(two.app.asked)
        two.app.goes_on.set()
    finally:
        two.one.send(signal.SIGCONT)
    two.one.wait_for_json(
        "warning", lambda line: "another okhook with this receiver name" in line["text"]
    )
    two.deliver(20)
    wait_until(two.is_all_noted)
    assert len(two.app.asked) == asked + 20
    forwards = [line["seq"] for line in two.one.json_lines() if line["type"] == "forward"]
    assert forwards == [1, 2, 3, 4, 5]


def test_one_that_was_cut_off_is_replaced(two: Pair) -> None:
    """It can neither send more nor note anything, and joins again when the network is back."""
    two.begin_a_request()
    with two.proxy.cut():
        two.app.goes_on.set()
        two.taken_over()
        asked = len(two.app.asked)
        two.deliver(5)
        wait_until(two.is_all_noted)
        assert len(two.app.asked) == asked + 5
    two.one.wait_for_json(
        "warning", lambda line: "another okhook with this receiver name" in line["text"]
    )
    two.deliver(5)
    wait_until(two.is_all_noted)


def test_one_that_ends_lets_go_at_once(two: Pair) -> None:
    """A deployment does not wait for a lease to run out."""
    two.other.send(signal.SIGSTOP)  # so that nobody else has it
    try:
        two.one.send(signal.SIGTERM)
        two.one.wait()
        with psycopg.connect(two.url) as connection:
            (left,) = connection.execute(
                "SELECT expires_at > clock_timestamp() FROM okhook.lease"
            ).fetchall()
    finally:
        two.other.send(signal.SIGCONT)
    assert left == (False,)
    two.other.wait_for_json("target_taken")
    two.deliver(5)
    wait_until(two.is_all_noted)
