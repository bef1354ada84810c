"""Which running ``okhook up`` looks after a hook: nobody else may take it from under it. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from okhook.errors import ConfigurationError
from okhook.okta.auth.access import is_same_org
from okhook.okta.event_hooks import EventHook
from okhook.runtime.run_files import RunRecord
from okhook.wire.org import NotAnOrg, Org, parse_org

Running = Callable[[str], Sequence[RunRecord]]
"""Returns the run files of one kind whose owners are alive."""

_URLS = (("receiver-", "url"), ("tunnel-", "webhook_url"))


@dataclass(frozen=True, slots=True)
class HookHolder:
    """An ``okhook up`` that runs on this machine and registered a hook; ``pid`` is its process."""

    org: Org
    pid: int | None

    def refusal(self, *, why: str | None = None, next_step: str) -> ConfigurationError:
        """Return the error of who would take the hook from it."""
        return ConfigurationError(
            f"another okhook is up with this hook of {self.org.host}{self.process}",
            why=why,
            next_step=next_step,
        )

    @property
    def process(self) -> str:
        """Its process, to stand behind a noun."""
        return f" (process {self.pid})" if self.pid else ""


def holder_of(hook: EventHook, org: Org, running: Running) -> HookHolder | None:
    """Return the ``okhook up`` that looks after ``hook``, as the run files of this machine say.

    A run file names the hook that its owner will deactivate. One that was active before is left
    active and not named; it is known by its URL, which leads to a receiver or a tunnel of the same
    process.
    """
    for record in running("up-"):
        pid, hook_id = record.facts.get("pid"), record.facts.get("hook_id")
        if not _is_in(record, org):
            continue
        if hook_id == hook.id or (hook_id is None and hook.url in _urls_of(pid, running)):
            return HookHolder(org, pid if isinstance(pid, int) else None)
    return None


def _is_in(record: RunRecord, org: Org) -> bool:
    named = record.facts.get("org")
    try:
        return isinstance(named, str) and is_same_org(parse_org(named), org)
    except NotAnOrg:
        return False


def _urls_of(pid: object, running: Running) -> set[object]:
    return {
        record.facts.get(fact)
        for kind, fact in _URLS
        for record in running(kind)
        if record.facts.get("pid") == pid
    }
