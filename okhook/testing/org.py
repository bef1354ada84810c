"""A sandbox org in the program's own process: its API on a free port, its parts as attributes."""

import json
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Self
from urllib.parse import unquote, urlsplit

import anyio
from anyio.from_thread import BlockingPortal, start_blocking_portal
from starlette.requests import Request

import okhook.http.network  # noqa: F401 - slow: here, so that the first org starts fast
from okhook.activity import Activity
from okhook.json_form import JsonObject
from okhook.runtime.run_files import RunDirectory
from okhook.sandbox.activities import HookVerification
from okhook.sandbox.faults import read_fault
from okhook.sandbox.org import new_request_id
from okhook.sandbox.refusals import ApiRefusal
from okhook.sandbox.running import (
    RunningSandbox,
    SandboxConfig,
    generated_token,
    running_sandbox,
)
from okhook.testing.arguments import event_type_fault
from okhook.testing.clock import Clock
from okhook.wire.event_types import DEFAULT_EVENT_TYPE

_BATCH_WINDOW_S = 0.005
_CALLS_PER_MINUTE = 100_000
"""Tests call more often than Okta allows; :meth:`SandboxOrg.fault` gives a 429 on purpose."""


class OrgRefused(Exception):
    """The org refused a call. ``body`` is its answer, in the form of Okta's errors."""

    def __init__(self, message: str, status: int, body: JsonObject) -> None:
        super().__init__(message)
        self.status = status
        self.body = body


class SandboxOrg:
    """An Okta org in this process, as ``okhook sandbox`` runs one, on a free loopback port.

    ::

        with SandboxOrg() as org:
            org.create_hook("http://localhost:3000/hook", "user.lifecycle.create")
            org.create_user("jane.doe@example.com")

    It runs in a thread of its own. Its methods can be called from any thread, also in async tests;
    if the server that :meth:`create_hook` calls runs in the event loop of the test, use
    ``await asyncio.to_thread(org.create_hook, url)``, so that it can answer.
    """

    def __init__(self) -> None:
        self._running: tuple[BlockingPortal, RunningSandbox] | None = None
        self._clock = Clock()
        self._stack = ExitStack()
        self._users = 0
        self._verifications: list[HookVerification] = []

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="okhook-")))
            portal = stack.enter_context(start_blocking_portal())
            sandbox = running_sandbox(
                SandboxConfig(
                    generated_token(),
                    port=0,
                    batch_window_s=_BATCH_WINDOW_S,
                    calls_per_minute=_CALLS_PER_MINUTE,
                ),
                publish=self._publish,
                run_directory=RunDirectory(home),
                now=self._clock.now,
            )
            started = stack.enter_context(portal.wrap_async_context_manager(sandbox))
            self._running = portal, started
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *fault: object) -> None:
        self._stack.close()

    @property
    def url(self) -> str:
        """The org's address, such as ``http://127.0.0.1:40123``."""
        return self._sandbox.url

    @property
    def token(self) -> str:
        """An API token of the org, for the header ``Authorization: SSWS {token}``."""
        return self._sandbox.token.reveal()

    def create_user(
        self,
        login: str | None = None,
        *,
        first_name: str = "Jane",
        last_name: str = "Doe",
        password: str | None = None,
        activate: bool = True,
        **profile: object,
    ) -> JsonObject:
        """Create a user and return it, as Okta's API does. ``login`` must be an e-mail address.

        Without ``login`` each user gets another one. ``profile`` are more attributes, in Okta's
        spelling: ``mobilePhone="555-0100"``.
        """
        login = self._next_login() if login is None else login
        names = {"firstName": first_name, "lastName": last_name}
        body: JsonObject = {"profile": {"login": login, "email": login, **names, **profile}}
        if password is not None:
            body["credentials"] = {"password": {"value": password}}
        user: JsonObject = self.call("POST", f"/api/v1/users?activate={activate}".lower(), body)
        return user

    def create_hook(
        self,
        url: str,
        *event_types: str,
        secret: str | None = None,
        name: str = "Test hook",
        verify: bool = True,
    ) -> JsonObject:
        """Create an event hook that calls ``url``, have it verified, and return it.

        Without ``event_types`` it subscribes to ``user.lifecycle.create``. ``secret`` is the whole
        value of the ``Authorization`` header. With ``verify=False`` it gets no events until
        something verifies it. Raises :class:`OrgRefused`, also if ``url`` does not answer the
        verification challenge.
        """
        if not isinstance(url, str):
            raise TypeError(
                f"an event hook calls a URL, not {type(url).__name__}: start the application on a"
                " port, or deliver to it with okta_deliver"
            )
        for event_type in event_types:
            if fault := event_type_fault(event_type):
                raise ValueError(fault)
        config: JsonObject = {"uri": url}
        if secret is not None:
            config["authScheme"] = {"type": "HEADER", "key": "Authorization", "value": secret}
        channel = {"type": "HTTP", "version": "1.0.0", "config": config}
        events = {"type": "EVENT_TYPE", "items": list(event_types) or [DEFAULT_EVENT_TYPE]}
        body: JsonObject = {"name": name, "events": events, "channel": channel}
        hook: JsonObject = self.call("POST", "/api/v1/eventHooks", body)
        return self.verify_hook(hook["id"]) if verify else hook

    def verify_hook(self, hook_id: str) -> JsonObject:
        """Send the verification challenge to a hook's URL, and return the hook."""
        try:
            hook: JsonObject = self.call("POST", f"/api/v1/eventHooks/{hook_id}/lifecycle/verify")
        except OrgRefused as refused:
            reasons = [each.reason for each in self._verifications if each.hook_id == hook_id]
            if not reasons:
                raise
            message = f"the event hook was not verified: {reasons[-1]}"
            raise OrgRefused(message, refused.status, refused.body) from None
        return hook

    @property
    def hooks(self) -> list[JsonObject]:
        """The event hooks, oldest first, as Okta's API shows them."""
        hooks: list[JsonObject] = self.call("GET", "/api/v1/eventHooks")
        return hooks

    @property
    def log(self) -> list[JsonObject]:
        """The whole System Log, oldest entry first."""
        entries = self._portal.call(self._sandbox.log.newest, self._sandbox.log.last_seq)
        return [logged.entry for logged in entries]

    def call(self, method: str, path: str, body: Mapping[str, object] | None = None) -> Any:  # noqa: ANN401 - any JSON
        """Call any operation of the org's API with its token.

        ``path`` may have a query. Returns the JSON of the answer, None if it is empty. Faults and
        rate limits do not apply to these calls, only to the program under test. Raises
        :class:`OrgRefused`.
        """
        content = b"" if body is None else json.dumps(body).encode()
        try:
            answer = self._portal.call(_api_answer, self._sandbox, method, path, content)
        except ApiRefusal as refusal:
            said = refusal.body("")
            causes = [cause["errorSummary"] for cause in said["errorCauses"]]
            reason = "; ".join(causes) or said["errorSummary"]
            message = f"the org refused {method} {path}: {reason} ({refusal.status})"
            raise OrgRefused(message, refusal.status, said) from None
        return json.loads(answer) if answer else None

    def wait_for_deliveries(self, timeout: float = 10.0) -> None:
        """Wait until every event so far was delivered to its hooks, or its delivery failed.

        A failure is in :attr:`log`, as an entry ``event_hook.delivery``. In an async test whose
        event loop also runs the receiver, use ``await asyncio.to_thread(org.wait_for_deliveries)``.
        After ``timeout`` seconds it raises ``TimeoutError``.
        """
        self._portal.call(self._delivered, timeout)

    def fault(self, fault: str) -> None:
        """Spoil the next answers of the API: ``KIND[=SECONDS][:COUNT][@[METHOD]PREFIX]``.

        ``429`` refuses the next call, ``500:3@/api/v1/users`` three about users, ``slow=2`` is 2 s
        late, ``cut`` breaks the connection, ``next-loop`` repeats a page. Raises ``ValueError``.
        """
        self._portal.call(self._sandbox.api.faults.add, read_fault(fault))

    def advance(
        self, *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0
    ) -> datetime:
        """Move the org's clock forward, and return its new time.

        The clock dates log entries and deliveries, resets rate limits, and lets tokens expire.
        """
        by = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
        if by < timedelta(0):
            raise ValueError(f"the org's clock cannot go back ({by.total_seconds():g} s)")
        return self._clock.advance(by)

    def reset(self) -> None:
        """Make it a new org: no hooks, users, log or faults, and the real time.

        The address and the token stay. Events that wait for their delivery are dropped.
        """
        self._clock.reset()
        self._portal.call(self._sandbox.reset)
        self._verifications.clear()
        self._users = 0

    @property
    def _portal(self) -> BlockingPortal:
        return self._started()[0]

    @property
    def _sandbox(self) -> RunningSandbox:
        return self._started()[1]

    def _started(self) -> tuple[BlockingPortal, RunningSandbox]:
        if self._running is None:
            raise RuntimeError('the org does not run: use "with SandboxOrg() as org:"')
        return self._running

    async def _delivered(self, within_s: float) -> None:
        try:
            with anyio.fail_after(within_s):
                await self._sandbox.dispatcher.none_left()
        except TimeoutError:
            raise TimeoutError(f"events are still not delivered after {within_s:g} s") from None

    def _next_login(self) -> str:
        self._users += 1
        return f"jane.doe{self._users if self._users > 1 else ''}@example.com"

    def _publish(self, activity: Activity) -> None:
        if isinstance(activity, HookVerification):
            self._verifications.append(activity)


async def _api_answer(sandbox: RunningSandbox, method: str, target: str, content: bytes) -> bytes:
    """Return the answer to a call with the org's token, past faults and rate limits.

    Raises:
        ApiRefusal: the org refused it.
    """
    path, _, query = target.partition("?")
    scope = {
        "type": "http",
        "method": method,
        "scheme": "http",
        "path": unquote(path),
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": [
            (b"host", urlsplit(sandbox.url).netloc.encode()),
            (b"authorization", f"SSWS {sandbox.token.reveal()}".encode()),
            (b"content-length", str(len(content)).encode()),
        ],
    }

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": content}

    response = await sandbox.api.response(Request(scope, receive), new_request_id())
    return bytes(response.body)
