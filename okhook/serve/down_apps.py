"""Note in the receiver's run file which apps are down, so that the inspector can say it."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime

from okhook.activity import Activity
from okhook.errors import ConfigurationError
from okhook.records.activities import TargetDown, TargetUp
from okhook.runtime.run_files import DownApp, ReceiverRun, RunDirectory


@dataclass(slots=True)
class DownApps:
    """Takes the activities of forwarding, and notes which apps do not answer."""

    run_directory: RunDirectory
    now: Callable[[], datetime]
    _port: int | None = None
    _down: dict[str, DownApp] = field(default_factory=dict)

    def learn(self, activity: Activity) -> None:
        """Take an activity into account."""
        match activity:
            case TargetDown(target=url, reason=reason):
                self._down[url] = DownApp(url, self.now(), reason)
            case TargetUp(target=url):
                self._down.pop(url, None)
            case _:
                return
        self._note()

    def runs_on(self, port: int) -> None:
        """Begin to note them: the receiver runs on ``port``, and has a run file."""
        self._port = port
        if self._down:
            self._note()

    def _note(self) -> None:
        if self._port is None:
            return
        down = tuple(self._down.values())
        # On a full disk the inspector does not know it, but everything else goes on.
        with suppress(ConfigurationError):
            self.run_directory.change(
                ReceiverRun, ReceiverRun.name(self._port), lambda run: replace(run, down=down)
            )
