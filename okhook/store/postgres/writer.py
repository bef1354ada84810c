"""Change the state of forwarding, and derive in between, with one thread and one connection."""

import math
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from okhook.config.store_location import without_password
from okhook.errors import StoreFailed
from okhook.store.contract import CommitCounters
from okhook.store.deriver import Deriver
from okhook.store.group_commit import GroupCommit
from okhook.store.postgres.connection import (
    FORWARDING,
    Connection,
    Link,
    refuse_read_only,
    take_lock,
    transaction,
)
from okhook.store.postgres.deriving import index, recognise
from okhook.store.postgres.faults import store_failed
from okhook.store.progress import Progress, progress_of
from okhook.store.trouble import Trouble

Change = Callable[[Connection], Any]

_LOOKING = "looking"
"""The part of the store that fails while the database is away or read-only."""

_LOOK_EVERY_S = 1.0
"""How often somebody else's records are looked for, if no notification comes."""


class Writer(GroupCommit[Change]):
    """Changes for the event loop of its creation, where it calls ``grown`` back."""

    def __init__(
        self,
        url: str,
        trouble: Trouble,
        commits: CommitCounters,
        grown: Callable[[int], None],
        commit_times: "deque[tuple[int, int]]",
    ) -> None:
        super().__init__(without_password(url), commits)
        self._url = url
        self._trouble = trouble
        self._commit_times = commit_times
        self.link = Link(url)
        self._looked_at = -math.inf
        self._idle_s: float | None = None
        self._deriver = Deriver(
            recognise=self._recognise,
            index=self._index,
            grown=lambda seq: self.in_loop(grown, seq),
            trouble=trouble,
            fault=self._fault,
        )
        self.start()

    def appended(self, idle_s: float) -> None:
        """Derive from records that were just appended. This may be called from any thread.

        ``idle_s`` is how long nobody appended before.
        """
        self._idle_s = idle_s
        self.nudge()

    def notified(self) -> None:
        """Look for the records of others now. This may be called from any thread."""
        self._looked_at = -math.inf
        self.nudge()

    def close(self) -> None:
        """Wait until everything is done, and close the connection."""
        super().close()
        self.link.close()

    def _is_fault_of_all(self, _: Exception) -> bool:
        return not self.link.is_open

    def _fault(self, error: Exception) -> StoreFailed:
        return store_failed(self._url, error)

    def _size_bytes(self, _: Change) -> int:
        return 0

    def _commit(self, changes: list[Change]) -> list[Any]:
        with self.link.connection() as connection, transaction(connection):
            take_lock(connection, FORWARDING)
            return [change(connection) for change in changes]

    def _patience_s(self) -> float:
        if self._trouble.is_failing(_LOOKING):
            return _LOOK_EVERY_S
        return min(_LOOK_EVERY_S, self._deriver.patience_s())

    def _between(self, _: object) -> None:
        idle_s, self._idle_s = self._idle_s, None
        if idle_s is not None:
            self._deriver.wrote(idle_s=idle_s)
        now = time.monotonic()
        if now >= self._looked_at + _LOOK_EVERY_S:
            self._looked_at = now
            self._look()
        if not self._trouble.is_failing(_LOOKING):
            self._deriver.derive()

    def _look(self) -> None:
        """Look for what others appended or derived."""
        try:
            with self.link.connection() as connection:
                refuse_read_only(connection)
                progress = progress_of(connection)
        except Exception as error:  # noqa: BLE001 - the thread must go on
            self._trouble.failed(_LOOKING, self._fault(error))
            return
        self._trouble.worked(_LOOKING)
        self._deriver.saw(progress)

    def _recognise(self) -> Progress | None:
        taken = [self._commit_times.popleft() for _ in range(len(self._commit_times))]
        with self.link.connection() as connection:
            progress = recognise(connection, taken)
        if progress is None:
            self._commit_times.extend(taken)
        return progress

    def _index(self) -> Progress | None:
        with self.link.connection() as connection:
            return index(connection)
