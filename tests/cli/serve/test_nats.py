"""``serve`` with a NATS stream: nothing is lost or doubled, and every command knows the target."""

import json
import signal
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from threading import Event, Thread
from typing import Any

import anyio
import httpx
import nats
import pytest

from okhook.records.attempt import ALREADY_IN_STREAM
from tests.cli.serve.test_forward import is_done, send, url_of
from tests.support.in_process import run_okhook
from tests.support.nats_server import NatsServer, nats_server
from tests.support.okhook_process import PATIENCE_S, OkhookProcess, running_okhook
from tests.support.records import delivery_body, event
from tests.support.waiting import wait_until

pytestmark = pytest.mark.nats

SERVE = ("serve", "--port", "0", "--output", "json")
MOST_DELIVERIES = 5000
PAUSE_S = 0.01
"""Between two deliveries: the load must be there all the time, and not be too much to look at."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[NatsServer]:
    with nats_server(tmp_path / "nats") as running:
        create_stream(running)
        yield running


def create_stream(server: NatsServer) -> None:
    async def create() -> None:
        client = await nats.connect(server.url)
        await client.jetstream(timeout=PATIENCE_S).add_stream(name="OKTA", subjects=["okta.>"])
        await client.close()

    anyio.run(create)


def in_stream(server: NatsServer) -> list[tuple[str, Any]]:
    """Return each message id with its CloudEvent, in the order of the stream."""

    async def read() -> list[tuple[str, Any]]:
        client = await nats.connect(server.url)
        stream = client.jetstream(timeout=PATIENCE_S)
        count = (await stream.stream_info("OKTA")).state.last_seq
        found = [await stream.get_msg("OKTA", seq) for seq in range(1, count + 1)]
        await client.close()
        return [((m.headers or {})["Nats-Msg-Id"], json.loads(m.data or b"")) for m in found]

    return anyio.run(read)


def send_one(client: httpx.Client, url: str, number: int) -> None:
    """Send a delivery of one to three events."""
    events = [event(f"{number}-{place}") for place in range(1 + number % 3)]
    response = client.post(url, content=delivery_body(f"event-{number}", *events))
    assert response.status_code == 204


def send_many(url: str, numbers: Iterable[int]) -> None:
    """Send deliveries as fast as they are taken."""
    with httpx.Client(trust_env=False, timeout=PATIENCE_S) as client:
        for number in numbers:
            send_one(client, url, number)


def expected(deliveries: int) -> list[str]:
    return [f"{n}-{place}" for n in range(deliveries) for place in range(1 + n % 3)]


@pytest.mark.parametrize("concurrency", ["1", "8"])
def test_every_event_is_once_in_the_stream_although_its_server_is_killed(
    tmp_path: Path, server: NatsServer, concurrency: str
) -> None:
    """Three times while deliveries come in, and each time with some under way."""
    to = ("--forward-to", f"{server.url}/okta.events", "--concurrency", concurrency)
    sent, stop = [0], Event()

    def numbers() -> Iterator[int]:
        while not stop.wait(PAUSE_S) and sent[0] < MOST_DELIVERIES:
            yield sent[0]
            sent[0] += 1

    with running_okhook(*SERVE, *to, home=tmp_path) as serve:
        sender = Thread(target=send_many, args=(url_of(serve), numbers()))
        sender.start()
        for kill in range(1, 4):
            serve.wait_for_json("forward", is_done(sent[0] + 10))
            server.kill()
            wait_for_count(serve, kill, "target_down")
            server.start()
            wait_for_count(serve, kill, "target_up")
        stop.set()
        sender.join()
        wait_for_count(serve, sent[0], "forward", "done")
    assert sent[0] < MOST_DELIVERIES
    assert Counter(key for key, _ in in_stream(server)) == Counter(expected(sent[0]))


def wait_for_count(serve: OkhookProcess, count: int, kind: str, state: str | None = None) -> None:
    """Wait until there are so many lines of a type."""

    def found() -> int:
        lines = serve.json_lines()
        return sum(line["type"] == kind and line.get("state") == state for line in lines)

    wait_until(lambda: found() >= count, serve.transcript)


def test_every_event_is_once_in_the_stream_although_okhook_is_killed(
    tmp_path: Path, server: NatsServer
) -> None:
    """What it had published and not noted is recognised."""
    to = ("--forward-to", f"{server.url}/okta.events")
    sent = 0
    for last in (40, 80, 120):
        with running_okhook(*SERVE, *to, home=tmp_path) as serve:
            send_many(url_of(serve), range(sent, last))
            sent = last
            serve.wait_for_json("forward")
            serve.send(signal.SIGKILL)
            serve.wait()
    with running_okhook(*SERVE, *to, home=tmp_path) as serve:
        send_many(url_of(serve), [sent])
        serve.wait_for_json("forward", is_done(sent + 1))
        wait_for_all(tmp_path, sent + 1)
    assert Counter(key for key, _ in in_stream(server)) == Counter(expected(sent + 1))


def wait_for_all(home: Path, count: int) -> None:
    """Wait until every delivery is forwarded."""

    def all_forwarded() -> bool:
        words = ("deliveries", "list", "--status", "forwarded", "--limit", "500")
        listed = run_okhook(*words, "--output", "json", home=home).stdout
        return len(listed.splitlines()) == count

    wait_until(all_forwarded)


def test_a_stream_is_shown_like_any_target(tmp_path: Path, server: NatsServer) -> None:
    """Live, in lists, in a trace, and for a replay, which needs no URL."""
    target = f"{server.url}/okta.events"
    env = {"OKHOOK_FORWARD_TO": target.replace("//", "//user:pa55@")}
    with running_okhook("serve", "--port", "0", home=tmp_path, env=env) as serve:
        url = serve.wait_for_line(lambda line: line.startswith("Receiving at")).split()[-1]
        send(url, "a", "a")
        serve.wait_for_line(lambda line: "→ in the stream" in line)
        serve.wait_for_line(lambda line: "→ already in the stream" in line)
        status = run_okhook("status", home=tmp_path).stdout
        live = "\n".join(serve.lines + serve.errors)
    shown = run_okhook("deliveries", "show", "1", home=tmp_path).stdout
    assert "stream OKTA, message 1" in shown
    replayed = run_okhook("replay", "1", home=tmp_path)
    assert (replayed.returncode, "in the stream" in replayed.stdout) == (0, True)
    traced = run_okhook("trace", "1", home=tmp_path).stdout
    assert f"forwarded to {target}" in traced
    assert [key for key, _ in in_stream(server)] == ["uuid-a", "uuid-a:replay:2"]
    everything = [live, status, shown, replayed.stdout, traced, (tmp_path / "nats/log").read_text()]
    assert not [text for text in everything if "pa55" in text]
    assert "pa55" not in run_okhook("whoami", home=tmp_path, env=env).stdout


def test_a_stream_that_is_missing_is_a_target_that_is_down(tmp_path: Path) -> None:
    """One line says what to do; once it is done, everything arrives."""
    with nats_server(tmp_path / "nats") as server:
        to = ("--forward-to", f"{server.url}/okta.events")
        with running_okhook("serve", "--port", "0", *to, home=tmp_path) as serve:
            url = serve.wait_for_line(lambda line: line.startswith("Receiving at")).split()[-1]
            send(url, "a", "b")
            down = serve.wait_for_line(lambda line: "is down" in line)
            assert "no stream takes okta.events: create one" in down
            create_stream(server)
            serve.wait_for_line(lambda line: "is back" in line)
            wait_for_all(tmp_path, 2)
        assert {key for key, _ in in_stream(server)} == {"uuid-a", "uuid-b"}


def test_an_acknowledgement_that_was_lost_doubles_nothing(
    tmp_path: Path, server: NatsServer
) -> None:
    """The server hangs with an event under way, and has it when it goes on."""
    to = ("--forward-to", f"{server.url}/okta.events", "--forward-timeout", "1s")
    with running_okhook(*SERVE, *to, home=tmp_path) as serve:
        url = url_of(serve)
        send(url, "a")
        serve.wait_for_json("forward", is_done(1))
        assert server.process is not None
        server.process.send_signal(signal.SIGSTOP)
        send(url, "b")
        down = serve.wait_for_json("target_down")
        server.process.send_signal(signal.SIGCONT)
        again = serve.wait_for_json("forward", is_done(2))
        shown = run_okhook("deliveries", "show", "2", home=tmp_path).stdout
    assert down["reason"] == "no acknowledgement within 1 s"
    assert again["status"] == ALREADY_IN_STREAM
    assert "already in the stream OKTA, as message 2" in shown
    assert [key for key, _ in in_stream(server)] == ["uuid-a", "uuid-b"]
