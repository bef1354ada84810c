"""When to derive: at once while nothing else is to be done, sparingly while deliveries come in."""

from typing import final

REST_PER_WORK = 39
"""How long deriving rests while deliveries come in, in multiples of the time that it took."""

AGAIN_AFTER_S = 1.0
"""How long deriving waits after a fault: a full disk, or another process's lock."""


@final
class Pace:
    """Says when the next step of deriving is due. All times are seconds of one monotonic clock.

    The first step is due at once, because an earlier run may have left something.
    """

    def __init__(self) -> None:
        self._due_at: float | None = float("-inf")
        self._wrote = False

    def wrote(self, now: float) -> None:
        """Note that records were written: there is something to derive from."""
        self._wrote = True
        if self._due_at is None:
            self._due_at = now

    def derived(self, now: float, *, took_s: float, complete: bool) -> None:
        """Note the end of a step, and whether there is nothing left to derive from."""
        rest_s = took_s * REST_PER_WORK if self._wrote else 0.0
        self._due_at = None if complete else now + rest_s
        self._wrote = False

    def failed(self, now: float) -> None:
        """Note that a step failed."""
        self._due_at = now + AGAIN_AFTER_S

    def is_due(self, now: float) -> bool:
        """Tell whether a step should be done now."""
        return self._due_at is not None and self._due_at <= now

    def patience_s(self, now: float) -> float | None:
        """Return how long to wait for something to write; None for as long as it takes."""
        return None if self._due_at is None else max(0.0, self._due_at - now)
