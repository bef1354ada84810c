"""The sandbox org at work: its socket, its server, its dispatcher, its run file."""

import hashlib
import os
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import anyio

from okhook.activity import Activity
from okhook.errors import ConfigurationError, PortInUse
from okhook.http.client import HttpClient
from okhook.runtime.ids import RANDOM_IDS, utc_now
from okhook.runtime.run_files import AlreadyRunning, RunDirectory
from okhook.runtime.runs import SandboxRun
from okhook.runtime.server import serving
from okhook.runtime.sockets import listen, port_of, url_of
from okhook.sandbox.dispatcher import Pace
from okhook.sandbox.injected_faults import Faults
from okhook.sandbox.org import SandboxOrg, load_org
from okhook.sandbox.rate_limit import RateLimit
from okhook.sandbox.service_apps import ServiceApp
from okhook.sandbox.surroundings import Surroundings
from okhook.sandbox.system_log import SystemLog
from okhook.sandbox.tokens import Tokens
from okhook.secret import Secret
from okhook.wire.hook_call import DELIVERY_USER_AGENT, TIMEOUT_S

HOST = "127.0.0.1"
"""The sandbox is for this machine alone."""

DEFAULT_PORT = 8137


def generated_token() -> Secret:
    """Return a fresh API token of Okta's form: ``00`` and 40 characters."""
    return Secret(f"00{secrets.token_urlsafe(30)}")


@dataclass(frozen=True, slots=True)
class SandboxConfig:
    """How the org behaves. ``port`` 0 lets the system choose; ``data`` keeps the org in a file.

    The owner of ``restricted_token`` has no permission for event hooks (Okta's 403). ``faults`` are
    injected into the org's answers.
    """

    token: Secret
    port: int = DEFAULT_PORT
    pace: Pace = field(default_factory=Pace)
    rate_limit: RateLimit = field(default_factory=RateLimit)
    data: Path | None = None
    restricted_token: Secret | None = None
    service_apps: tuple[ServiceApp, ...] = ()
    faults: Faults = ()


@dataclass(frozen=True, slots=True)
class RunningSandbox:
    """An org that answers at ``url``.

    ``hooks_lacking_secret`` names the hooks that came back from the file without their secret.
    ``log`` is its System Log, for who lets something have happened.
    """

    url: str
    port: int
    token: Secret
    hooks_lacking_secret: tuple[str, ...]
    log: SystemLog


@asynccontextmanager
async def running_sandbox(
    config: SandboxConfig,
    *,
    publish: Callable[[Activity], None],
    run_directory: RunDirectory,
    now: Callable[[], datetime] = utc_now,
) -> AsyncIterator[RunningSandbox]:
    """Run the org for as long as the block lasts.

    At its end calls in flight finish, the file is written, and deliveries that wait are dropped.

    Raises:
        PortInUse: somebody listens on the port.
        ConfigurationError: the file cannot be read or written, holds something else, or is another
            sandbox's.

    """
    with ExitStack() as held:
        if config.data is not None:
            _own_file(config.data, run_directory, held)
        state, log = load_org(config.data, now())
        listener = listen(HOST, config.port)
        held.callback(listener.close)
        port, url = port_of(listener), url_of(listener)
        try:
            run_file = held.enter_context(run_directory.own(SandboxRun.name(port)))
        except AlreadyRunning as error:
            raise PortInUse(f"another sandbox runs on port {port}") from error
        lacking = tuple(hook.draft.name for hook in state.hooks() if hook.lacks_secret)
        async with (
            HttpClient(user_agent=DELIVERY_USER_AGENT, timeout_s=TIMEOUT_S) as client,
            anyio.create_task_group() as tasks,
        ):
            org = SandboxOrg(
                url=url,
                state=state,
                log=log,
                tokens=Tokens(config.token, config.restricted_token),
                service_apps=config.service_apps,
                pace=config.pace,
                rate_limit=config.rate_limit,
                faults=config.faults,
                data=config.data,
                around=Surroundings(client, publish, now, RANDOM_IDS),
            )
            await tasks.start(org.run)
            try:
                async with serving(org.app, listener):
                    run_file.write(SandboxRun(url, config.token.reveal(), port))
                    yield RunningSandbox(url, port, config.token, lacking, log)
            finally:
                org.stop()


def _own_file(data: Path, run_directory: RunDirectory, held: ExitStack) -> None:
    """Keep a second sandbox from the file: each would overwrite what the other wrote."""
    name = hashlib.sha256(os.fsencode(data.resolve())).hexdigest()[:16]
    try:
        held.enter_context(run_directory.own(f"org-file-{name}"))
    except AlreadyRunning as error:
        raise ConfigurationError(
            f"another sandbox keeps its org in {data}", next_step="stop it, or name another file"
        ) from error
