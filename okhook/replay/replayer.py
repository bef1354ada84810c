"""Send stored deliveries again, once each, and note what came of it."""

import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Annotated, final

import anyio

from okhook.activity import Activity
from okhook.forward.sending import Send
from okhook.json_form import milliseconds
from okhook.records.attempt import Attempt, Forward, ForwardState, Purpose
from okhook.records.record import Record


@dataclass(frozen=True, slots=True)
class Replay:
    """A delivery to send again to ``target``, as attempt ``number`` (1 …) of it there.

    ``changed`` says that the record's body is not what was received any more.
    """

    record: Record
    target: str
    number: int
    changed: bool = False

    @property
    def purpose(self) -> Purpose:
        """Why it is sent."""
        return Purpose.CHANGED_REPLAY if self.changed else Purpose.REPLAY


class Replayed(Activity):
    """A delivery was sent again. ``changed`` says that it was not what was received."""

    type = "replay"
    json_fields = (
        "attempt.seq attempt.target attempt=attempt.number attempt.status attempt.duration_s"
        " attempt.reason changed body"
    )
    attempt: Attempt
    changed: bool

    @property
    def body(self) -> str | None:
        """The beginning of the answer's body; None where it was empty."""
        return self.attempt.answer.decode("utf-8", "replace") or None


class ReplayPlanned(Activity):
    """A delivery would be sent again."""

    type = "replay_planned"
    json_fields = "record.seq target changed"
    record: Record
    target: str
    changed: bool


class ReplaysSummed(Activity):
    """What came of all of them. ``statuses`` counts answers, and faults where none came."""

    type = "replay_summary"
    json_fields = "sent ok=accepted failed elapsed_s statuses"
    sent: int
    accepted: int
    elapsed_s: Annotated[float, milliseconds("duration_ms")]
    statuses: dict[str, int]

    @property
    def failed(self) -> int:
        """How many were not answered with 2xx."""
        return self.sent - self.accepted


Note = Callable[[Attempt, Forward | None], Awaitable[None]]
"""Keeps an attempt, and where its delivery stands now if that changes it."""


async def note_nothing(attempt: Attempt, forward: Forward | None) -> None:
    """Keep nothing of an attempt: its delivery is in no store of ours."""
    del attempt, forward


@final
class Replayer:
    """Sends replays in their order, one at a time, no more often than every ``interval_s``.

    It counts what was sent, also when it is interrupted. ``is_complete`` is True once it came to
    its end; ``last`` is the newest attempt.
    """

    def __init__(
        self,
        *,
        report: Callable[[Replayed], None],
        interval_s: float = 0.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.is_complete = False
        self.last: Attempt | None = None
        self._report = report
        self._interval_s = interval_s
        self._clock = clock
        self._began = self._ended = clock()
        self._accepted = 0
        self._reached = False
        self._statuses: Counter[str] = Counter()

    async def replay_all(
        self, replays: Iterable[Replay], send_to: Callable[[Replay], Send], note: Note
    ) -> None:
        """Send them all; where nobody could be reached from the start, the rest is not tried."""
        self._began = self._ended = self._clock()
        next_at = anyio.current_time()
        for replay in replays:
            await anyio.sleep_until(next_at)
            next_at = anyio.current_time() + self._interval_s
            attempt = (await send_to(replay)(replay.record, replay.number)).attempt
            with anyio.CancelScope(shield=True):
                await note(attempt, forward_after_replay(replay, attempt))
            self._count(attempt)
            self._report(Replayed(attempt, replay.changed))
            if self.is_in_vain:
                break
        self.is_complete = True

    @property
    def is_in_vain(self) -> bool:
        """Whether the first attempt found nobody, so that the rest need not be tried."""
        return self.last is not None and not self._reached

    def summary(self) -> ReplaysSummed:
        """Return what came of all so far."""
        statuses = dict(sorted(self._statuses.items()))
        elapsed_s = self._ended - self._began
        return ReplaysSummed(self._statuses.total(), self._accepted, elapsed_s, statuses)

    def _count(self, attempt: Attempt) -> None:
        self._ended = self._clock()
        self._accepted += attempt.accepted
        self._statuses[str(attempt.status or attempt.fault or "no answer")] += 1
        self._reached |= attempt.status is not None
        self.last = attempt


def forward_after_replay(replay: Replay, attempt: Attempt) -> Forward | None:
    """Return where a delivery stands after a replay, or None where that changes nothing.

    A target that has taken it as it was received has it; one that has not is no worse off.
    """
    if replay.changed or not attempt.accepted:
        return None
    return Forward(attempt.seq, attempt.target, ForwardState.DONE, attempt.number)
