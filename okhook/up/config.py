"""The configuration of ``okhook up``, and the parts that it works with."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from okhook.config.settings import Settings
from okhook.config.store_location import StoreLocation
from okhook.http.client import HttpClient
from okhook.okta.auth.access import OrgAccess
from okhook.okta.event_hooks import WantedHook
from okhook.runtime.counters import ServiceCounters
from okhook.runtime.hub import ActivityHub
from okhook.runtime.run_files import RunDirectory
from okhook.runtime.shutdown import Shutdown
from okhook.sandbox.running import SandboxConfig
from okhook.serve.running import ServeConfig
from okhook.store.contract import Store
from okhook.tunnel.hookdeck.config import HookdeckConfig


@dataclass(frozen=True, slots=True)
class UpConfig:
    """The configuration of ``okhook up``.

    ``org`` is an existing org, or a sandbox to run. Okta calls ``public_url``, else the URL of
    ``tunnel``, else the receiver itself. ``hook.url`` is empty until that URL is known.

    ``path_timeout_s`` limits the wait for a canary; ``prove_every_s`` (0: never) is the silence
    after which the path is proved again. ``wait_s`` limits the wait for the verification.
    ``once`` ends the run with the org's first event, ``within_s`` with an error if that takes
    longer; ``keep`` leaves the hook active at the end.
    Events that no receiver was running for are fetched from ``catch_up_since`` on.
    """

    serve: ServeConfig
    store: StoreLocation
    org: OrgAccess | SandboxConfig
    hook: WantedHook
    hook_id: str | None = None
    tunnel: HookdeckConfig | None = None
    public_url: str | None = None
    once: bool = False
    within_s: float | None = None
    keep: bool = False
    catch_up_since: datetime | None = None
    wait_s: float = Settings.wait.default
    path_timeout_s: float = 30.0
    prove_every_s: float = Settings.prove_every.default


@dataclass(frozen=True, slots=True)
class UpParts:
    """What the caller opens before the run and closes after it."""

    store: Store
    hub: ActivityHub
    http: HttpClient
    run_directory: RunDirectory
    environ: Mapping[str, str]
    shutdown: Shutdown
    counters: ServiceCounters = field(default_factory=ServiceCounters)
