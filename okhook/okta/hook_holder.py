"""Find the running ``okhook up`` that uses a hook: no other command may replace it then."""

from dataclasses import dataclass

from okhook.errors import ConfigurationError
from okhook.okta.auth.access import is_address_of
from okhook.okta.event_hooks import EventHook
from okhook.runtime.run_files import RunDirectory
from okhook.runtime.runs import ReceiverRun, TunnelRun, UpRun
from okhook.wire.org import Org


@dataclass(frozen=True, slots=True)
class HookHolder:
    """An ``okhook up`` that runs on this machine and registered a hook; ``pid`` is its process."""

    org: Org
    pid: int

    def refusal(self, *, why: str | None = None, next_step: str) -> ConfigurationError:
        """Return the error for a command that would take the hook away from it."""
        return ConfigurationError(
            f"another okhook is up with this hook of {self.org.host}{self.process}",
            why=why,
            next_step=next_step,
        )

    @property
    def process(self) -> str:
        """Its process, to stand behind a noun."""
        return f" (process {self.pid})" if self.pid else ""


def holder_of(hook: EventHook, org: Org, runs: RunDirectory) -> HookHolder | None:
    """Return the ``okhook up`` that looks after ``hook``, as the run files of this machine say.

    A run file names the hook that its owner will deactivate. One that was active before is left
    active and not named; it is known by its URL, which leads to a receiver or a tunnel of the same
    process.
    """
    for up in runs.running(UpRun):
        if not is_address_of(org, up.org):
            continue
        if up.hook_id == hook.id or (not up.hook_id and hook.url in _urls_of(up, runs)):
            return HookHolder(org, up.pid)
    return None


def _urls_of(up: UpRun, runs: RunDirectory) -> set[str | None]:
    """Return the URLs that lead to the receiver of an up: its own, and its tunnel's."""
    receivers = {run.url for run in runs.running(ReceiverRun) if run.pid == up.pid}
    tunnels = {run.webhook_url for run in runs.running(TunnelRun) if run.pid == up.pid}
    return {*receivers, *tunnels}
