"""A running sandbox org: its socket, server, background tasks and run file."""

import hashlib
import os
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import anyio

from okhook.activity import Activity
from okhook.config.settings import Settings
from okhook.errors import ConfigurationError, PortInUse
from okhook.http.client import HttpClient
from okhook.runtime.ids import utc_now
from okhook.runtime.run_files import RunDirectory, SandboxRun
from okhook.runtime.server import serving
from okhook.runtime.sockets import how_to_free, listen, port_of, url_of
from okhook.sandbox import (
    routes_credentials,
    routes_groups,
    routes_hooks,
    routes_lifecycle,
    routes_logs,
    routes_org,
    routes_sign_in,
    routes_users,
)
from okhook.sandbox.api import SandboxApi
from okhook.sandbox.dispatcher import Dispatcher
from okhook.sandbox.faults import Fault, FaultInjection, RateMeter
from okhook.sandbox.hooks import lacks_secret
from okhook.sandbox.oauth.jwts import ServiceApp
from okhook.sandbox.oauth.server import TOKEN_PATH, OAuthServer
from okhook.sandbox.org import Org
from okhook.sandbox.org_file import OrgFile, load_org
from okhook.sandbox.system_log import SystemLog
from okhook.secret import Secret
from okhook.wire.hook_call import DELIVERY_USER_AGENT, TIMEOUT_S


def generated_token() -> Secret:
    """Return a new API token in Okta's form: ``00`` and 40 characters."""
    return Secret(f"00{secrets.token_urlsafe(30)}")


@dataclass(frozen=True, slots=True)
class SandboxConfig:
    """How the org behaves. With ``port`` 0 the system chooses one; ``data`` keeps the org.

    ``port_flag`` is the flag of the port. A hook must answer within ``answer_within_s``.
    """

    token: Secret
    host: str = Settings.sandbox_host.default
    port: int = Settings.sandbox_port.default
    port_flag: str = "--port"
    batch_window_s: float = Settings.sandbox_batch_window.default
    delay_s: float = Settings.sandbox_delay.default
    calls_per_minute: int = Settings.sandbox_rate_limit.default
    data: Path | None = None
    service_apps: tuple[ServiceApp, ...] = ()
    faults: tuple[Fault, ...] = ()
    answer_within_s: float = TIMEOUT_S


@dataclass(frozen=True, slots=True)
class RunningSandbox:
    """An org at ``url``. ``hooks_lacking_secret`` names the hooks whose secret a restart lost."""

    url: str
    port: int
    token: Secret
    hooks_lacking_secret: tuple[str, ...]
    org: Org
    api: SandboxApi
    dispatcher: Dispatcher

    @property
    def log(self) -> SystemLog:
        """The System Log."""
        return self.org.log

    def reset(self) -> None:
        """Make it a new org with the same address and token, for an org that is in no file."""
        self.org.state, self.org.log = load_org(None, self.org.now())
        self.api.faults.clear()
        self.api.meter.clear()


@asynccontextmanager
async def running_sandbox(
    config: SandboxConfig,
    *,
    publish: Callable[[Activity], None],
    run_directory: RunDirectory,
    now: Callable[[], datetime] = utc_now,
) -> AsyncIterator[RunningSandbox]:
    """Run the org until the block ends. Then it answers open calls and drops waiting deliveries.

    Raises ``PortInUse``, and ``ConfigurationError`` for the file.
    """
    with ExitStack() as stack:
        if config.data is not None:
            # Two sandboxes with one file would overwrite each other's changes.
            name = hashlib.sha256(os.fsencode(config.data.resolve())).hexdigest()[:16]
            in_use = ConfigurationError(
                f"another sandbox uses {config.data}",
                next_step="stop it, or name another file with --data",
            )
            stack.enter_context(run_directory.own(f"org-file-{name}", lambda _: in_use))
        state, log = load_org(config.data, now())
        file = OrgFile(config.data, state, log)
        lacking = tuple(hook["name"] for hook in state.hooks.values() if lacks_secret(state, hook))
        listener = listen(config.host, config.port, flag=config.port_flag, runs=run_directory)
        stack.callback(listener.close)
        port, url = port_of(listener), url_of(listener)
        run_file = stack.enter_context(
            run_directory.own(
                SandboxRun.name(port),
                lambda owner: PortInUse(
                    f"another sandbox runs on port {port} ({owner})",
                    next_step=how_to_free(port, config.port_flag, run_directory),
                ),
            )
        )
        background = anyio.CancelScope(shield=True)
        async with (
            HttpClient(user_agent=DELIVERY_USER_AGENT, timeout_s=config.answer_within_s) as client,
            anyio.create_task_group() as tasks,
        ):
            dispatcher = Dispatcher(config.batch_window_s, config.delay_s)
            org = Org(
                url,
                state,
                log,
                client=client,
                answer_within_s=config.answer_within_s,
                publish=publish,
                now=now,
                send=dispatcher.put,
                changed=file.changed,
            )
            await file.write()
            tasks.start_soon(_run_background, dispatcher, org, file, background)
            try:
                api = _api(org, config)
                async with serving(api, listener, publish, date_header=False):
                    run_file.write(SandboxRun(url, config.token.reveal(), port))
                    yield RunningSandbox(url, port, config.token, lacking, org, api, dispatcher)
            finally:
                background.cancel()


async def _run_background(
    dispatcher: Dispatcher, org: Org, file: OrgFile, scope: anyio.CancelScope
) -> None:
    """Deliver events and keep the file until ``scope`` is cancelled.

    The scope is shielded, so that this outlives the last calls that the server answers.
    """
    with scope:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(dispatcher.run, org)
            tasks.start_soon(file.run)


def _api(org: Org, config: SandboxConfig) -> SandboxApi:
    oauth = OAuthServer(config.service_apps, org.now)
    return SandboxApi(
        org,
        (
            *routes_hooks.ENDPOINTS,
            *routes_users.ENDPOINTS,
            *routes_lifecycle.ENDPOINTS,
            *routes_credentials.ENDPOINTS,
            *routes_groups.ENDPOINTS,
            *routes_logs.ENDPOINTS,
            *routes_org.ENDPOINTS,
            *routes_sign_in.ENDPOINTS,
            ("POST", TOKEN_PATH, oauth.answer),
        ),
        token=config.token,
        oauth=oauth,
        meter=RateMeter(config.calls_per_minute),
        faults=FaultInjection(config.faults, org.publish, org.now),
    )
