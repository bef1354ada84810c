"""``okhook serve`` is stopped while everything that it talks to hangs."""

import signal
import socket
import threading
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from tests.support.answering import Asked, answer, answering_server
from tests.support.okhook_process import running_program
from tests.support.patient_end import UNFORCED_OKHOOK
from tests.support.postgres import Cluster, running_cluster, server_programs
from tests.support.records import delivery_body

pytestmark = pytest.mark.postgres


def test_sigterm_ends_it_when_all_hangs(tmp_path: Path, postgres_cluster: Cluster) -> None:
    """The database, the app, a stream, clients of the receiver, the admin port, the inspector.

    Each has a limit of its own: nothing has to be forced.
    """
    del postgres_cluster  # it skips, or fails, where there is none
    programs, asked, release = server_programs(), threading.Event(), threading.Event()
    assert programs is not None

    def app(_: Asked) -> bytes:
        asked.set()
        release.wait()
        return answer(204)

    with ExitStack() as held:
        cluster = held.enter_context(running_cluster(programs))
        store = held.enter_context(cluster.database())
        target = held.enter_context(answering_server(app))
        held.callback(release.set)
        silent = held.enter_context(socket.create_server(("127.0.0.1", 0)))
        stream = f"nats://127.0.0.1:{silent.getsockname()[1]}/okta.events"
        serve = held.enter_context(
            running_program(
                *UNFORCED_OKHOOK,
                *("serve", "--port", "0", "--receiver", "prod", "--output", "json"),
                *("--forward-to", target.url, "--forward-to", stream, "--admin", "127.0.0.1:0"),
                home=tmp_path,
                env={"OKHOOK_STORE": store, "OKHOOK_NO_INSPECTOR": "0"},
            )
        )
        url = serve.wait_for_json("ready")["url"]
        assert httpx.post(url, content=delivery_body(), trust_env=False).status_code == 204
        asked.wait()
        others = [serve.wait_for_json("admin")["admin_url"]]
        others.append(serve.wait_for_json("inspector")["inspector_url"])
        held.enter_context(cluster.frozen())
        for each in (url, *others):
            parts = httpx.URL(each)
            client = held.enter_context(socket.create_connection((parts.host, parts.port or 0)))
            path = "/readyz" if each == others[0] else parts.path
            client.sendall(f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n".encode())
        serve.send(signal.SIGTERM)
        assert serve.wait() == 0, serve.transcript()
    lines = [line for line in serve.json_lines() if line["type"] == "stopping"]
    assert any(line["targets"] == [target.url, stream] for line in lines)
    assert any(line["requests"] for line in lines)
    assert not any("did not end" in line for line in serve.errors), "nothing had to be forced"
