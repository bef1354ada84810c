"""The pace of deriving: how soon its next step is due, while many deliveries arrive or few."""

REST_PER_WORK = 39
"""How long deriving pauses while many deliveries arrive, in multiples of the last step."""

LONGEST_REST_S = 5.0
"""A step that took long because a database did not answer is no reason to pause for minutes."""

POURING_WITHIN_S = 0.01
"""Deliveries pour in if the store's writer was idle for less than this before a commit.

The time between commits does not tell: on a slow disk it is long while deliveries wait.
"""

AGAIN_AFTER_S = 1.0
"""How long deriving waits after an error, such as a full disk or a lock."""


class Pace:
    """Decides when the next step is due: the first at once. Times are of one monotonic clock."""

    def __init__(self) -> None:
        self._due_at: float | None = float("-inf")
        self._wrote = False
        self._pours = False

    def wrote(self, now: float, *, idle_s: float) -> None:
        """Report that records were written, and how long the writer was idle before."""
        self._pours = idle_s < POURING_WITHIN_S
        self._wrote = True
        self.resume(now)

    def resume(self, now: float) -> None:
        """Report that there is work again."""
        if self._due_at is None:
            self._due_at = now

    def derived(self, now: float, *, took_s: float, complete: bool) -> None:
        """Report the end of a step, and whether no work is left."""
        self._due_at = None if complete else now
        if self._wrote and self._pours:
            self._due_at = now + min(took_s * REST_PER_WORK, LONGEST_REST_S)
        self._wrote = False

    def failed(self, now: float, again_after_s: float = AGAIN_AFTER_S) -> None:
        """Report that a step failed, or that another process is doing it."""
        self._due_at = now + again_after_s

    def is_due(self, now: float) -> bool:
        """Return whether a step is due."""
        return self._due_at is not None and self._due_at <= now

    def patience_s(self, now: float) -> float | None:
        """Return how long until a step is due; None if there is no work."""
        return None if self._due_at is None else max(0.0, self._due_at - now)
