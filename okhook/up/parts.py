"""What a run works with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from okhook.http.client import HttpClient
from okhook.runtime.child import BeforeHardExit
from okhook.runtime.hub import ActivityHub
from okhook.runtime.run_files import RunDirectory
from okhook.store.contract import Store
from okhook.tunnel.orphans import MayEnd


@dataclass(frozen=True, slots=True)
class UpParts:
    """Store, hub and client are opened by the caller, and outlive the run."""

    store: Store
    hub: ActivityHub
    http: HttpClient
    state: Path
    run_directory: RunDirectory
    environ: Mapping[str, str]
    before_hard_exit: BeforeHardExit
    may_end_orphan: MayEnd
    now: Callable[[], datetime]
