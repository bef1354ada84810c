"""The manual's page on production: its units, files and commands work as they stand there."""

import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
import yaml

import okhook
from okhook.admin.metrics import Seen, exposition
from okhook.admin.stats import PathSeen, StoreStats, TargetStats
from okhook.config.settings import declared_settings
from okhook.records.attempt import Backlog
from okhook.runtime.counters import ServiceCounters
from okhook.runtime.ids import utc_now
from okhook.store.contract import CommitCounters
from tests.load.deliveries import fresh_deliveries
from tests.load.kept import assert_kept
from tests.load.polite import polite_load
from tests.support.examples import check_example
from tests.support.in_process import run_okhook
from tests.support.manual import commands_of
from tests.support.markdown import rows
from tests.support.okhook_process import environment, running_okhook
from tests.support.ports import free_port
from tests.support.postgres import Cluster
from tests.support.records import delivery_body
from tests.support.waiting import wait_until

PAGE = (Path(okhook.__file__).parent / "manual" / "production.md").read_text(encoding="utf-8")
HOOK = "/okta-webhooks-endpoint"
NO_SETTINGS = {"OKHOOK_HOME"}


def blocks(language: str) -> list[str]:
    """Return the page's blocks of a language, in their order."""
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def program(name: str) -> str:
    """Return the path of a program; without it, skip the test, or fail it in CI."""
    found = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin")
    if found is None and os.environ.get("CI") != "true":
        pytest.skip(f"{name} is not installed")
    assert found, f"{name} is not installed"
    return found


def unit(text: str) -> dict[str, dict[str, list[str]]]:
    """Return the sections of a systemd unit; a key may be there several times."""
    sections: dict[str, dict[str, list[str]]] = {}
    for line in filter(None, text.splitlines()):
        if line[0] == "[":
            section = sections.setdefault(line.strip("[]"), {})
        else:
            key, _, value = line.partition("=")
            section.setdefault(key, []).append(value)
    return sections


def test_each_variable_is_a_setting() -> None:
    """In the units, the container files and the text."""
    known = {declared.variable for declared in declared_settings().values()} | NO_SETTINGS
    assert set(re.findall(r"\bOKHOOK_[A-Z_]+", PAGE)) <= known


def test_the_metrics_are_all_there() -> None:
    """Name by name, with the labels that they have."""
    counters, url = ServiceCounters(), "http://localhost:3000/"
    counters.answered(204, 0.1)
    path = PathSeen()
    path.proved_at_s = 1.0
    target = TargetStats(Backlog(1, 1, 1), utc_now())
    store = StoreStats(CommitCounters(), 1, (target,))
    text = exposition(Seen(counters, path, (url,), store, utc_now()))[0].decode()
    named = {
        (name, *sorted(filter(None, labels.split(","))))
        for name, labels in re.findall(r"`(okhook_\w+)(?:\{(\w+(?:,\w+)*)\})?`", _metric_cells())
    }
    exported = set()
    for name, kind in re.findall(r"^# TYPE (okhook_\w+) (\w+)", text, re.MULTILINE):
        sample = re.search(rf"^{name}(?:_count)?(?:\{{(.*)\}})? ", text, re.MULTILINE)
        assert sample, name
        labels = re.findall(r"(\w+)=", sample[1] or "")
        exported.add((name, *sorted(labels)))
        assert kind in ("counter", "gauge", "histogram")
    assert named == exported


def _metric_cells() -> str:
    cells = [row[0] for row in rows(PAGE[PAGE.index("| Metric |") : PAGE.index("No label has")])]
    return "\n".join(cells)


def test_the_yaml_can_be_read() -> None:
    """The probes ask for what the admin port answers, at the port that the image opens."""
    compose, deployment = map(yaml.safe_load, blocks("yaml"))
    check = " ".join(compose["services"]["okhook"]["healthcheck"]["test"])
    assert "http://127.0.0.1:9100/readyz" in check
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    ports = {each["name"]: each["containerPort"] for each in container["ports"]}
    assert ports == {"hook": 1337, "admin": 9100}
    probes = [container[name]["httpGet"] for name in ("livenessProbe", "readinessProbe")]
    assert probes == [
        {"path": "/healthz", "port": "admin"},
        {"path": "/readyz", "port": "admin"},
    ]


def container_command() -> list[str]:
    (text,) = blocks("dockerfile")
    (command,) = re.findall(r"^CMD (\[.*?\])", text, re.MULTILINE | re.DOTALL)
    words: list[str] = yaml.safe_load(command.replace("\\\n", " "))
    return words


def test_the_container_starts_what_exists() -> None:
    """A receiver on the port that the file exposes."""
    check_example(shlex.join(["okhook", *container_command()]))
    assert "EXPOSE 1337 9100" in blocks("dockerfile")[0]


@pytest.mark.service
def test_the_container_s_command_receives(tmp_path: Path) -> None:
    """On every address, with the admin port, and a log of records only."""
    port, admin = free_port(), free_port()
    command = [word.replace("9100", str(admin)) for word in container_command()]
    secret = {"OKHOOK_AUTH_SECRET": "s3cret", "OKHOOK_PORT": str(port)}
    with running_okhook(*command, home=tmp_path, env=secret) as serve:
        serve.wait_for_line(lambda line: '"admin"' in line)
        answer = httpx.get(f"http://127.0.0.1:{admin}/readyz", trust_env=False)
        assert answer.status_code == 200
        headers = {"Authorization": "s3cret"}
        url = f"http://127.0.0.1:{port}{HOOK}"
        answer = httpx.post(url, content=delivery_body(), headers=headers, trust_env=False)
        assert answer.status_code == 204
        serve.send(signal.SIGTERM)
        assert serve.wait() == 0
    assert serve.errors == []


@pytest.mark.service
def test_systemd_accepts_the_units(tmp_path: Path) -> None:
    """Without a word, but for the paths and the user of a machine that is not here."""
    analyze = program("systemd-analyze")
    okhook_program = Path(sys.executable).with_name("okhook")
    listening, service = blocks("ini")
    service = service.replace("/opt/okhook/bin/okhook", str(okhook_program))
    service = service.replace("User=okhook", f"User={os.getuid()}")
    (tmp_path / "okhook.socket").write_text(listening)
    (tmp_path / "okhook.service").write_text(service)
    done = subprocess.run(
        [analyze, "verify", "--man=no", "okhook.socket", "okhook.service"],
        cwd=tmp_path,
        env={**os.environ, "SYSTEMD_UNIT_PATH": f"{tmp_path}:"},
        capture_output=True,
        text=True,
        check=False,
    )
    ours = [line for line in (done.stdout + done.stderr).splitlines() if "okhook" in line]
    assert (done.returncode, ours) == (0, [])


def test_the_service_unit_starts_what_exists() -> None:
    """Its command line can be typed; each variable is in the unit once."""
    service = unit(blocks("ini")[1])["Service"]
    (command,) = service["ExecStart"]
    check_example(f"okhook {command.split('/okhook ')[1]}")
    names = [each.partition("=")[0] for each in service["Environment"]]
    assert len(names) == len(set(names))
    assert service["Type"] == ["notify"]


@pytest.mark.service
def test_nginx_passes_deliveries_on(tmp_path: Path) -> None:
    """The hook's path reaches okhook with the secret; everything else is 404."""
    nginx = program("nginx")
    (text,) = blocks("nginx")
    with running_okhook("serve", "--port", "0", "--output", "json", home=tmp_path) as serve:
        receiver = serve.wait_for_json("ready")["url"].removesuffix(HOOK)
        port = free_port()
        text = text.replace("127.0.0.1:1337", receiver.removeprefix("http://"))
        text = text.replace("listen 443 ssl;", f"listen 127.0.0.1:{port};")
        text = re.sub(r"^ *ssl_.*\n", "", text, flags=re.MULTILINE)
        (tmp_path / "nginx.conf").write_text(
            f"pid {tmp_path}/pid; daemon off; error_log stderr;\n"
            f"events {{}}\nhttp {{ access_log off; client_body_temp_path {tmp_path}/body;"
            f" proxy_temp_path {tmp_path}/proxy; fastcgi_temp_path {tmp_path}/f;"
            f" uwsgi_temp_path {tmp_path}/u; scgi_temp_path {tmp_path}/s;\n{text}\n}}\n"
        )
        command = [nginx, "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf")]
        subprocess.run([*command, "-t"], check=True, capture_output=True)
        _assert_only_the_hook(command, tmp_path, port)


@pytest.mark.service
def test_caddy_passes_deliveries_on(tmp_path: Path) -> None:
    """As nginx does."""
    caddy = program("caddy")
    (text,) = blocks("caddyfile")
    with running_okhook("serve", "--port", "0", "--output", "json", home=tmp_path) as serve:
        receiver = serve.wait_for_json("ready")["url"].removesuffix(HOOK)
        port = free_port()
        text = text.replace("127.0.0.1:1337", receiver.removeprefix("http://"))
        text = text.replace("hooks.example.com", f"http://127.0.0.1:{port}")
        (tmp_path / "Caddyfile").write_text("{\n\tadmin off\n}\n" + text)
        command = [caddy, "run", "--config", str(tmp_path / "Caddyfile")]
        subprocess.run([caddy, "validate", *command[2:]], check=True, capture_output=True)
        _assert_only_the_hook(command, tmp_path, port)


def _assert_only_the_hook(command: list[str], home: Path, port: int) -> None:
    """Run a proxy, and check what passes through it."""
    url = f"http://127.0.0.1:{port}"
    with subprocess.Popen(command, env=environment(home), stderr=subprocess.DEVNULL) as proxy:
        try:
            _wait_for(port)
            with httpx.Client(base_url=url, trust_env=False) as client:
                for _ in range(3):
                    assert client.post(HOOK, content=delivery_body()).status_code == 204
                challenge = {"X-Okta-Verification-Challenge": "c"}
                assert client.get(HOOK, headers=challenge).json() == {"verification": "c"}
                for path in ("/", "/healthz", f"{HOOK}/x", "/i-1338/"):
                    assert client.post(path).status_code == 404
        finally:
            proxy.terminate()


def _wait_for(port: int) -> None:
    def answers() -> bool:
        with socket.socket() as attempt:
            return attempt.connect_ex(("127.0.0.1", port)) == 0

    wait_until(answers)


@pytest.mark.service
def test_a_backup_of_a_running_receiver_restores(tmp_path: Path) -> None:
    """The page's two copies: each delivery that the backup has comes back, byte for byte."""
    store, backup = tmp_path / "state" / "store.db", tmp_path / "okhook.db"
    copy = ("store", "copy")
    with running_okhook("serve", "--port", "0", "--output", "json", home=tmp_path) as serve:
        url = serve.wait_for_json("ready")["url"]
        with polite_load(url, fresh_deliveries(), clients=4) as load:
            load.wait_for(100)
            first = run_okhook(*copy, str(store), str(backup), home=tmp_path)
            assert first.returncode == 0, first.stderr
            load.wait_for(100)
        second = run_okhook(*copy, str(store), str(backup), home=tmp_path)
        assert second.returncode == 0, second.stderr
        serve.send(signal.SIGKILL)
        serve.wait()
    for left in store.parent.glob("store.db*"):
        left.unlink()
    restored = run_okhook(*copy, str(backup), str(store), home=tmp_path)
    assert restored.returncode == 0, restored.stderr
    with running_okhook("serve", "--port", "0", "--output", "json", home=tmp_path) as serve:
        answer = httpx.post(
            serve.wait_for_json("ready")["url"], content=delivery_body("new"), trust_env=False
        )
        assert answer.status_code == 204
        serve.wait_for_json("delivery")
    load.outcomes.unknown.add("new")
    assert_kept(store, load.outcomes)


@pytest.mark.postgres
def test_a_dump_of_the_database_restores(
    postgres_cluster: Cluster, postgres_url: str, tmp_path: Path
) -> None:
    """The manual's two lines, with other records in the database than the dump has."""
    dump, restore = commands_of("postgresql", "Back up and restore")
    programs = f"{postgres_cluster.programs}:{os.environ['PATH']}"
    env = {"OKHOOK_STORE": postgres_url, "OKHOOK_RECEIVER": "production"}

    def run(line: str) -> None:
        environ = {**os.environ, **env, "PATH": programs}
        subprocess.run(["/bin/sh", "-c", line], check=True, cwd=tmp_path, env=environ)

    def receive(count: int, then: str) -> list[str]:
        """Receive with a process of its own, run a line, and return all the ids in the store."""
        with running_okhook(
            "serve", "--port", "0", "--output", "json", home=tmp_path, env=env
        ) as it:
            url = it.wait_for_json("ready")["url"]
            for _ in range(count):
                body = next(fresh_deliveries()).body
                assert httpx.post(url, content=body, trust_env=False).status_code == 204
        run(then)
        found = run_okhook("deliveries", "list", "--output", "json", home=tmp_path, env=env)
        return [json.loads(line)["event_id"] for line in found.stdout.splitlines()]

    dumped = receive(3, dump)
    assert len(dumped) == 3
    assert len(receive(2, "true")) == 5
    assert receive(0, restore) == dumped
    assert len(receive(1, "true")) == 4
