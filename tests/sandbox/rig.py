"""A sandbox org on a socket, a client for its API, and receivers that its hooks call."""

import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import anyio
import httpx

from okhook.activity import Activity
from okhook.runtime.ids import utc_now
from okhook.runtime.run_files import RunDirectory
from okhook.sandbox.faults import Fault
from okhook.sandbox.oauth.jwts import ServiceApp
from okhook.sandbox.running import RunningSandbox, SandboxConfig, running_sandbox
from okhook.secret import Secret
from tests.support.answering import Answering, Asked, answer
from tests.support.okhook_process import PATIENCE_S

TOKEN = "00token-of-the-sandbox"

Json = dict[str, Any]
T = TypeVar("T", bound=Activity)


@dataclass
class Told:
    """What the org told, in order."""

    all: list[Activity] = field(default_factory=list)
    _more: anyio.Event = field(default_factory=anyio.Event)

    def publish(self, activity: Activity) -> None:
        self.all.append(activity)
        self._more.set()

    def of(self, kind: type[T]) -> list[T]:
        return [activity for activity in self.all if isinstance(activity, kind)]

    async def wait_for(self, kind: type[T], count: int) -> list[T]:
        with anyio.fail_after(PATIENCE_S):
            while len(self.of(kind)) < count:
                self._more = anyio.Event()
                await self._more.wait()
        return self.of(kind)


@dataclass
class OrgRig:
    """A sandbox, a client that carries its token, and what it told."""

    sandbox: RunningSandbox
    client: httpx.AsyncClient
    told: Told

    async def call(
        self, method: str, path: str, *, body: object = None, **headers: str
    ) -> httpx.Response:
        content = None if body is None else json.dumps(body).encode()
        return await self.client.request(method, path, content=content, headers=headers)

    async def ok(self, method: str, path: str, *, body: object = None) -> Any:  # noqa: ANN401 - JSON
        response = await self.call(method, path, body=body)
        assert response.is_success, response.text
        return response.json() if response.content else None

    async def create_hook(self, url: str, **changes: Any) -> Json:  # noqa: ANN401 - passed on
        hook: Json = await self.ok("POST", "/api/v1/eventHooks", body=hook_body(url, **changes))
        return hook

    async def verified_hook(self, url: str, **changes: Any) -> Json:  # noqa: ANN401 - passed on
        hook = await self.create_hook(url, **changes)
        return await self.lifecycle(hook, "verify")

    async def lifecycle(self, hook: Json, operation: str) -> Json:
        path = f"/api/v1/eventHooks/{hook['id']}/lifecycle/{operation}"
        changed: Json = await self.ok("POST", path)
        return changed

    async def create_user(self, login: str = "jane.doe@example.com", query: str = "") -> Json:
        user: Json = await self.ok("POST", f"/api/v1/users{query}", body=user_body(login))
        return user

    async def log(self, query: str = "") -> list[Json]:
        entries: list[Json] = await self.ok("GET", f"/api/v1/logs{query}")
        return entries

    async def pages(self, path: str) -> list[list[Json]]:
        """Return the pages of a list from first to last; each names itself, and its next one."""
        found: list[list[Json]] = []
        url: str | None = f"{self.sandbox.url}{path}"
        while url is not None:
            response = await self.client.get(url)
            assert response.links["self"]["url"] == url
            found.append(response.json())
            url = response.links.get("next", {}).get("url")
        return found

    async def wait_for(self, kind: type[T], count: int = 1) -> list[T]:
        """Return the activities of a kind once there are so many."""
        return await self.told.wait_for(kind, count)


@asynccontextmanager
async def org_rig(
    directory: Path,
    *,
    batch_window_s: float = 0.02,
    delay_s: float = 0.0,
    calls_per_minute: int = 10_000,
    data: Path | None = None,
    service_apps: tuple[ServiceApp, ...] = (),
    faults: tuple[Fault, ...] = (),
    now: Callable[[], datetime] = utc_now,
    answer_within_s: float = PATIENCE_S,
) -> AsyncIterator[OrgRig]:
    told = Told()
    config = SandboxConfig(
        Secret(TOKEN),
        port=0,
        batch_window_s=batch_window_s,
        delay_s=delay_s,
        calls_per_minute=calls_per_minute,
        data=data,
        service_apps=service_apps,
        faults=faults,
        answer_within_s=answer_within_s,
    )
    run_directory = RunDirectory(directory / "run")
    async with (
        running_sandbox(
            config, publish=told.publish, run_directory=run_directory, now=now
        ) as sandbox,
        httpx.AsyncClient(
            base_url=sandbox.url,
            headers={"Authorization": f"SSWS {TOKEN}"},
            trust_env=False,
            verify=False,  # noqa: S501 - it is called over http, and this saves reading all CAs
            timeout=PATIENCE_S,
        ) as client,
    ):
        yield OrgRig(sandbox, client, told)


def echo_then(*statuses: int) -> Answering:
    """Answer challenges, and deliveries with the statuses in their order, the last one on."""
    left = list(statuses)

    def answering(asked: Asked) -> bytes:
        challenge = asked.header("x-okta-verification-challenge")
        if asked.method == "GET" and challenge is not None:
            return answer(200, json.dumps({"verification": challenge}).encode())
        return answer(left.pop(0) if len(left) > 1 else left[0])

    return answering


def deliveries_in(asked: Sequence[Asked]) -> list[Json]:
    return [json.loads(request.body) for request in asked if request.method == "POST"]


def hook_body(
    url: str,
    *,
    name: str = "Test hook",
    events: Sequence[str] = ("user.lifecycle.create",),
    secret: str | None = None,
    config: Mapping[str, Any] | None = None,
    **more: object,
) -> Json:
    scheme = {"type": "HEADER", "key": "Authorization", "value": secret}
    return {
        "name": name,
        "events": {"type": "EVENT_TYPE", "items": list(events)},
        "channel": {
            "type": "HTTP",
            "version": "1.0.0",
            "config": {
                "uri": url,
                **({} if secret is None else {"authScheme": scheme}),
                **(config or {}),
            },
        },
        **more,
    }


def user_body(login: str = "jane.doe@example.com", **profile: object) -> Json:
    return {
        "profile": {
            "login": login,
            "email": login,
            "firstName": "Jane",
            "lastName": "Doe",
            **profile,
        }
    }
