"""A sandbox org in a thread of the test's own process, for tests of commands.

A command finds it as it finds any running sandbox, by the run file in the state directory of its
home, so give the org the home that the command gets::

    with sandbox_org(home=tmp_path) as org:
        hook = org.verified_hook(receiver.url)
        done = run_okhook("hooks", "list", "--org", "sandbox", home=tmp_path)

It starts in milliseconds: a module can share one and call :meth:`SandboxOrg.clean` between tests,
which empties everything but the System Log, or take a new one where the log matters. Use a process
(``tests.support.okhook_process``) only for what is about the command ``okhook sandbox`` itself.
"""

import json
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import httpx
from anyio.from_thread import BlockingPortal, start_blocking_portal

from okhook.activity import Activity
from okhook.runtime.ids import utc_now
from okhook.runtime.run_files import RunDirectory
from okhook.sandbox.faults import Fault
from okhook.sandbox.oauth.jwts import ServiceApp
from okhook.sandbox.running import RunningSandbox, SandboxConfig, running_sandbox
from okhook.secret import Secret
from tests.sandbox.rig import hook_body, user_body
from tests.sandbox.seeding import Seed, seed
from tests.support.okhook_process import PATIENCE_S

TOKEN = "00token-of-the-sandbox"

Json = dict[str, Any]
A = TypeVar("A", bound=Activity)


class Activities:
    """What the org has told so far, in order; any thread may look."""

    def __init__(self) -> None:
        self._all: list[Activity] = []
        self._changed = threading.Condition()

    def publish(self, activity: Activity) -> None:
        with self._changed:
            self._all.append(activity)
            self._changed.notify_all()

    def of(self, kind: type[A]) -> list[A]:
        """Return the activities of a kind so far."""
        with self._changed:
            return [activity for activity in self._all if isinstance(activity, kind)]

    def wait_for(
        self, kind: type[A], count: int = 1, wanted: Callable[[A], bool] = lambda _: True
    ) -> list[A]:
        """Return those of a kind that are wanted, once there are ``count``."""

        def found() -> list[A]:
            return [each for each in self.of(kind) if wanted(each)]

        with self._changed:
            if not self._changed.wait_for(lambda: len(found()) >= count, PATIENCE_S):
                raise AssertionError(f"no {count} {kind.__name__} came, only {self._all}")
            return found()

    def forget(self) -> None:
        """Forget all of them, so that the next test begins with none."""
        with self._changed:
            self._all.clear()


@dataclass(frozen=True)
class SandboxOrg:
    """A running org: its address, its API token, and its API as one call each."""

    url: str
    activities: Activities
    _sandbox: RunningSandbox
    _portal: BlockingPortal
    _client: httpx.Client

    @property
    def token(self) -> str:
        return self._sandbox.token.reveal()

    def send(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """Call the API with the org's token and return the answer, whatever it is."""
        content = None if body is None else json.dumps(body).encode()
        return self._client.request(method, path, content=content, headers=headers)

    def call(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401 - JSON
        """Call the API, expect success, and return the JSON of the answer, None for no body."""
        response = self.send(method, path, body)
        assert response.is_success, response.text
        return response.json() if response.content else None

    def create_hook(self, url: str, **changes: Any) -> Json:  # noqa: ANN401 - passed on
        """Create an event hook that is not verified yet; ``changes`` are those of ``hook_body``."""
        hook: Json = self.call("POST", "/api/v1/eventHooks", hook_body(url, **changes))
        return hook

    def verified_hook(self, url: str, **changes: Any) -> Json:  # noqa: ANN401 - passed on
        """Create an event hook and have it verified; ``url`` must answer the challenge."""
        return self.hook_lifecycle(self.create_hook(url, **changes)["id"], "verify")

    def hook(self, hook_id: str) -> Json:
        hook: Json = self.call("GET", f"/api/v1/eventHooks/{hook_id}")
        return hook

    def hooks(self) -> list[Json]:
        hooks: list[Json] = self.call("GET", "/api/v1/eventHooks")
        return hooks

    def hook_lifecycle(self, hook_id: str, operation: str) -> Json:
        """``activate``, ``deactivate`` or ``verify`` a hook and return it."""
        hook: Json = self.call("POST", f"/api/v1/eventHooks/{hook_id}/lifecycle/{operation}")
        return hook

    def delete_hook(self, hook_id: str) -> None:
        self.hook_lifecycle(hook_id, "deactivate")
        self.call("DELETE", f"/api/v1/eventHooks/{hook_id}")

    def create_user(self, login: str = "jane.doe@example.com", query: str = "") -> Json:
        user: Json = self.call("POST", f"/api/v1/users{query}", user_body(login))
        return user

    def log(self, query: str = "") -> list[Json]:
        """Return the System Log's first page, or that of ``?query``."""
        entries: list[Json] = self.call("GET", f"/api/v1/logs{query}")
        return entries

    def seed(self, seeds: Sequence[Seed]) -> list[str]:
        """Put entries of the past into the System Log and return their uuids."""
        return self._portal.call(seed, self._sandbox.log, seeds)

    def clean(self) -> None:
        """Delete all hooks, groups and users but the token's owner; forget the activities."""
        for hook in self.hooks():
            self.delete_hook(hook["id"])
        for group in self.call("GET", '/api/v1/groups?filter=type eq "OKTA_GROUP"'):
            self.call("DELETE", f"/api/v1/groups/{group['id']}")
        admin = self.call("GET", "/api/v1/users/me")["id"]
        for user in self._users():
            if user["id"] == admin:
                continue
            if user["status"] != "DEPROVISIONED":
                self.call("DELETE", f"/api/v1/users/{user['id']}")
            self.call("DELETE", f"/api/v1/users/{user['id']}")
        self.activities.forget()

    def _users(self) -> Iterable[Json]:
        """Return every user; without ``search`` the API leaves out the DEPROVISIONED."""
        found: list[Json] = []
        while True:
            last = f"&after={found[-1]['id']}" if found else ""
            page: list[Json] = self.call("GET", f"/api/v1/users?search=id+pr{last}")
            found += page
            if not page:
                return found


@contextmanager
def sandbox_org(
    *,
    home: Path | None = None,
    calls_per_minute: int = 100_000,
    data: Path | None = None,
    service_apps: tuple[ServiceApp, ...] = (),
    faults: tuple[Fault, ...] = (),
    now: Callable[[], datetime] = utc_now,
) -> Iterator[SandboxOrg]:
    """Run an org for as long as the block lasts, on a free port and an event loop of its own.

    With ``home``, commands that get this home find it as ``--org sandbox``. It waits for a hook's
    answer as long as tests wait, not for Okta's three seconds: a busy machine costs no second
    delivery.
    """
    config = SandboxConfig(
        Secret(TOKEN),
        port=0,
        batch_window_s=0.005,
        calls_per_minute=calls_per_minute,
        data=data,
        service_apps=service_apps,
        faults=faults,
        answer_within_s=PATIENCE_S,
    )
    activities = Activities()
    with ExitStack() as held:
        if home is None:
            home = Path(held.enter_context(tempfile.TemporaryDirectory()))
        running = running_sandbox(
            config,
            publish=activities.publish,
            run_directory=RunDirectory(home / "state" / "run"),
            now=now,
        )
        portal = held.enter_context(start_blocking_portal())
        sandbox = held.enter_context(portal.wrap_async_context_manager(running))
        client = httpx.Client(
            base_url=sandbox.url,
            headers={"Authorization": f"SSWS {TOKEN}"},
            trust_env=False,
            verify=False,  # noqa: S501 - it is called over http, and this saves reading all CAs
            timeout=PATIENCE_S,
        )
        held.enter_context(client)
        yield SandboxOrg(sandbox.url, activities, sandbox, portal, client)
