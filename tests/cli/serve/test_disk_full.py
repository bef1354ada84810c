"""``okhook serve`` without room for its store: it says so, keeps what it answered, and recovers."""

import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.load.deliveries import fresh_deliveries
from tests.load.kept import assert_kept, count_kept
from tests.load.outcomes import Outcomes
from tests.load.running import running_load
from tests.support.in_process import run_okhook
from tests.support.okhook_process import OkhookProcess, environment, running_okhook
from tests.support.ports import free_port
from tests.support.records import delivery_body

SERVE = ("serve", "--port", "0", "--output", "json")
MIB = 1 << 20
CONNECTIONS = 16

needs_prlimit = pytest.mark.skipif(
    not hasattr(resource, "prlimit"), reason="only Linux limits the files of another process"
)


def limit_files(process: OkhookProcess, size_bytes: int) -> None:
    """Let no file of the process grow beyond that, as a full disk would not."""
    _, hard = resource.prlimit(process.popen.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(process.popen.pid, resource.RLIMIT_FSIZE, (size_bytes, hard))


def unlimit_files(process: OkhookProcess) -> None:
    """Take the limit away again."""
    _, hard = resource.prlimit(process.popen.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(process.popen.pid, resource.RLIMIT_FSIZE, (hard, hard))


def fill(url: str) -> Outcomes:
    """Post until the store takes no more, and a good while longer."""
    with running_load(url, fresh_deliveries(), connections=CONNECTIONS) as load:
        load.wait_until(lambda so_far: len(so_far.refused) >= 10 * CONNECTIONS)
    assert set(load.outcomes.refused.values()) == {503}
    assert not load.outcomes.unknown
    return load.outcomes


def post_some(url: str, count: int = 500) -> Outcomes:
    """Post, and fail at the first that is not taken."""
    with running_load(url, fresh_deliveries(), connections=CONNECTIONS) as load:
        load.wait_until(lambda so_far: len(so_far.acknowledged) >= count or bool(so_far.refused))
    assert load.outcomes.refused == {}
    return load.outcomes


def store_of(home: Path) -> Path:
    return home / "state" / "store.db"


@needs_prlimit
@pytest.mark.parametrize("size_bytes", [MIB, 8 * MIB], ids=["the log", "the file"])
def test_a_store_that_cannot_grow_answers_503_and_recovers(tmp_path: Path, size_bytes: int) -> None:
    """No room in the log, or none to move it into the file: 503 until there is, nothing by half."""
    with running_okhook(*SERVE, home=tmp_path) as serve:
        url = serve.wait_for_json("ready")["url"]
        limit_files(serve, size_bytes)
        outcomes = fill(url)
        refused = serve.wait_for_json("refused", lambda line: line["status"] == 503)
        assert str(store_of(tmp_path)) in refused["reason"]
        assert "cannot grow" in refused["reason"]
        assert count_kept(store_of(tmp_path)) == len(outcomes.acknowledged)
        unlimit_files(serve)
        outcomes.add(post_some(url))
        serve.send(signal.SIGINT)
        assert serve.wait() == 0, serve.transcript()[-3000:]
    assert_kept(store_of(tmp_path), outcomes)


@needs_prlimit
def test_a_store_that_cannot_grow_ends_in_order(tmp_path: Path) -> None:
    """Ctrl-C while there is no room is an ordinary end; the next start finds all of it."""
    with running_okhook(*SERVE, home=tmp_path) as serve:
        url = serve.wait_for_json("ready")["url"]
        limit_files(serve, MIB)
        outcomes = fill(url)
        serve.send(signal.SIGINT)
        assert serve.wait() == 0, serve.transcript()[-3000:]
    with running_okhook(*SERVE, home=tmp_path) as serve:
        outcomes.add(post_some(serve.wait_for_json("ready")["url"]))
    assert_kept(store_of(tmp_path), outcomes)


@needs_prlimit
def test_a_receiver_killed_without_room_has_what_it_answered(tmp_path: Path) -> None:
    """SIGKILL while there is no room: what was refused left nothing, what was taken is there."""
    with running_okhook(*SERVE, home=tmp_path) as serve:
        url = serve.wait_for_json("ready")["url"]
        limit_files(serve, MIB)
        outcomes = fill(url)
        serve.send(signal.SIGKILL)
        serve.wait()
    assert_kept(store_of(tmp_path), outcomes)


@contextmanager
def started_without_room(home: Path, *command: str) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a command that may write no file of more than 4 KiB, as with a quota."""
    limited = (
        "import os, resource, sys;"
        "hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1];"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard));"
        f"os.execv(sys.executable, [sys.executable, '-m', 'okhook', *{command!r}])"
    )
    with subprocess.Popen(
        [sys.executable, "-c", limited],
        env=environment(home),
        cwd=home,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def lines_of(process: "subprocess.Popen[bytes]") -> Iterator[dict[str, Any]]:
    assert process.stdout is not None
    return map(json.loads, process.stdout)


def give_room(process: "subprocess.Popen[bytes]") -> None:
    _, hard = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (hard, hard))


@needs_prlimit
def test_a_receiver_starts_without_room_for_its_store_field_04(tmp_path: Path) -> None:
    """A store that cannot even be made is answered 503, until a quota is raised, for example."""
    with started_without_room(tmp_path, *SERVE) as serve:
        lines = lines_of(serve)
        first = next(lines)
        assert f"the store {store_of(tmp_path)} cannot grow" in first["text"]
        url = refusing_url(first)
        assert httpx.post(url, content=delivery_body(), trust_env=False).status_code == 503
        give_room(serve)
        assert next(line["url"] for line in lines if line["type"] == "ready") == url
        assert httpx.post(url, content=delivery_body(), trust_env=False).status_code == 204


@needs_prlimit
def test_up_starts_without_room_for_its_store(tmp_path: Path) -> None:
    """As serve it answers 503; when there is room, it brings up the rest. --once does not wait."""
    up = ("up", "--sandbox", "--output", "json")
    with started_without_room(tmp_path, *up, "--once", "--port", "0") as once:
        (failed,) = lines_of(once)
        assert (once.wait(), failed["exit_code"]) == (9, 9)
    port = free_port()
    with started_without_room(tmp_path, *up, "--port", str(port)) as process:
        lines = lines_of(process)
        first = next(lines)
        assert (first["type"], "cannot grow" in first["text"]) == ("warning", True)
        url = f"http://127.0.0.1:{port}/okta-webhooks-endpoint"
        assert httpx.post(url, content=delivery_body(), trust_env=False).status_code == 503
        give_room(process)
        ready = next(line for line in lines if line["type"] == "ready")
        assert ready["receiver_url"] == url
        assert next(line for line in lines if line["type"] == "delivery")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a file system of 16 MiB, half of it taken by a file named ``filler``."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = ["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(disk)]
    if not sys.platform.startswith("linux") or os.geteuid() != 0:
        pytest.skip("mounting a small file system takes root on Linux")
    if subprocess.run(mounted, capture_output=True, check=False).returncode != 0:
        pytest.skip("mounting is not allowed here")
    try:
        (disk / "filler").write_bytes(bytes(8 * MIB))
        yield disk
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_a_full_disk_answers_503_and_recovers(small_disk: Path) -> None:
    """On a file system without room a person reads why, and nothing needs a restart afterwards."""
    with running_okhook("serve", "--port", "0", home=small_disk) as serve:
        url = serve.wait_for_line(lambda line: line.startswith("Receiving at")).split()[-1]
        outcomes = fill(url)
        said = f"the store {store_of(small_disk)} cannot grow"
        serve.wait_for_line(lambda line: said in line and " 503 " in line)  # a warning says it, too
        assert count_kept(store_of(small_disk)) == len(outcomes.acknowledged)
        (small_disk / "filler").unlink()
        outcomes.add(post_some(url))
        serve.send(signal.SIGINT)
        assert serve.wait() == 0, serve.transcript()[-3000:]
    assert_kept(store_of(small_disk), outcomes)


def fill_disk(disk: Path) -> None:
    """Take what is left of the disk."""
    with (disk / "rest").open("ab", buffering=0) as rest, suppress(OSError):
        while rest.write(bytes(4096)):
            pass


def refusing_url(warning: dict[str, Any]) -> str:
    """Return where a receiver listens that has no store yet."""
    (url,) = re.findall(r"(http://\S+) returns 503 until", warning["text"])
    return str(url)


@pytest.mark.parametrize("left_bytes", [0, 64 * 1024])
def test_a_receiver_starts_on_a_full_disk_field_04(small_disk: Path, left_bytes: int) -> None:
    """It answers 503 until there is room, and then stores, at the same URL."""
    (small_disk / "left").write_bytes(bytes(left_bytes))
    fill_disk(small_disk)
    (small_disk / "left").unlink()
    with running_okhook(*SERVE, home=small_disk) as serve:
        warning = serve.wait_for_json("warning")
        assert "cannot grow" in warning["text"]
        url = refusing_url(warning)
        assert httpx.post(url, content=delivery_body(), trust_env=False).status_code == 503
        (small_disk / "rest").unlink()
        serve.wait_for_json("warning", lambda line: "has room again" in line["text"])
        assert serve.wait_for_json("ready")["url"] == url
        outcomes = post_some(url, 20)
        serve.send(signal.SIGINT)
        assert serve.wait() == 0, serve.transcript()[-3000:]
    assert [line["type"] for line in serve.json_lines()].count("ready") == 1
    assert_kept(store_of(small_disk), outcomes)


@pytest.mark.parametrize("runs", [True, False], ids=["beside a receiver", "alone"])
def test_a_full_disk_can_be_pruned_field_04(small_disk: Path, runs: bool) -> None:
    """The store is listed and pruned without a free byte; afterwards there is room."""
    with running_okhook(*SERVE, home=small_disk) as serve:
        url = serve.wait_for_json("ready")["url"]
        post_some(url, 200)
        fill(url)
        fill_disk(small_disk)
        if not runs:
            serve.send(signal.SIGINT)
            serve.wait()
            fill_disk(small_disk)
        listed = run_okhook("deliveries", "list", "--limit", "1", home=small_disk)
        assert (listed.returncode, len(listed.stdout.splitlines())) == (0, 1), listed.stderr
        prune = ("deliveries", "prune", "--keep", "10", "--yes", "--unforwarded")
        pruned = run_okhook(*prune, home=small_disk)
        assert pruned.returncode == 0, pruned.stderr
        assert pruned.stdout.startswith("removed ")
        assert shutil.disk_usage(small_disk).free > MIB
        if runs:
            assert httpx.post(url, content=delivery_body(), trust_env=False).status_code == 204


def test_a_full_disk_without_a_reserve_needs_6_mib(small_disk: Path) -> None:
    """Other programs may have filled it before room was set aside: the error says how much."""
    prune = ("deliveries", "prune", "--keep", "10", "--yes", "--unforwarded")
    with running_okhook(*SERVE, home=small_disk) as serve:
        post_some(serve.wait_for_json("ready")["url"], 200)
    store_of(small_disk).with_name("store.db-reserve").unlink()
    (small_disk / "filler").unlink()
    (small_disk / "left").write_bytes(bytes(6 * MIB))
    fill_disk(small_disk)
    refused = run_okhook(*prune, home=small_disk)
    assert refused.returncode == 9
    assert "→ free 6 MiB on that disk first" in refused.stderr
    (small_disk / "left").unlink()
    pruned = run_okhook(*prune, home=small_disk)
    assert pruned.returncode == 0, pruned.stderr
    assert store_of(small_disk).with_name("store.db-reserve").exists()
