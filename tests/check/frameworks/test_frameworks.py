"""``okhook check`` against receivers as people write them, each a server of its own.

``pytest -m frameworks tests/check`` runs them: they need npm, and the extra ``frameworks``.
"""

import importlib.util
import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.bench.contestants import installed_express
from tests.support.answering import answer, answering_server
from tests.support.in_process import run_okhook
from tests.support.kept import kept_in
from tests.support.ports import free_port
from tests.support.receiver import receiver
from tests.support.waiting import wait_until
from tests.testing.examples import examples

pytestmark = [pytest.mark.frameworks, pytest.mark.timeout(180)]

HERE = Path(__file__).parent
SECRET = "s3cret-of-The-hook"


def needs(what: str, *, is_there: bool) -> None:
    """Skip the test where something is missing, or fail it with ``CI=true``."""
    if is_there:
        return
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what} is missing", pytrace=False)
    pytest.skip(f"needs {what}")


@dataclass(frozen=True)
class App:
    """An app that runs, with a command that restarts it."""

    url: str
    restart: str

    @property
    def observed(self) -> str:
        return self.url.replace("/hook", "/processed/{uuid}")


@contextmanager
def running(directory: Path, *command: str, modules: Path | None = None) -> Iterator[App]:
    """Run an app by a shell script that also restarts it."""
    port, pid = free_port(), directory / "pid"
    words = [word.format(port=port, file=directory / "processed") for word in command]
    script = directory / "start.sh"
    script.write_text(
        f"[ -f {pid} ] && kill $(cat {pid}) && while kill -0 $(cat {pid}) 2>/dev/null; do"
        f" sleep 0.05; done\n"
        f"cd {shlex.quote(str(HERE.parents[2]))}\n"
        f"HOOK_SECRET={SECRET} NODE_PATH={modules or ''} {shlex.join(words)} >{directory}/log 2>&1"
        f" </dev/null &\necho $! >{pid}\n",
        encoding="utf-8",
    )
    subprocess.run(["sh", str(script)], check=True)
    try:
        url = f"http://127.0.0.1:{port}/hook"
        wait_until(lambda: answers(url), (directory / "log").read_text)
        yield App(url, f"sh {script}")
    finally:
        subprocess.run(["sh", "-c", f"kill $(cat {pid})"], check=False)


def answers(url: str) -> bool:
    ran = subprocess.run(
        [sys.executable, "-c", f"import httpx; httpx.get({url!r})"],
        capture_output=True,
        check=False,
    )
    return ran.returncode == 0


def checked(url: str, home: Path, *flags: str) -> tuple[int, dict[str, list[str]]]:
    """Return the exit code, and the ids of the cases by how they ended."""
    done = run_okhook(
        *("check", url, *flags, "--strict", "--output", "json"),
        home=home,
        env={"OKHOOK_AUTH_SECRET": SECRET},
    )
    by_outcome: dict[str, list[str]] = {}
    for line in map(json.loads, done.stdout.splitlines()):
        if line["type"] == "case":
            by_outcome.setdefault(line["outcome"], []).append(line["id"])
        assert line["type"] != "check_summary" or line["duration_ms"] < 60_000
        if line.get("came") is not None:
            print(line["id"], line["came"])  # noqa: T201 - for whoever reads a failed test
    return done.returncode, by_outcome


SKIPPED = [
    *("transport-https", "transport-certificate"),
    *("authentication-basic", "authentication-custom-header"),
]


@pytest.mark.parametrize("framework", ["flask", "fastapi"])
def test_a_good_receiver_in_python_passes_every_case(framework: str, tmp_path: Path) -> None:
    """What the frameworks do by themselves breaks no rule."""
    needs(framework, is_there=importlib.util.find_spec(framework) is not None)
    module = f"tests.check.frameworks.{framework}_receiver"
    with running(tmp_path, sys.executable, "-m", module, "{port}", "{file}") as app:
        wait = ("--observe-wait", "20s")
        code, by_outcome = checked(
            app.url, tmp_path, "--observe", app.observed, "--restart", app.restart, *wait
        )
    assert by_outcome.get("failed", []) == []
    assert (code, by_outcome["skipped"], set(by_outcome)) == (0, SKIPPED, {"passed", "skipped"})


@pytest.fixture(scope="session")
def express() -> Iterator[Path]:
    """The directory of Express's modules."""
    needs("npm", is_there=shutil.which("npm") is not None and shutil.which("node") is not None)
    with installed_express() as modules:
        yield modules


@pytest.mark.parametrize(
    ("mode", "failing"),
    [
        ("good", []),
        ("parse-first", ["authentication-before-body"]),
        ("first-event", ["delivery-batch-2", "payload-no-events"]),
        ("first-target", ["payload-missing-members", "payload-target-null"]),
        ("first-target-async", ["payload-missing-members"]),
        ("works-first", ["transport-acknowledges-first"]),
    ],
)
def test_receivers_in_express(mode: str, failing: list[str], express: Path, tmp_path: Path) -> None:
    """A good one passes every case; the shapes that people write fail where they should."""
    script = str(HERE / "express_receiver.js")
    with running(tmp_path, "node", script, "{port}", "{file}", mode, modules=express) as app:
        wait = ("--observe-wait", "2s" if failing else "20s")
        code, by_outcome = checked(
            app.url, tmp_path, "--observe", app.observed, "--restart", app.restart, *wait
        )
    assert by_outcome.get("failed", []) == failing
    assert code == (1 if failing else 0)
    assert failing or by_outcome["skipped"] == SKIPPED


def test_the_receiver_of_the_manual_in_express_is_observed(express: Path, tmp_path: Path) -> None:
    """As the page says: with the secret in front, and --observe without it."""
    script = tmp_path / "receiver.js"
    code = examples()["express"]["receiver.js"].replace('"s3cret"', f'"{SECRET}"')
    script.write_text(code.replace("3000", "process.argv[2]"), encoding="utf-8")
    with running(tmp_path, "node", str(script), "{port}", modules=express) as app:
        code_of, by_outcome = checked(app.url, tmp_path, "--observe", app.observed)
    assert (code_of, by_outcome.get("failed", [])) == (0, [])
    assert by_outcome["skipped"] == [*SKIPPED, "delivery-restart"]


def test_okhooks_own_receiver_passes_every_case(tmp_path: Path) -> None:
    """Each event is in its store; it keeps duplicates on purpose, and flags them."""

    def stored(uuid: str) -> int:
        bodies = [each.request.body for each in kept_in(tmp_path)]
        return int(any(uuid.encode() in body for body in bodies))

    with receiver(home=tmp_path, secret=SECRET) as own, observing(stored) as observer:
        code, by_outcome = checked(own.url, tmp_path, "--observe", observer)
    assert (code, by_outcome.get("failed", [])) == (0, [])
    assert by_outcome["skipped"] == [*SKIPPED, "delivery-restart"]


@contextmanager
def observing(count: Callable[[str], int]) -> Iterator[str]:
    """Serve ``count`` to --observe; gives the URL."""
    answering = answering_server(
        lambda asked: answer(200, str(count(asked.target.rpartition("/")[2])).encode())
    )
    with answering as server:
        yield f"{server.url}/{{uuid}}"
