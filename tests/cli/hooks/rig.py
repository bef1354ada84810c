"""A sandbox org for tests of the commands that manage hooks, and an endpoint for its hooks."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.types import Receive, Scope, Send

from tests.okta.fake_org import TOKEN, FakeOrg, serving_in_thread
from tests.support.in_process import run_okhook
from tests.support.sandbox_org import SandboxOrg


@dataclass
class Sandbox:
    """A sandbox org of its own, and the commands for it."""

    org: SandboxOrg
    home: Path

    @property
    def url(self) -> str:
        return self.org.url

    def call(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401 - JSON
        return self.org.call(method, path, body)

    def create(self, url: str, **changes: Any) -> Any:  # noqa: ANN401 - JSON
        return self.org.create_hook(url, **changes)

    def hook(self, hook_id: str) -> Any:  # noqa: ANN401 - JSON
        return self.org.hook(hook_id)

    def run(self, *arguments: str, **env: str) -> "subprocess.CompletedProcess[str]":
        environ = {"OKHOOK_ORG": "sandbox", "OKHOOK_WAIT": "0", **env}
        return run_okhook("hooks", *arguments, home=self.home, env=environ)

    def lines(self, *arguments: str, **env: str) -> list[dict[str, Any]]:
        done = self.run(*arguments, "--output", "json", **env)
        assert done.returncode == 0, done.stderr
        return json_lines(done.stdout)


def json_lines(stdout: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stdout.splitlines()]


@contextmanager
def endpoint(secret: str | None = None) -> Iterator[str]:
    """Answer challenges that carry the secret, and anything else with 401."""

    async def answers(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        right = secret is None or request.headers.get("authorization") == secret
        challenge = request.headers.get("x-okta-verification-challenge")
        response = (
            JSONResponse({"verification": challenge})
            if right
            else PlainTextResponse(f"you sent {request.headers.get('authorization')}", 401)
        )
        await response(scope, receive, send)

    with serving_in_thread(answers) as url:
        yield url


def of_fake(
    fake: FakeOrg, home: Path, *arguments: str, **env: str
) -> "subprocess.CompletedProcess[str]":
    environ = {"OKHOOK_TOKEN": TOKEN, "OKHOOK_WAIT": "0", **env}
    return run_okhook("hooks", *arguments, "--org", fake.url, home=home, env=environ)
