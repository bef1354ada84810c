"""The client's parts, put together around a fake org."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
from starlette.types import ASGIApp

from okhook.activity import Activity
from okhook.http.client import HttpClient
from okhook.okta.auth.credential import SswsCredential
from okhook.okta.client import OktaClient
from okhook.okta.event_hooks import WantedHook
from okhook.okta.event_hooks_api import EventHooksApi
from okhook.okta.registered_here import RegisteredHere
from okhook.okta.registration import Registration
from okhook.okta.retry import RetryPolicy
from okhook.secret import HookAuth, Secret
from okhook.wire.org import Org
from tests.okta.fake_org import TOKEN, FakeOrg

ORG = Org("https://dev-123.okta.com")
SECRET = "a-very-own-hook-secret"
WANTED = WantedHook(
    name="okhook tests",
    url="https://hooks.example.com/okta",
    events=("user.lifecycle.create",),
    auth=HookAuth("Authorization", Secret(SECRET)),
)
QUICK = RetryPolicy(first_wait_s=0.001, longest_wait_s=0.002, jitter_s=0.0)


@dataclass
class Watched:
    """What was published, and how long was slept."""

    activities: list[Activity] = field(default_factory=list)
    slept_s: list[float] = field(default_factory=list)

    def publish(self, activity: Activity) -> None:
        self.activities.append(activity)

    async def sleep(self, seconds: float) -> None:
        self.slept_s.append(seconds)

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(json.dumps(activity.to_json())) for activity in self.activities]


def client_of(
    org: FakeOrg,
    watched: Watched,
    *,
    token: str = TOKEN,
    patience: RetryPolicy = QUICK,
    secrets: tuple[Secret, ...] = (),
) -> AbstractAsyncContextManager[OktaClient]:
    """Return a client whose clock is the org's."""
    return client_to(org, watched, lambda: org.now, token=token, patience=patience, secrets=secrets)


@asynccontextmanager
async def client_to(
    app: ASGIApp,
    watched: Watched,
    now: Callable[[], datetime],
    *,
    token: str = TOKEN,
    patience: RetryPolicy = QUICK,
    secrets: tuple[Secret, ...] = (),
) -> AsyncIterator[OktaClient]:
    """Give a client of an org that ``app`` answers for."""
    transport = httpx.ASGITransport(app=app)
    async with HttpClient(user_agent="okhook/tests", transport=transport) as http:
        yield OktaClient(
            ORG,
            SswsCredential(Secret(token), "OKHOOK_TOKEN"),
            http,
            publish=watched.publish,
            secrets=secrets,
            retry=patience,
            sleep=watched.sleep,
            now=now,
        )


@asynccontextmanager
async def registration_in(
    org: FakeOrg, state: Path, watched: Watched | None = None
) -> AsyncIterator[Registration]:
    watched = watched or Watched()
    async with client_of(org, watched, secrets=(Secret(SECRET),)) as client:
        yield Registration(
            EventHooksApi(client),
            RegisteredHere(state),
            publish=watched.publish,
        )
