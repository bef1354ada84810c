"""The content of run files: what a running command tells other commands."""

from dataclasses import dataclass, field
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Run:
    """A running command. The name of its run file begins with ``kind``."""

    kind: ClassVar[str]
    pid: int = field(default=0, kw_only=True)

    @classmethod
    def name(cls, which: object) -> str:
        """Return the name of a run file of this kind."""
        return f"{cls.kind}-{which}"


@dataclass(frozen=True, slots=True)
class ReceiverRun(Run):
    """A receiver, named by its port. ``url`` is the local URL of the hook."""

    kind: ClassVar[str] = "receiver"
    url: str
    port: int
    path: str = ""
    asks_for_secret: bool = True


@dataclass(frozen=True, slots=True)
class TunnelRun(Run):
    """A tunnel, named by its port. It has a ``webhook_url`` when it is ready.

    ``child_pid`` is Hookdeck's process. The system reuses process ids, but not with the same start.
    """

    kind: ClassVar[str] = "tunnel"
    source: str = "?"
    path: str = ""
    port: int = 0
    child_pid: int | None = None
    child_started_at: float | None = None
    webhook_url: str | None = None
    dashboard_url: str | None = None


@dataclass(frozen=True, slots=True)
class UpRun(Run):
    """An ``okhook up``, named by its hook. It will deactivate the hook ``hook_id``."""

    kind: ClassVar[str] = "up"
    org: str
    hook_id: str | None = None


@dataclass(frozen=True, slots=True)
class SandboxRun(Run):
    """A sandbox org, named by its port, with its API token."""

    kind: ClassVar[str] = "sandbox"
    org_url: str
    token: str = field(repr=False)
    port: int = 0


@dataclass(frozen=True, slots=True)
class TriggerRun(Run):
    """An ``okhook trigger``. The names of what it creates end in ``suffix``."""

    kind: ClassVar[str] = "trigger"
    suffix: str
