"""The load generator tells apart what was acknowledged, what was refused, and what nobody knows."""

from itertools import islice

import anyio
import pytest

from tests.load.deliveries import fresh_deliveries
from tests.load.generator import post_all
from tests.load.kept import event_id_of
from tests.load.outcomes import Outcomes, digest_of
from tests.support.answering import Asked, answer, answering_server
from tests.support.ports import free_port

COUNT = 60


def load(url: str) -> Outcomes:
    outcomes = Outcomes()

    async def post() -> None:
        await post_all(url, islice(fresh_deliveries(), COUNT), outcomes, connections=4)

    anyio.run(post)
    return outcomes


def test_each_delivery_is_posted_once_and_its_answer_noted() -> None:
    """204 is acknowledged with the bytes that came, anything else refused with its status."""

    def answering(asked: Asked) -> bytes:
        return answer(503, b"later") if sum(asked.body) % 3 == 0 else answer(204)

    with answering_server(answering) as server:
        outcomes = load(server.url)
    came = {event_id_of(asked.body): asked.body for asked in server.asked}
    assert len(server.asked) == len(came) == COUNT
    refused = {name for name, body in came.items() if sum(body) % 3 == 0}
    assert outcomes.refused == dict.fromkeys(refused, 503)
    assert outcomes.acknowledged == {
        name: digest_of(body) for name, body in came.items() if name not in refused
    }
    assert outcomes.unknown == set()


@pytest.mark.parametrize("said", [b"", b"HTTP/1.1 204 No Con", b"HTTP/1.1 204 X\r\nX-A: b\r\n"])
def test_an_answer_that_does_not_come_whole_is_unknown(said: bytes) -> None:
    """A server that dies in the middle of an answer has acknowledged nothing."""
    with answering_server(lambda _: said) as server:
        outcomes = load(server.url)
    assert outcomes.unknown == {event_id_of(asked.body) for asked in server.asked}
    assert len(outcomes.unknown) == 4, "each connection was lost with its first delivery"
    assert outcomes.acknowledged == {}
    assert outcomes.refused == {}


def test_who_takes_no_connection_gets_no_delivery() -> None:
    """What was never sent is in none of the three."""
    outcomes = load(f"http://127.0.0.1:{free_port()}/hook")
    assert outcomes == Outcomes()
