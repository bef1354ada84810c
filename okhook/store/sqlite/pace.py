"""When to derive: at once while little comes in, sparingly while deliveries pour in."""

from typing import final

REST_PER_WORK = 39
"""How long deriving rests while deliveries pour in, in multiples of the time that it took."""

POURING_WITHIN_S = 0.05
"""Two commits closer together than this are a pour; what comes alone is derived from at once."""

AGAIN_AFTER_S = 1.0
"""How long deriving waits after a fault: a full disk, or another process's lock."""


@final
class Pace:
    """Says when the next step of deriving is due. All times are seconds of one monotonic clock.

    The first step is due at once, because an earlier run may have left something.
    """

    def __init__(self) -> None:
        self._due_at: float | None = float("-inf")
        self._wrote_at = float("-inf")
        self._wrote = False
        self._pours = False

    def wrote(self, now: float) -> None:
        """Note that records were written: there is something to derive from."""
        self._pours = now - self._wrote_at < POURING_WITHIN_S
        self._wrote_at = now
        self._wrote = True
        self.resume(now)

    def resume(self, now: float) -> None:
        """Note that there is something to derive from again."""
        if self._due_at is None:
            self._due_at = now

    def derived(self, now: float, *, took_s: float, complete: bool) -> None:
        """Note the end of a step, and whether there is nothing left to derive from."""
        rests = self._wrote and self._pours
        self._due_at = None if complete else now
        if rests:
            self._due_at = now + took_s * REST_PER_WORK
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
