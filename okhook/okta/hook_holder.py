"""Find the running ``okhook up`` that uses a hook."""

from dataclasses import dataclass

from okhook.errors import ConfigurationError
from okhook.okta.auth.access import is_address_of
from okhook.okta.event_hooks import EventHook
from okhook.runtime.run_files import RunDirectory
from okhook.runtime.runs import ReceiverRun, TunnelRun, UpRun
from okhook.wire.org import Org


@dataclass(frozen=True, slots=True)
class HookHolder:
    """A running ``okhook up`` that registered a hook."""

    org: Org
    pid: int

    def refusal(self, *, why: str | None = None, next_step: str) -> ConfigurationError:
        """Return the error for a command that must not change the hook."""
        return ConfigurationError(
            f"another okhook is up with this hook of {self.org.host}{self.process}",
            why=why,
            next_step=next_step,
        )

    @property
    def process(self) -> str:
        """Its process id in brackets."""
        return f" (process {self.pid})" if self.pid else ""


def holder_of(hook: EventHook, org: Org, runs: RunDirectory) -> HookHolder | None:
    """Return the running ``okhook up`` that uses ``hook``.

    A run file names only a hook that its process will deactivate. Any other hook is found by its
    URL, which is that of a receiver or a tunnel of the same process.
    """
    for up in runs.running(UpRun):
        if not is_address_of(org, up.org):
            continue
        receivers = [run.url for run in runs.running(ReceiverRun) if run.pid == up.pid]
        tunnels = [run.webhook_url for run in runs.running(TunnelRun) if run.pid == up.pid]
        if up.hook_id == hook.id or (not up.hook_id and hook.url in (*receivers, *tunnels)):
            return HookHolder(org, up.pid)
    return None
