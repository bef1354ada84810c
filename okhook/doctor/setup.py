"""The setup to check, as the settings describe it: this machine, the org and the hook."""

import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from okhook.config.setting import Setting
from okhook.config.shown import ShownSetting
from okhook.errors import InvalidInput, OkhookError
from okhook.http.client import HttpClient
from okhook.okta.answers import Redact
from okhook.okta.auth.credential import Credential
from okhook.okta.client import OktaClient
from okhook.okta.event_hooks import EventHook
from okhook.okta.hook_choice import chosen
from okhook.okta.refusals import NotFound
from okhook.okta.registered_here import RegisteredHere
from okhook.runtime.child import BeforeHardExit
from okhook.runtime.run_files import RunDirectory
from okhook.runtime.running_here import LocalEndpoint, RunningHere
from okhook.secret import HookAuth
from okhook.text import counted, plain
from okhook.wire.org import Org

SECRET_FILE = "FILE"  # noqa: S105 - a word for the reader to replace
"""Stands in a command for the name of a file that holds the secret."""

SECRET_FILE_FLAG = "--auth-secret-file"  # noqa: S105 - a flag


@dataclass(frozen=True, slots=True)
class Commands:
    """Writes commands for the same org and with the same secret as this run.

    ``for_org`` writes a command for the same org. ``secret`` are the flags with which a command
    finds the secret; it is empty if no flag is needed. ``own_path`` is the path of a receiver that
    gets no ``--path``, and ``own_host`` the ``--host`` that a receiver gets, if any.
    """

    for_org: Callable[..., str]
    secret: tuple[str, ...]
    own_path: str | None
    own_host: str | None = None

    def with_secret(self, *words: str) -> str:
        """Return a command for the same org, with the flags for the secret."""
        return self.for_org(*words, *self.secret)

    def with_secret_in_file(self, *words: str) -> str:
        """Return a command that reads the secret from a file, and how to write that file."""
        line = self.for_org(*words, SECRET_FILE_FLAG, SECRET_FILE)
        return (
            f"{line}\nwhere {SECRET_FILE} contains only the receiver's secret; okhook up generates"
            " a secret unless you start it with OKHOOK_AUTH_SECRET"
        )

    def with_header(self, field: str, *words: str) -> str:
        """Return a command with the flags for the secret and for its header ``field``."""
        named = () if "--auth-field" in self.secret else ("--auth-field", field)
        return self.with_secret(*words, *named)

    def serve(self, endpoint: LocalEndpoint) -> str:
        """Return the command that starts a receiver at ``endpoint``."""
        path = () if endpoint.path == self.own_path else ("--path", endpoint.path)
        host = () if self.own_host is None else ("--host", self.own_host)
        where = (*host, "--port", str(endpoint.port), *path)
        return shlex.join(("okhook", "serve", *where, *self.secret))


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
    receiver_port: int | None = None
    """The port of the receiver that the settings name, if several run."""

    @property
    def checked_here(self) -> RunningHere:
        """What runs here, only the receiver that is named if one is, and its tunnel."""
        port = self.receiver_port
        return self.running if port is None else self.running.at_port(port)

    @property
    def registered_here(self) -> RegisteredHere:
        """The hooks that this machine registered."""
        return RegisteredHere(self.run_directory.state)

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


def find_hook(setup: Setup, hooks: Sequence[EventHook], org: Org, redact: Redact) -> EventHook:
    """Return the hook to check.

    It is the one that was named, else that of a running ``okhook up``, else the one with the usual
    name, else the only one that this machine registered.

    Raises:
        NotFound: the org has no such hook.
        InvalidInput: there are several.
    """
    usual_name, registered_here = setup.usual_hook_name, setup.registered_here
    if setup.hook_named is not None:
        return chosen(setup.hook_named, hooks, org, redact)
    by_id = {hook.id: hook for hook in hooks}
    known = registered_here.id_of(org, usual_name)
    of_runs = [up.hook_id for up in setup.running.ups if up.org == org.url]
    for hook_id in (*of_runs, known):
        if hook_id in by_id:
            return by_id[hook_id]
    if any(hook.name == usual_name for hook in hooks):
        return chosen(usual_name, hooks, org, redact)
    known_ids = {hook_id for _, hook_id in registered_here.names_and_ids()}
    ours = [hook for hook in hooks if hook.id in known_ids]
    ours = [hook for hook in ours if hook.is_active] or ours
    if len(ours) == 1:
        return ours[0]
    if ours:
        raise InvalidInput(
            f"this machine registered {len(ours)} event hooks in {org.host}",
            why="\n".join(f"{hook.id}  {plain(hook.name, limit=80)}" for hook in ours),
            next_step="choose one with --hook ID",
        )
    making, others = setup.making_a_hook(), counted(len(hooks), "other")
    raise NotFound(
        f"{org.host} has no event hook {plain(usual_name, limit=80)}",
        why=f"it has {others}, which this machine did not register" if hooks else None,
        next_step=f"{making}\nor choose another with --hook ID" if hooks else making,
    )
