"""Change the state of forwarding, and derive in between, with one thread and one connection."""

import asyncio
import math
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from okhook.config.store_location import without_password
from okhook.store.contract import CommitCounters
from okhook.store.derive import Progress
from okhook.store.group_commit import GroupCommit, Outcome, Waiting
from okhook.store.pace import Pace
from okhook.store.postgres.connection import Connection, Link, transaction
from okhook.store.postgres.deriving import index, progress_of, recognise
from okhook.store.postgres.faults import store_failed
from okhook.store.postgres.locks import FORWARDING, take
from okhook.store.trouble import Trouble

Change = Callable[[Connection], Any]
_Group = list[Waiting[Change]]

_PART = "writing"

_LOOK_EVERY_S = 1.0
"""How often somebody else's records are looked for, if no notification comes."""

_OTHERS_TURN_S = 0.02
"""When to look again while another process derives."""


class Writer:
    """Changes for the event loop of its creation, where it calls ``grown`` back."""

    def __init__(
        self,
        url: str,
        trouble: Trouble,
        commits: CommitCounters,
        grown: Callable[[int], None],
        commit_times: "deque[tuple[int, int]]",
    ) -> None:
        self._url = url
        self._trouble = trouble
        self._commits = commits
        self._grown = grown
        self._commit_times = commit_times
        self.link = Link(url)
        self._recognising = Pace()
        self._indexing = Pace()
        self._recognised = 0
        self._looked_at = -math.inf
        self._appended = False
        self._groups: GroupCommit[Change] = GroupCommit(
            without_password(url),
            write=self._write,
            between=self._between,
            patience_s=self._patience_s,
            size_bytes=lambda _: 0,
        )
        self._groups.start()

    def change(self, change: Change) -> "asyncio.Future[Any]":
        """Run ``change`` in a transaction; the future returns its result after the commit."""
        return self._groups.put(change)

    def appended(self) -> None:
        """Derive from records that were just appended. This may be called from any thread."""
        self._appended = True
        self._groups.nudge()

    def notified(self) -> None:
        """Look for the records of others now. This may be called from any thread."""
        self._looked_at = -math.inf
        self._groups.nudge()

    def take_no_more(self) -> None:
        """Refuse new changes. Call this in the loop, before :meth:`close`."""
        self._groups.take_no_more()

    def close(self) -> None:
        """Wait until everything is done, and close. Do not call this in the loop."""
        self._groups.join()
        self.link.close()

    def _write(self, group: _Group) -> list[Outcome[Change]]:
        """Do a group in one transaction; if one of them fails, do each by itself."""
        group = [waiting for waiting in group if not waiting.done.done()]
        began = time.monotonic()
        try:
            results = self._run([waiting.item for waiting in group])
        except Exception as error:  # noqa: BLE001 - the waiting futures must fail
            if len(group) > 1 and self.link.is_open:
                return [outcome for waiting in group for outcome in self._write([waiting])]
            self._commits.failed += 1
            fault = store_failed(self._url, error)
            return [(waiting, None, fault) for waiting in group]
        self._commits.duration_s.note(time.monotonic() - began)
        return [(waiting, result, None) for waiting, result in zip(group, results, strict=True)]

    def _run(self, changes: list[Change]) -> list[Any]:
        with self.link.connection() as connection, transaction(connection):
            take(connection, FORWARDING)
            return [change(connection) for change in changes]

    def _patience_s(self) -> float:
        now = time.monotonic()
        waits = (self._recognising.patience_s(now), self._indexing.patience_s(now))
        return min(_LOOK_EVERY_S, *(wait_s for wait_s in waits if wait_s is not None), math.inf)

    def _between(self, _: _Group | None) -> None:
        now = time.monotonic()
        if self._appended:
            self._appended = False
            self._recognising.wrote(now)
            self._indexing.wrote(now)
        if now >= self._looked_at + _LOOK_EVERY_S:
            self._looked_at = now
            self._look(now)
        self._derive(now)

    def _look(self, now: float) -> None:
        """Look for what others appended or derived."""
        progress = self._progress_after(progress_of)
        if progress is None:
            return
        if not progress.is_recognised:
            self._recognising.resume(now)
        if not progress.is_indexed:
            self._indexing.resume(now)
        self._tell_growth(progress)

    def _derive(self, began: float) -> None:
        """Do one step of deriving, if one is due. Duplicates go first: screens wait for them."""
        recognises = self._recognising.is_due(began)
        if not recognises and not self._indexing.is_due(began):
            return
        pace = self._recognising if recognises else self._indexing
        if self._trouble.is_failing(_PART):
            pace.failed(began)
            return
        progress = self._progress_after(self._recognise if recognises else index)
        ended = time.monotonic()
        if progress is None:
            pace.failed(ended, _OTHERS_TURN_S)
            return
        complete = progress.is_recognised if recognises else progress.is_indexed
        pace.derived(ended, took_s=ended - began, complete=complete)
        if recognises:
            self._indexing.resume(began)
            self._tell_growth(progress)

    def _recognise(self, connection: Connection) -> Progress | None:
        taken = [self._commit_times.popleft() for _ in range(len(self._commit_times))]
        progress = recognise(connection, taken)
        if progress is None:
            self._commit_times.extend(taken)
        return progress

    def _progress_after(self, step: Callable[[Connection], Progress | None]) -> Progress | None:
        try:
            with self.link.connection() as connection:
                progress = step(connection)
        except Exception as error:  # noqa: BLE001 - the thread must go on
            self._trouble.failed(_PART, store_failed(self._url, error))
            return None
        self._trouble.worked(_PART)
        return progress

    def _tell_growth(self, progress: Progress) -> None:
        if progress.recognised > self._recognised:
            self._recognised = progress.recognised
            self._groups.in_loop(self._grown, progress.recognised)
