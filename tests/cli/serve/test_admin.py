"""The admin port beside a real receiver: off unless it is asked for, and what it counts."""

import json
import socket
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.answering import answer, answering_server
from tests.support.in_process import run_okhook
from tests.support.metrics import samples_of
from tests.support.okhook_process import PATIENCE_S, OkhookProcess, running_okhook
from tests.support.postgres import IN_URL, PASSWORD, Cluster
from tests.support.records import delivery_body
from tests.support.waiting import wait_until

JSON = ("--output", "json")
SERVE = ("serve", "--port", "0", "--output", "json")


def metrics_of(url: str) -> dict[str, float]:
    return samples_of(httpx.get(f"{url}/metrics", trust_env=False).text)


def admin_of(process: OkhookProcess) -> Any:  # noqa: ANN401 - a JSON line
    return process.wait_for_json("admin")


def test_it_counts_what_the_receiver_and_the_forwarder_do(tmp_path: Path) -> None:
    """Each answer by its status, and each attempt by its outcome and the number of its app."""
    secret = {"OKHOOK_AUTH_SECRET": "s3cret"}
    with (
        answering_server(lambda _: answer(500)) as bad,
        answering_server(lambda _: answer(204)) as ok,
    ):
        targets = ("--forward-to", bad.url, "--forward-to", f"{ok.url}?token=7")
        command = (*SERVE, "--admin", "127.0.0.1:0", *targets)
        with running_okhook(*command, home=tmp_path, env=secret) as serve:
            url = serve.wait_for_json("ready")["url"]
            admin = admin_of(serve)
            assert admin["targets"] == [bad.url.removesuffix("/hook"), ok.url.removesuffix("/hook")]
            with httpx.Client(trust_env=False, headers={"Authorization": "s3cret"}) as okta:
                assert okta.post(url, content=delivery_body()).status_code == 204
                assert okta.post(url, content=delivery_body()).status_code == 204
                assert okta.post(url, content=b"x").status_code == 400
                assert okta.post(f"{url}x", content=b"x").status_code == 404
            assert httpx.post(url, content=delivery_body(), trust_env=False).status_code == 401

            def counted() -> bool:
                found = metrics_of(admin["admin_url"])
                return (
                    found["okhook_target_attempts_total outcome=accepted target=2"] == 2
                    and found["okhook_target_attempts_total outcome=not_accepted target=1"] >= 2
                    and found["okhook_duplicates_total"] == 1
                    and found["okhook_target_backlog state=waiting target=1"] == 2
                )

            wait_until(counted)
            found = metrics_of(admin["admin_url"])
            ready = httpx.get(f"{admin['admin_url']}/readyz", trust_env=False)
            listed = [run_okhook("status", *json_, home=tmp_path).stdout for json_ in ((), JSON)]
    assert f"admin      {admin['admin_url']}" in listed[0]
    assert json.loads(listed[1])["admin_url"] == admin["admin_url"]
    answers = {each: found[f"okhook_requests_total answer={each}"] for each in (204, 400, 401, 404)}
    assert answers == {204: 2, 400: 1, 401: 1, 404: 1}
    assert found["okhook_answer_seconds_count"] == 5
    assert [found[f"okhook_target_lease_held target={number}"] for number in (1, 2)] == [1, 1]
    assert found["okhook_target_backlog state=waiting target=1"] == 2
    assert found["okhook_target_backlog state=waiting target=2"] == 0
    assert (ready.status_code, ready.text.count("this process forwards")) == (200, 2)


def test_a_taken_admin_port_is_an_error(tmp_path: Path) -> None:
    """Unlike the inspector's: a platform asks at this port and at no other."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run_okhook(*SERVE, "--admin", f"127.0.0.1:{port}", home=tmp_path)
    assert done.returncode == 10
    assert f"port {port}" in done.stderr
    assert "choose another port with --admin" in done.stderr


def test_an_address_of_another_machine_is_an_error(tmp_path: Path) -> None:
    """It names the flag."""
    done = run_okhook(*SERVE, "--admin", "192.0.2.1:9", home=tmp_path)
    assert done.returncode == 2
    assert "pass --admin with an address of this machine" in done.stderr


@pytest.mark.service
def test_up_says_when_the_path_was_proved(tmp_path: Path) -> None:
    """It is ready once the hook is verified."""
    command = ("up", "--sandbox", "--port", "0", "--output", "json", "--admin", "127.0.0.1:0")
    with running_okhook(*command, home=tmp_path) as run:
        url = admin_of(run)["admin_url"]
        before = httpx.get(f"{url}/readyz", trust_env=False)
        assert before.status_code == 200 or "hook: it is not verified yet" in before.text
        run.wait_for_line(lambda line: "hook_id" in json.loads(line))
        wait_until(lambda: httpx.get(f"{url}/readyz", trust_env=False).status_code == 200)
        found = metrics_of(url)
        assert found["okhook_path_proved_timestamp_seconds"] > 1.7e9
        assert found["okhook_tunnel_restarts_total"] == 0


@pytest.mark.postgres
def test_a_database_that_is_away_is_not_ready(
    postgres_cluster: Cluster, postgres_url: str, tmp_path: Path
) -> None:
    """The answer comes within a probe's second, says why, and has no password; then it is ready."""
    env = {"OKHOOK_STORE": postgres_url, "OKHOOK_RECEIVER": "production"}
    command = (*SERVE, "--admin", "127.0.0.1:0")
    with running_okhook(*command, home=tmp_path, env=env) as serve:
        url = admin_of(serve)["admin_url"]

        def readyz(timeout_s: float = PATIENCE_S) -> httpx.Response:
            return httpx.get(f"{url}/readyz", trust_env=False, timeout=timeout_s)

        def is_soon_not_ready() -> bool:
            with suppress(httpx.TimeoutException):  # a busy machine: another answer comes in time
                return readyz(timeout_s=1.5).status_code == 503
            return False

        wait_until(lambda: readyz().status_code == 200)
        with postgres_cluster.frozen():
            wait_until(is_soon_not_ready)
            assert "the store did not commit within 0.8 s" in readyz().text
        wait_until(lambda: readyz().status_code == 200)
        postgres_cluster.stop()
        try:
            wait_until(lambda: "the store cannot be written" in readyz().text)
            assert httpx.get(f"{url}/healthz", trust_env=False).status_code == 200
            assert httpx.get(f"{url}/metrics", trust_env=False).status_code == 200
            said = readyz().text
        finally:
            postgres_cluster.start()
        wait_until(lambda: readyz().status_code == 200)
    assert IN_URL not in said
    assert PASSWORD not in said
