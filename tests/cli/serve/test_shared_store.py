"""Two ``okhook serve`` on one store, each with a port of its own."""

import signal
from pathlib import Path

import httpx

from tests.load.deliveries import fresh_deliveries
from tests.load.kept import assert_kept
from tests.load.outcomes import Outcomes
from tests.load.running import running_load
from tests.support.okhook_process import running_okhook
from tests.support.records import delivery_body

SERVE = ("serve", "--port", "0", "--output", "json")
ENOUGH = 500


def test_two_receivers_share_a_store_under_load(tmp_path: Path) -> None:
    """Both take deliveries at the same time, and each that either answered 204 is kept, once."""
    with (
        running_okhook(*SERVE, home=tmp_path) as one,
        running_okhook(*SERVE, home=tmp_path) as other,
    ):
        urls = [serve.wait_for_json("ready")["url"] for serve in (one, other)]
        with (
            running_load(urls[0], fresh_deliveries(), connections=8) as first,
            running_load(urls[1], fresh_deliveries(), connections=8) as second,
        ):
            for load in (first, second):
                load.wait_until(lambda so_far: len(so_far.acknowledged) >= ENOUGH)
        for serve in (one, other):
            serve.send(signal.SIGINT)
            assert serve.wait() == 0
    together = Outcomes()
    for load in (first, second):
        together.add(load.outcomes)
    assert together.refused == {}
    assert together.unknown == set()
    assert_kept(tmp_path / "state" / "store.db", together)


def test_one_receiver_knows_what_the_other_was_sent(tmp_path: Path) -> None:
    """The same delivery at both ports is a duplicate at the second, and each shows both."""
    body = delivery_body("event-1")
    with (
        running_okhook(*SERVE, home=tmp_path) as one,
        running_okhook(*SERVE, home=tmp_path) as other,
    ):
        urls = [serve.wait_for_json("ready")["url"] for serve in (one, other)]
        for url in urls:
            assert httpx.post(url, content=body, trust_env=False).status_code == 204
        assert other.wait_for_json("delivery", lambda line: line["duplicate"])["seq"] == 2
