"""``okhook serve`` is stopped as platforms stop a service: nothing that it has begun is cut off."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.load.deliveries import fresh_deliveries
from tests.load.kept import assert_kept, event_id_of, kept_deliveries
from tests.load.polite import polite_load
from tests.support.answering import Asked, answer, answering_server
from tests.support.okhook_process import running_okhook, running_program
from tests.support.patient_end import AFTER_CTRL_C_S, AFTER_SIGTERM_S, PATIENT_OKHOOK
from tests.support.ports import refuses_connections
from tests.support.records import delivery_body
from tests.support.waiting import wait_until

SERVE = ("serve", "--port", "0", "--output", "json")


@contextmanager
def closing_of(release: threading.Event) -> Iterator[None]:
    """Let a server that waits for ``release`` end, also if the test fails."""
    try:
        yield
    finally:
        release.set()


@pytest.mark.service
def test_sigterm_under_load_cuts_nothing_off(tmp_path: Path) -> None:
    """Every request that a client could send is answered and kept; then connections are refused."""
    with running_okhook(*SERVE, home=tmp_path) as serve:
        url = serve.wait_for_json("ready")["url"]
        with polite_load(url, fresh_deliveries(), clients=8) as load:
            load.wait_for(200)
            serve.send(signal.SIGTERM)
            assert serve.wait() == 0, serve.transcript()[-3000:]
    # The system resets what reaches the closing port after its last connection was accepted.
    assert load.faults.keys() <= {"ConnectionRefusedError", "ConnectionResetError"}
    assert load.outcomes.refused == {}
    assert_kept(tmp_path / "state" / "store.db", load.outcomes)
    records = kept_deliveries(tmp_path / "state" / "store.db")
    kept = {event_id_of(record.request.body) for record in records}
    assert not load.outcomes.unknown & kept, "it was read, and not answered"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_says_what_it_waits_for(tmp_path: Path, number: signal.Signals) -> None:
    """An app that hangs: the line comes long before the wait is over."""
    asked, release = threading.Event(), threading.Event()

    def app(_: Asked) -> bytes:
        asked.set()
        release.wait()
        return answer(204)

    with answering_server(app) as target, closing_of(release):
        command = ("serve", "--port", "0", "--forward-to", target.url)
        with running_program(*PATIENT_OKHOOK, *command, home=tmp_path) as serve:
            url = serve.wait_for_line(lambda line: line.startswith("Receiving at")).split()[-1]
            httpx.post(url, content=delivery_body(), trust_env=False)
            asked.wait()
            serve.send(number)
            said = serve.wait_for_line(lambda line: line.startswith("stopping: "))
            release.set()
            assert serve.wait() == 0
    grace_s = AFTER_SIGTERM_S if number is signal.SIGTERM else AFTER_CTRL_C_S
    assert said == f"stopping: waiting up to {grace_s:g} s for what is being sent to {target.url}"
    assert any("204" in line for line in serve.lines), "it was waited for"


def test_the_end_waits_for_what_the_app_is_about_to_answer(tmp_path: Path) -> None:
    """So it need not be sent again: the app gets each delivery once across a restart."""
    asked, release = threading.Event(), threading.Event()
    got: list[str] = []

    def app(request: Asked) -> bytes:
        got.append(event_id_of(request.body))
        asked.set()
        release.wait()
        return answer(204)

    with answering_server(app) as target:
        command = (*SERVE, "--forward-to", target.url)
        with running_program(*PATIENT_OKHOOK, *command, home=tmp_path) as serve:
            url = serve.wait_for_json("ready")["url"]
            with polite_load(url, fresh_deliveries(), clients=2) as load:
                load.wait_for(4)
                asked.wait()
            serve.send(signal.SIGTERM)
            wait_until(lambda: refuses_connections(url))
            release.set()
            assert serve.wait() == 0, serve.transcript()[-3000:]
        with running_okhook(*command, home=tmp_path) as serve:
            serve.wait_for_json("ready")
            wait_until(lambda: len(got) >= len(load.outcomes.acknowledged))
    assert sorted(got) == sorted(load.outcomes.acknowledged)
