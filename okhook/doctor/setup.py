"""The setup to check, as the settings describe it: this machine, the org and the hook."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from okhook.config.setting import Setting
from okhook.config.settings import ShownSetting
from okhook.doctor.commands import Commands
from okhook.errors import OkhookError
from okhook.http.client import HttpClient
from okhook.okta.auth.credential import Credential
from okhook.okta.client import OktaClient
from okhook.okta.remembered import RememberedHooks
from okhook.runtime.child import BeforeHardExit
from okhook.runtime.run_files import RunDirectory
from okhook.runtime.running_here import LocalEndpoint, RunningHere
from okhook.secret import HookAuth
from okhook.wire.org import Org


@dataclass(frozen=True, slots=True)
class SettingsRead:
    """How reading the settings went. ``error`` is why they cannot be used, None if they can."""

    files: Sequence[Path]
    shown: Sequence[ShownSetting]
    error: OkhookError | None = None


@dataclass(frozen=True, slots=True)
class Setup:
    """This machine, the org and the hook, as the settings describe them.

    ``endpoint`` on ``host`` is where the receiver listens, or should; ``url`` is the setting that
    leads there. ``org`` and ``credential`` are None if they are not set, and an error if they are
    set wrongly; ``client`` is None unless both are usable. ``hook_named`` is what ``--hook`` says.
    """

    run_directory: RunDirectory
    running: RunningHere
    host: str
    endpoint: LocalEndpoint
    url: Setting[str] | None
    auth: Setting[HookAuth] | None
    hookdeck: Setting[str] | None
    environ: Mapping[str, str]
    directory: Path
    http: HttpClient
    before_hard_exit: BeforeHardExit
    commands: Commands
    org: Setting[Org] | OkhookError | None
    credential: Credential | OkhookError | None
    client: OktaClient | None
    hook_named: str | None
    usual_hook_name: str

    @property
    def remembered(self) -> RememberedHooks:
        """The hooks that this machine registered."""
        return RememberedHooks(self.run_directory.state)

    @property
    def org_is_here(self) -> bool:
        """Whether the org runs on this machine, and can call a receiver without a tunnel."""
        return isinstance(self.org, Setting) and self.org.value.is_loopback

    @property
    def reachable_urls(self) -> tuple[str, ...]:
        """The URLs of receivers that the org can call: none, unless it runs on this machine."""
        return self.running.receiver_urls if self.org_is_here else ()

    def making_a_hook(self) -> str:
        """Return the commands that create a hook which leads here."""
        commands, url = self.commands, self.url
        if self.running.webhook_urls or (url is not None and not url.from_flag):
            return commands.with_secret("register")
        if url is not None:
            return commands.with_secret("register", "--url", url.value)
        if self.reachable_urls:
            return commands.with_secret("register", "--url", self.reachable_urls[0])
        if not self.org_is_here:
            return commands.for_org("up")
        register = commands.with_secret("register", "--url", self.endpoint.url)
        return f"{commands.serve(self.endpoint)}\nand in another terminal:\n{register}"
