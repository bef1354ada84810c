"""What happened to the path from the webhook URL to the receiver, as far as operators count it."""

import time

from okhook.activity import Published
from okhook.runtime.hub import ActivityHub
from okhook.tunnel.activities import TunnelRestarting
from okhook.up.activities import PathProved, StepChanged


class PathSeen:
    """How often the tunnel restarted, and when the path was proved last, in seconds since 1970."""

    def __init__(self) -> None:
        self.restarts = 0
        self.proved_at_s: float | None = None

    async def follow(self, hub: ActivityHub) -> None:
        """Notice what a hub publishes, until it ends."""
        with hub.subscribe() as published:
            while batch := await published.batch():
                for activity in batch:
                    self.notice(activity)

    def notice(self, activity: Published) -> None:
        """Count an activity of the path. Others do not matter."""
        if isinstance(activity, TunnelRestarting):
            self.restarts += 1
        elif isinstance(activity, PathProved) or _is_first_proof(activity):
            self.proved_at_s = time.time()


def _is_first_proof(activity: Published) -> bool:
    return isinstance(activity, StepChanged) and (activity.step, activity.state) == ("path", "done")
