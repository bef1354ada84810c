"""Notice that Hookdeck's process does not run: it is stopped, or hangs in the kernel.

Its connection stays open meanwhile, and what Hookdeck's cloud sends through it is lost.
"""

from dataclasses import dataclass

from okhook.activity import Activity
from okhook.runtime.child import group_members
from okhook.tunnel.activities import TunnelResumed, TunnelStalled

LOOK_EVERY_S = 2.0
_LOOKS = {"stopped": 2, "tracing-stop": 2, "disk-sleep": 5}
"""The states of a process that does not run, and at which look in a row it is said."""

_RESTART_AT = 15
"""At which look in a row the child is replaced."""

_SAID = {
    "stopped": "is stopped by a signal; to continue it: kill -CONT -- -{0}",
    "tracing-stop": "is held by a debugger (process group {0})",
    "disk-sleep": "hangs in the kernel (process group {0})",
}


@dataclass(slots=True)
class StallWatch:
    """Watches the process group of one child. Look every ``LOOK_EVERY_S``."""

    pgid: int
    _state: str | None = None
    _looks: int = 0

    def look(self, state: str | None) -> Activity | None:
        """Return what is new, given the state that :func:`stalled_state` returned."""
        if state != self._state:
            was_said = self._state is not None and self._looks >= _LOOKS[self._state]
            self._state, self._looks = state, 0
            if was_said and state is None:
                return TunnelResumed()
        self._looks += 1
        if state is not None and self._looks == _LOOKS[state]:
            return TunnelStalled(f"Hookdeck {_SAID[state].format(self.pgid)}")
        return None

    @property
    def is_hopeless(self) -> bool:
        """Whether it did not run for so long that a new child is better."""
        return self._state is not None and self._looks >= _RESTART_AT


def stalled_state(pgid: int) -> str | None:
    """Return the state of a process of the group that does not run; None if all do."""
    import psutil

    for pid in group_members(pgid):
        try:
            state = str(psutil.Process(pid).status())
        except psutil.Error:
            continue
        if state in _LOOKS:
            return state
    return None
