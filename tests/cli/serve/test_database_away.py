"""A receiver and its PostgreSQL server, which dies, hangs, or takes nothing, under load."""

import json
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psycopg
import pytest

from okhook.errors import ExitCode
from okhook.store.postgres.connection import APPENDING
from tests.support.answering import AnsweringServer, answer, answering_server
from tests.support.okhook_process import (
    PATIENCE_S,
    OkhookProcess,
    run_okhook_process,
    running_okhook,
)
from tests.support.ports import free_port
from tests.support.postgres import Cluster, running_cluster, server_programs
from tests.support.records import delivery_body, event
from tests.support.waiting import wait_until

pytestmark = pytest.mark.postgres

CONNECTIONS = 4
END_SESSIONS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'okhook'"
)


@dataclass
class Load:
    """Deliveries that come all the time, and how each was answered."""

    url: str
    answers: dict[str, int] = field(default_factory=dict)
    ended: threading.Event = field(default_factory=threading.Event)
    senders: list[threading.Thread] = field(default_factory=list)

    def start(self) -> None:
        for number in range(CONNECTIONS):
            self.senders.append(threading.Thread(target=self.run, args=(number,)))
            self.senders[-1].start()

    def finish(self) -> None:
        """Send no more; ``answers`` is complete then."""
        self.ended.set()
        for sender in self.senders:
            sender.join()

    def run(self, sender: int) -> None:
        with httpx.Client(trust_env=False, timeout=PATIENCE_S) as client:
            number = 0
            while not self.ended.is_set():
                number += 1
                name = f"event-{sender}-{number}"
                body = delivery_body(name, event(name))
                self.answers[name] = client.post(self.url, content=body).status_code
                self.ended.wait(0.02)

    def count(self, status: int) -> int:
        return list(self.answers.values()).count(status)

    def wait_for_more(self, status: int) -> None:
        """Wait until some more were answered so."""
        enough = self.count(status) + 3 * CONNECTIONS
        wait_until(lambda: self.count(status) >= enough, lambda: self.answers)


@dataclass
class Scene:
    """A receiver under load, with an app, and the server that its store is on."""

    cluster: Cluster
    url: str
    serve: OkhookProcess
    app: AnsweringServer
    load: Load


@pytest.fixture(scope="module")
def own_cluster(postgres_cluster: Cluster) -> Iterator[Cluster]:
    """A server that no other test needs: these end it."""
    del postgres_cluster  # it skips, or fails, where there is none
    programs = server_programs()
    assert programs is not None
    with running_cluster(programs) as cluster:
        yield cluster


@pytest.fixture
def scene(own_cluster: Cluster, tmp_path: Path) -> Iterator[Scene]:
    with ExitStack() as held:
        url = held.enter_context(own_cluster.database())
        app = held.enter_context(answering_server(lambda _: answer(204)))
        serve = held.enter_context(
            running_okhook(
                *("serve", "--port", "0", "--receiver", "prod", "--output", "json"),
                *("--forward-to", app.url),
                home=tmp_path,
                env={"OKHOOK_STORE": url},
            )
        )
        load = Load(serve.wait_for_json("ready")["url"])
        held.callback(load.finish)
        load.start()
        load.wait_for_more(204)
        yield Scene(own_cluster, url, serve, app, load)


@contextmanager
def dead(scene: Scene) -> Iterator[None]:
    scene.cluster.stop(signal.SIGQUIT)
    yield
    scene.cluster.start()


@contextmanager
def frozen(scene: Scene) -> Iterator[None]:
    with scene.cluster.frozen():
        yield


@contextmanager
def read_only(scene: Scene) -> Iterator[None]:
    """As after a failover, while a name still leads to the old server."""
    name = scene.url.rpartition("/")[2]
    change = f"ALTER DATABASE {name} SET default_transaction_read_only = on"
    scene.cluster.sql(change, END_SESSIONS)
    yield
    scene.cluster.sql(f"ALTER DATABASE {name} RESET default_transaction_read_only")


@contextmanager
def without_connections(scene: Scene) -> Iterator[None]:
    name = scene.url.rpartition("/")[2]
    scene.cluster.sql(f"ALTER DATABASE {name} WITH ALLOW_CONNECTIONS false", END_SESSIONS)
    yield
    scene.cluster.sql(f"ALTER DATABASE {name} WITH ALLOW_CONNECTIONS true")


@contextmanager
def slow(scene: Scene) -> Iterator[None]:
    """Every commit waits for a lock that somebody holds."""
    with psycopg.connect(scene.url) as other:
        other.execute("SELECT pg_advisory_xact_lock(%s)", (APPENDING,))
        yield


@pytest.mark.parametrize("trouble", [dead, frozen, read_only, without_connections, slow])
def test_it_answers_503_and_goes_on_by_itself(
    scene: Scene, trouble: Callable[[Scene], AbstractContextManager[None]]
) -> None:
    """Answers come while it lasts; what got 204 is stored and forwarded; two lines say it."""
    with trouble(scene):
        scene.load.wait_for_more(503)
        scene.serve.wait_for_json("warning")
    scene.serve.wait_for_json("store_recovered")
    scene.load.wait_for_more(204)
    scene.load.finish()
    kept = {name for name, status in scene.load.answers.items() if status == 204}
    assert kept <= stored(scene.url)
    wait_until(
        lambda: kept <= {json.loads(each.body)["eventId"] for each in scene.app.asked},
        scene.serve.transcript,
    )
    assert set(scene.load.answers.values()) == {204, 503}
    assert scene.serve.popen.poll() is None
    said = [
        line for line in scene.serve.json_lines() if line["type"] in ("warning", "store_recovered")
    ]
    told = [line for line in said if not line.get("text", "").startswith("forwarding")]
    assert [line["type"] for line in told] == ["warning", "store_recovered"]
    assert "pa%20ss" not in scene.serve.transcript()


def stored(url: str) -> set[str]:
    """Return the ids of the deliveries in the database."""
    with psycopg.connect(url) as connection:
        rows = connection.execute("SELECT body FROM okhook.record").fetchall()
    return {json.loads(body)["eventId"] for (body,) in rows}


def test_it_starts_without_its_database(own_cluster: Cluster, tmp_path: Path) -> None:
    """As after a power cut: it answers 503 until the server is there, and needs no restart."""
    port = str(free_port())
    url = f"http://127.0.0.1:{port}/okta-webhooks-endpoint"
    serve = ("serve", "--port", port, "--receiver", "prod", "--output", "json")
    with own_cluster.database() as store, httpx.Client(trust_env=False) as client:
        own_cluster.stop()
        with running_okhook(*serve, home=tmp_path, env={"OKHOOK_STORE": store}) as process:
            try:
                process.wait_for_json("warning", lambda line: "returns 503" in line["text"])
                assert client.post(url, content=delivery_body()).status_code == 503
            finally:
                own_cluster.start()
            process.wait_for_json("warning", lambda line: "from now on" in line["text"])
            assert process.wait_for_json("ready")["url"] == url
            answered = client.post(url, content=delivery_body())
            assert answered.status_code == 204, process.transcript()
            lines = process.json_lines()
    types = [line["type"] for line in lines]
    assert (types[0], types.count("ready")) == ("warning", 1)


def test_a_wrong_password_is_not_waited_for(own_cluster: Cluster, tmp_path: Path) -> None:
    """It is a mistake in the settings: the command ends, and says so without the password."""
    store = own_cluster.url("postgres").replace("pa%20ss", "wr0ng")
    done = run_okhook_process(
        "serve", "--receiver", "prod", home=tmp_path, env={"OKHOOK_STORE": store}
    )
    assert done.returncode == ExitCode.STORE
    assert "password authentication failed" in done.stderr
    assert "wr0ng" not in done.stderr


def test_it_follows_a_failover(own_cluster: Cluster, tmp_path: Path) -> None:
    """To the server that was promoted: the lease goes on there, and forwarding in order."""
    with ExitStack() as held:
        store = held.enter_context(own_cluster.database())
        standby = held.enter_context(own_cluster.standby())
        app = held.enter_context(answering_server(lambda _: answer(204)))
        hosts = f"127.0.0.1:{own_cluster.port},127.0.0.1:{standby.port}"
        url = store.replace(f"127.0.0.1:{own_cluster.port}", hosts)
        serve = held.enter_context(
            running_okhook(
                *("serve", "--port", "0", "--receiver", "prod", "--output", "json"),
                *("--forward-to", app.url),
                home=tmp_path,
                env={"OKHOOK_STORE": url, "PGTARGETSESSIONATTRS": "read-write"},
            )
        )
        client = held.enter_context(httpx.Client(trust_env=False))
        receiver = serve.wait_for_json("ready")["url"]

        def deliver(number: int) -> int:
            body = delivery_body(f"event-{number}", event(f"event-{number}"))
            return client.post(receiver, content=body).status_code

        assert [deliver(n) for n in range(5)] == [204] * 5
        replica = store.replace(str(own_cluster.port), str(standby.port))
        wait_until(lambda: attempts(replica) == 5)
        own_cluster.stop(signal.SIGQUIT)
        try:
            assert deliver(5) == 503
            standby.sql("SELECT pg_promote()")
            serve.wait_for_json("store_recovered")
            wait_until(lambda: deliver(6) == 204)
            assert [deliver(n) for n in range(7, 10)] == [204] * 3
            wait_until(lambda: len(app.asked) == 9, serve.transcript)
        finally:
            own_cluster.start()
        sent = [json.loads(each.body)["eventId"] for each in app.asked]
        assert sent == [f"event-{n}" for n in (*range(5), *range(6, 10))]


def attempts(url: str) -> int:
    """Return how many attempts a database has."""
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT count(*) FROM okhook.attempt").fetchone()
    return int(row[0]) if row else 0
