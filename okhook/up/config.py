"""What ``okhook up`` is asked for, and what it works with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from okhook.http.client import HttpClient
from okhook.okta.auth.access import OrgAccess
from okhook.okta.event_hooks import WantedHook
from okhook.runtime.hub import ActivityHub
from okhook.runtime.run_files import RunDirectory
from okhook.runtime.shutdown import Shutdown
from okhook.sandbox.running import SandboxConfig
from okhook.serve.running import ServeConfig
from okhook.store.contract import Store
from okhook.tunnel.config import TunnelConfig
from okhook.tunnel.orphans import MayEnd


@dataclass(frozen=True, slots=True)
class UpConfig:
    """All that ``up`` is asked for.

    ``org`` is one that is there, or a sandbox that lives as long as the run. ``tunnel`` or
    ``public_url`` is how deliveries come in; with neither, a sandbox org on this machine calls the
    receiver itself. ``hook`` has no URL yet: that is known once the way in is open.

    ``path_timeout_s`` bounds the wait for a canary, ``wait_s`` the one for the verification.
    ``once`` ends with the first event of the org; ``keep`` leaves the hook active at the end.
    ``catch_up_since`` is from when on the org's events are fetched that no receiver was there for.
    """

    serve: ServeConfig
    org: OrgAccess | SandboxConfig
    hook: WantedHook
    hook_id: str | None = None
    tunnel: TunnelConfig | None = None
    public_url: str | None = None
    once: bool = False
    keep: bool = False
    catch_up_since: datetime | None = None
    wait_s: float = 30.0
    path_timeout_s: float = 30.0


@dataclass(frozen=True, slots=True)
class UpParts:
    """Store, hub and client are opened by the caller, and outlive the run."""

    store: Store
    hub: ActivityHub
    http: HttpClient
    run_directory: RunDirectory
    environ: Mapping[str, str]
    shutdown: Shutdown
    may_end_orphan: MayEnd
    now: Callable[[], datetime]
