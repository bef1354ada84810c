"""Runs of ``okhook up``, in the test's own process or in one of their own."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from okhook.runtime.run_files import RunDirectory, UpRun
from tests.support.in_process import run_okhook
from tests.support.okhook_process import OkhookProcess, running_okhook
from tests.support.ports import free_port
from tests.support.sandbox_org import SandboxOrg
from tests.support.waiting import wait_until

UP = ("up", "--port", "0", "--output", "json")


def direct(*, org: str = "sandbox") -> tuple[str, ...]:
    """Return the flags of a run without a tunnel: the org calls the receiver itself."""
    port = free_port()
    url = f"http://127.0.0.1:{port}/okta-webhooks-endpoint"
    return ("--org", org, "--public-url", url, "--port", str(port))


def up_lines(
    *arguments: str, home: Path, code: int = 0, env: Mapping[str, str] | None = None
) -> list[dict[str, Any]]:
    """Run ``up`` to its end in this process, and return its JSON lines."""
    done = run_okhook(*UP, *arguments, home=home, env=env)
    assert done.returncode == code, done.stdout + done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def of_type(lines: list[dict[str, Any]], type_: str) -> list[dict[str, Any]]:
    return [line for line in lines if line["type"] == type_]


@contextmanager
def running_up(home: Path, *arguments: str, **env: str) -> Iterator[OkhookProcess]:
    """Run ``up`` in a process of its own, for what signals do to it."""
    with running_okhook(*UP, *arguments, home=home, env=env) as process:
        yield process


def url_in(flags: tuple[str, ...]) -> str:
    """Return the URL that the org calls in a run with such flags."""
    return flags[flags.index("--public-url") + 1]


def create_user_once_ready(home: Path, org: SandboxOrg, login: str = "jo@example.com") -> None:
    """Wait until the run in this process has its hook verified, and make an event for it."""
    wait_until_ready(home, org)
    org.create_user(login)


def wait_until_ready(home: Path, org: SandboxOrg) -> None:
    """Wait until the org delivers to the run in this process."""
    wait_until(lambda: _delivers_to_the_run(home, org), org.hooks)


def _delivers_to_the_run(home: Path, org: SandboxOrg) -> bool:
    """Tell whether the org delivers; the run file names no hook that was active before the run."""
    for run in RunDirectory(home / "state" / "run").running(UpRun):
        if run.pid == os.getpid():
            hooks = org.hooks() if run.hook_id is None else [org.hook(run.hook_id)]
            return all(
                (hook["status"], hook["verificationStatus"]) == ("ACTIVE", "VERIFIED")
                for hook in hooks
            )
    return False
