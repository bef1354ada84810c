"""Derive between commits: when a step is due, run it, and tell of growth and of trouble."""

import math
import time
from collections.abc import Callable

from okhook.errors import StoreFailed
from okhook.store.pace import Pace
from okhook.store.progress import Progress
from okhook.store.trouble import Trouble

Step = Callable[[], Progress | None]
"""Derives from a few records, and returns the progress; None if another process does it now."""

COMMIT_TIMES_KEPT = 200
"""How many commit times wait to be stored, the newest ones: a step of deriving holds up commits."""

OTHERS_TURN_S = 0.02
"""When to try again while another process derives."""

_RECOGNISING, _INDEXING = "recognising", "indexing"
"""The parts of the store that can fail while it goes on."""


class Deriver:
    """Runs the steps of a store in the thread that calls it. Duplicates go first: screens wait."""

    def __init__(
        self,
        *,
        recognise: Step,
        index: Step,
        grown: Callable[[int], None],
        trouble: Trouble,
        fault: Callable[[Exception], StoreFailed],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._recognise = recognise
        self._index = index
        self._grown = grown
        self._trouble = trouble
        self._fault = fault
        self._clock = clock
        self._recognising = Pace()
        self._indexing = Pace()
        self._recognised = 0

    def wrote(self, *, idle_s: float) -> None:
        """Report that records were written, and how long the writer was idle before."""
        now = self._clock()
        self._recognising.wrote(now, idle_s=idle_s)
        self._indexing.wrote(now, idle_s=idle_s)

    def resume(self) -> None:
        """Report that another process may have written records."""
        self._recognising.resume(self._clock())

    def saw(self, progress: Progress) -> None:
        """Report a progress that another process may have made."""
        now = self._clock()
        if not progress.is_recognised:
            self._recognising.resume(now)
        if not progress.is_indexed:
            self._indexing.resume(now)
        if progress.recognised > self._recognised:
            self._recognised = progress.recognised
            self._grown(progress.recognised)

    def patience_s(self) -> float:
        """Return how long until a step is due."""
        now = self._clock()
        waits = (self._recognising.patience_s(now), self._indexing.patience_s(now))
        return min((each for each in waits if each is not None), default=math.inf)

    def derive(self) -> None:
        """Run one step, if one is due."""
        now = self._clock()
        if self._recognising.is_due(now):
            self._run(self._recognise, self._recognising, _RECOGNISING)
        elif self._indexing.is_due(now):
            self._run(self._index, self._indexing, _INDEXING)

    def _run(self, step: Step, pace: Pace, part: str) -> None:
        began = self._clock()
        try:
            progress = step()
        except Exception as error:  # noqa: BLE001 - the thread must go on
            pace.failed(self._clock())
            self._trouble.failed(part, self._fault(error))
            return
        self._trouble.worked(part)
        if progress is None:
            pace.failed(self._clock(), OTHERS_TURN_S)
            return
        complete = progress.is_recognised if part == _RECOGNISING else progress.is_indexed
        ended = self._clock()
        pace.derived(ended, took_s=ended - began, complete=complete)
        self.saw(progress)
