"""``okhook up`` as a process: everything comes up in order, and leaves nothing behind."""

import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.in_process import run_okhook
from tests.support.kept import kept_in
from tests.support.okhook_process import OkhookProcess, running_okhook
from tests.support.records import delivery_body

UP = ("up", "--port", "0", "--output", "json")


@dataclass
class Org:
    """A sandbox org in a process of its own, that outlives what is tested."""

    url: str
    token: str

    def call(self, method: str, path: str, body: Any = None) -> Any:  # noqa: ANN401 - JSON
        headers = {"Authorization": f"SSWS {self.token}"}
        answer = httpx.request(method, self.url + path, headers=headers, json=body, trust_env=False)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def hooks(self) -> Any:  # noqa: ANN401 - JSON
        return self.call("GET", "/api/v1/eventHooks")

    def create_user(self, login: str) -> None:
        profile = {"firstName": "Jo", "lastName": "Doe", "email": login, "login": login}
        self.call("POST", "/api/v1/users?activate=false", {"profile": profile})


@contextmanager
def sandbox(home: Path) -> Iterator[Org]:
    with running_okhook("sandbox", "--port", "0", "--output", "json", home=home) as process:
        ready = process.wait_for_json("ready")
        yield Org(ready["org_url"], ready["token"])


@contextmanager
def up(home: Path, *arguments: str, **env: str) -> Iterator[OkhookProcess]:
    extra = {"OKHOOK_PUBLIC_URL": env.pop("public_url")} if "public_url" in env else {}
    with running_okhook(*UP, *arguments, home=home, env={**extra, **env}) as process:
        yield process


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def direct(port: int) -> tuple[str, ...]:
    """Return the flags of a run without a tunnel: the org calls the receiver itself."""
    url = f"http://127.0.0.1:{port}/okta-webhooks-endpoint"
    return ("--org", "sandbox", "--public-url", url, "--port", str(port))


def test_once_in_the_sandbox_shows_a_real_event_and_leaves(tmp_path: Path) -> None:
    """The newcomer's line: an org, a proved path, a verified hook, Jane's event, and out."""
    done = run_okhook(*UP, "--sandbox", "--once", home=tmp_path)
    assert done.returncode == 0, done.stderr
    with running_okhook(*UP, "--sandbox", "--once", home=tmp_path) as again:
        assert again.wait() == 0
        lines = again.json_lines()
    types = [line["type"] for line in lines]
    assert types.count("ready") == 1
    assert types.index("canary") < types.index("ready") < types.index("delivery")
    assert types[-1] == "stopped"
    ready = lines[types.index("ready")]
    delivery = lines[types.index("delivery")]
    assert delivery["hook_id"] == ready["hook_id"]
    assert delivery["events"][0]["event_type"] == "user.lifecycle.create"
    assert delivery["events"][0]["target"][0]["alternate_id"] == "jane.doe@hookdeckexample.com"


def test_the_steps_are_lines_with_their_time(tmp_path: Path) -> None:
    """In text each step is one line, then Ready with what there is to know."""
    done = run_okhook("up", "--sandbox", "--once", "--port", "0", home=tmp_path)
    shown = done.stdout.splitlines()
    steps = [line.split()[1] for line in shown if line.startswith("✓")]
    assert steps[:5] == ["store", "receiver", "sandbox", "path", "hook"]
    assert all(line.endswith(" s") for line in shown if line.startswith("✓"))
    ready = shown.index("Ready")
    names = [line.split()[0] for line in shown[ready + 1 : ready + 5]]
    assert names == ["org", "hook", "webhook", "receiver"]
    assert any("Jane Doe (jane.doe@hookdeckexample.com, 00u" in line for line in shown)


def test_ctrl_c_deactivates_the_hook_of_this_run(tmp_path: Path) -> None:
    """The org keeps the hook, and delivers nothing to a receiver that is gone."""
    with sandbox(tmp_path) as org:
        with up(tmp_path, *direct(free_port())) as run:
            hook_id = run.wait_for_json("ready")["hook_id"]
            (hook,) = org.hooks()
            assert (hook["id"], hook["status"], hook["verificationStatus"]) == (
                hook_id,
                "ACTIVE",
                "VERIFIED",
            )
            org.create_user("jo@example.com")
            run.wait_for_json("delivery")
            run.send(signal.SIGINT)
            assert run.wait() == 0
            assert run.json_lines()[-1] == {"type": "stopped"}
        (hook,) = org.hooks()
        assert (hook["id"], hook["status"]) == (hook_id, "INACTIVE")


def test_keep_leaves_the_hook_active(tmp_path: Path) -> None:
    """Someone who wants events to flow on says so."""
    with sandbox(tmp_path) as org:
        with up(tmp_path, *direct(free_port()), "--keep") as run:
            run.wait_for_json("ready")
            run.send(signal.SIGTERM)
            assert run.wait() == 143
        assert org.hooks()[0]["status"] == "ACTIVE"


def test_a_hook_that_was_active_before_is_left_active(tmp_path: Path) -> None:
    """What this run did not activate is not this run's to deactivate."""
    port = free_port()
    with sandbox(tmp_path) as org:
        with up(tmp_path, *direct(port), "--keep", OKHOOK_AUTH_SECRET="same") as run:
            run.wait_for_json("ready")
            run.send(signal.SIGINT)
            run.wait()
        with up(tmp_path, *direct(port), OKHOOK_AUTH_SECRET="same") as run:
            run.wait_for_json("ready")
            assert run.wait_for_json("registered")["action"] == "unchanged"
            run.send(signal.SIGINT)
            assert run.wait() == 0
        assert org.hooks()[0]["status"] == "ACTIVE"


def test_after_a_kill_the_next_run_takes_the_same_hook_over(tmp_path: Path) -> None:
    """SIGKILL leaves an active hook behind; the next run has it, and deactivates it at its end."""
    with sandbox(tmp_path) as org:
        with up(tmp_path, *direct(free_port())) as killed:
            hook_id = killed.wait_for_json("ready")["hook_id"]
            killed.send(signal.SIGKILL)
            killed.wait()
        assert org.hooks()[0]["status"] == "ACTIVE"
        with up(tmp_path, *direct(free_port())) as run:
            assert run.wait_for_json("ready")["hook_id"] == hook_id
            org.create_user("jo@example.com")
            run.wait_for_json("delivery")
            run.send(signal.SIGINT)
            assert run.wait() == 0
        (hook,) = org.hooks()
        assert (hook["id"], hook["status"]) == (hook_id, "INACTIVE")


def test_two_runs_do_not_share_a_hook(tmp_path: Path) -> None:
    """The second would take the hook away from the first; it is told who has it."""
    with sandbox(tmp_path) as org:
        with up(tmp_path, *direct(free_port())) as first:
            first.wait_for_json("ready")
            with up(tmp_path, *direct(free_port())) as second:
                assert second.wait() == 3
                assert f"process {first.popen.pid}" in "\n".join(second.errors)
            with up(tmp_path, *direct(free_port()), "--name", "another") as third:
                third.wait_for_json("ready")
        assert len(org.hooks()) == 2


def test_the_secret_is_nowhere_to_be_read(tmp_path: Path) -> None:
    """Not on screen, not in the store, not in the run files; and without it nobody gets in."""
    secret = "do-not-show-this-anywhere"
    with (
        sandbox(tmp_path) as org,
        up(tmp_path, *direct(free_port()), OKHOOK_AUTH_SECRET=secret) as run,
    ):
        ready = run.wait_for_json("ready")
        org.create_user("jo@example.com")
        run.wait_for_json("delivery")
        assert httpx.post(ready["receiver_url"], content=b"{}", trust_env=False).status_code == 401
        for file in (tmp_path / "state").rglob("*"):
            if file.is_file():
                assert secret.encode() not in file.read_bytes(), file
        run.send(signal.SIGINT)
        run.wait()
        assert secret not in run.transcript()


def test_a_made_secret_guards_the_receiver(tmp_path: Path) -> None:
    """Where none is set one is made: whoever learns the URL cannot post to it."""
    with up(tmp_path, "--sandbox") as run:
        url = run.wait_for_json("ready")["receiver_url"]
        assert httpx.post(url, content=delivery_body(), trust_env=False).status_code == 401


def test_ready_is_never_said_of_a_path_that_leads_elsewhere(tmp_path: Path) -> None:
    """A public URL that answers 204 by itself is no proof: the run ends, and no hook is made."""
    with (
        sandbox(tmp_path) as org,
        running_okhook(
            "serve", "--port", "0", "--output", "json", home=tmp_path / "other"
        ) as other,
    ):
        url = other.wait_for_json("ready")["url"]
        flags = ("--org", "sandbox", "--public-url", url, "--timeout", "1")
        with up(tmp_path, *flags) as run:
            assert run.wait() == 7
            assert "ready" not in [line["type"] for line in run.json_lines()]
            assert "did not arrive here" in "\n".join(run.errors)
        assert org.hooks() == []


def test_a_wrong_token_is_exit_4_and_says_where_it_came_from(tmp_path: Path) -> None:
    """The org refuses; what was up by then is down again."""
    port = free_port()
    with sandbox(tmp_path) as org:
        other_home = tmp_path / "other"
        done = run_okhook(
            *("up", "--org", org.url, "--port", str(port)),
            *("--public-url", f"http://127.0.0.1:{port}/okta-webhooks-endpoint"),
            home=other_home,
            env={"OKHOOK_TOKEN": "wrong-token"},
        )
    assert done.returncode == 4
    assert "OKHOOK_TOKEN" in done.stderr
    assert "wrong-token" not in done.stdout + done.stderr


def test_an_org_that_cannot_be_reached_is_exit_6(tmp_path: Path) -> None:
    """No network: the error names the org and what is respected on the way to it."""
    port, nobody = free_port(), free_port()
    done = run_okhook(
        *("up", "--org", f"http://127.0.0.1:{nobody}", "--port", str(port)),
        *("--public-url", f"http://127.0.0.1:{port}/okta-webhooks-endpoint"),
        home=tmp_path,
        env={"OKHOOK_TOKEN": "t"},
    )
    assert done.returncode == 6
    assert f"127.0.0.1:{nobody}" in done.stderr


def test_a_taken_port_is_exit_10(tmp_path: Path) -> None:
    """As with serve: the port and the process that has it."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run_okhook("up", "--sandbox", "--port", str(port), home=tmp_path)
    assert done.returncode == 10
    assert f"process {os.getpid()}" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--sandbox", "--org", "dev-1.okta.com"), "contradict"),
        (("--sandbox", "--tunnel", "--public-url", "https://x.example"), "contradict"),
        (("--org", "{yourOktaDomain}"), "placeholder"),
        (("--org", "http://dev-1.okta.com"), "https"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_anything_starts(
    tmp_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    """Exit 2, with nothing started."""
    done = run_okhook("up", *arguments, home=tmp_path)
    assert done.returncode == 2
    assert words in done.stderr
    assert "✓" not in done.stdout


def test_no_org_at_all_is_exit_3(tmp_path: Path) -> None:
    """Someone who types `okhook up` alone is told of both ways."""
    done = run_okhook("up", home=tmp_path)
    assert done.returncode == 3
    assert "--org" in done.stderr
    assert "--sandbox" in done.stderr


def test_what_arrived_is_in_the_store_afterwards(tmp_path: Path) -> None:
    """Canary, challenge and event are kept, in the order in which they came."""
    assert run_okhook("up", "--sandbox", "--once", "--port", "0", home=tmp_path).returncode == 0
    kinds = [record.kind for record in kept_in(tmp_path)]
    assert kinds == ["canary", "verification", "delivery"]
