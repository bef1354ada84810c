"""What the checks are built from."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from okhook.config.setting import Setting
from okhook.config.settings import ShownSetting
from okhook.doctor.check import DEFAULT_TIMEOUT_S
from okhook.doctor.checks_hookdeck import HookdeckWanted
from okhook.doctor.commands import Commands
from okhook.doctor.finding_the_hook import HookMeant
from okhook.doctor.place import Place
from okhook.errors import OkhookError
from okhook.http.client import HttpClient
from okhook.okta.auth.credential import Credential
from okhook.okta.client import OktaClient
from okhook.okta.remembered import RememberedHooks
from okhook.runtime.child import BeforeHardExit
from okhook.runtime.run_files import RunDirectory
from okhook.secret import HookAuth
from okhook.wire.org import Org


@dataclass(frozen=True, slots=True)
class ProgramParts:
    """What is known before any setting is: the program, and how reading the settings went.

    ``settings_fault`` is why they cannot be used; None where they can.
    """

    version: str
    python: tuple[int, int, int]
    requires_python: str | None
    store_file: Path
    settings_files: Sequence[Path]
    settings: Sequence[ShownSetting]
    settings_fault: OkhookError | None
    now: Callable[[], datetime]
    timeout_s: float = DEFAULT_TIMEOUT_S


@dataclass(frozen=True, slots=True)
class LocalParts:
    """This machine, by the settings. ``url`` is the one that is set to lead to the receiver.

    ``host`` and ``place`` are where that listens, or should.
    """

    store_file: Path
    run_directory: RunDirectory
    host: str
    place: Place
    auth: Setting[HookAuth] | None
    url: Setting[str] | None
    hookdeck: HookdeckWanted
    environ: Mapping[str, str]
    directory: Path
    http: HttpClient
    before_hard_exit: BeforeHardExit
    commands: Commands


@dataclass(frozen=True, slots=True)
class OrgParts:
    """The org, as far as one is set. An error stands for what cannot be meant.

    ``org`` and ``credential`` are None where no org is set; ``client`` is there where both are.
    ``sandbox_runs`` tells that one could be named.
    """

    org: Setting[Org] | OkhookError | None
    proxy: str | None
    credential: Credential | OkhookError | None
    client: OktaClient | None
    sandbox_runs: bool
    remembered: RememberedHooks
    meant: HookMeant
