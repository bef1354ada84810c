"""What each command tells the others while it runs: the content of its run file."""

from dataclasses import dataclass, field
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Run:
    """A command that runs. The names of its run files begin with ``kind``.

    ``pid`` is its process; whoever writes the file may leave it out.
    """

    kind: ClassVar[str]
    pid: int = field(default=0, kw_only=True)

    @classmethod
    def name(cls, which: object) -> str:
        """Return the name of a run file of this kind."""
        return f"{cls.kind}-{which}"


@dataclass(frozen=True, slots=True)
class ReceiverRun(Run):
    """A receiver, named by its port. ``url`` is that of the hook's path on this machine."""

    kind: ClassVar[str] = "receiver"
    url: str
    port: int
    path: str = ""
    asks_for_secret: bool = True


@dataclass(frozen=True, slots=True)
class TunnelRun(Run):
    """A tunnel, named by the port that it leads to. It has a ``webhook_url`` once it is ready.

    ``child_pid`` is Hookdeck's process. A process id is used again after a while; a process id
    with its start is not.
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
    """An ``okhook up``, named by its hook. ``hook_id`` is the hook that it will deactivate."""

    kind: ClassVar[str] = "up"
    org: str
    hook_id: str | None = None


@dataclass(frozen=True, slots=True)
class SandboxRun(Run):
    """A sandbox org, named by its port, with the token that opens it."""

    kind: ClassVar[str] = "sandbox"
    org_url: str
    token: str = field(repr=False)
    port: int = 0


@dataclass(frozen=True, slots=True)
class TriggerRun(Run):
    """An ``okhook trigger``. The names of all that it makes in an org end in ``suffix``."""

    kind: ClassVar[str] = "trigger"
    suffix: str
