"""Send stored deliveries again, once each, and store the outcome."""

import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Annotated

import anyio

from okhook.activity import Activity
from okhook.forward.sending import Send
from okhook.json_form import milliseconds
from okhook.records.attempt import Attempt, Forward, ForwardState, Purpose
from okhook.records.record import Record
from okhook.wire.url import WITHOUT_CREDENTIALS


@dataclass(frozen=True, slots=True)
class Replay:
    """A delivery to send again, as attempt ``number`` (1 …); ``changed`` if its body was edited."""

    record: Record
    target: Annotated[str, WITHOUT_CREDENTIALS]
    number: int
    changed: bool = False

    @property
    def purpose(self) -> Purpose:
        """The purpose of the attempt."""
        return Purpose.CHANGED_REPLAY if self.changed else Purpose.REPLAY


class Replayed(Activity):
    """A delivery was sent again; ``changed``, if it had another body than was received."""

    type = "replay"
    json_fields = (
        "attempt.seq attempt.target attempt=attempt.number attempt.status attempt.duration_s"
        " attempt.reason changed body"
    )
    attempt: Attempt
    changed: bool

    @property
    def body(self) -> str | None:
        """The beginning of the answer's body; None if it is empty."""
        return self.attempt.answer.decode("utf-8", "replace") or None


class ReplayPlanned(Activity):
    """A delivery would be sent again."""

    type = "replay_planned"
    json_fields = "replay.record.seq replay.target replay.changed"
    replay: Replay


class ReplaysSummed(Activity):
    """The totals of a replay. ``statuses`` counts statuses, or faults without an answer."""

    type = "replay_summary"
    json_fields = "sent ok=accepted failed elapsed_s statuses"
    sent: int
    accepted: int
    elapsed_s: Annotated[float, milliseconds("duration_ms")]
    statuses: dict[str, int]

    @property
    def failed(self) -> int:
        """How many got no 2xx."""
        return self.sent - self.accepted


Note = Callable[[Attempt, Forward | None], Awaitable[None]]
"""Stores an attempt, and the new state of its delivery if that changed."""


@dataclass(slots=True)
class Replayer:
    """Sends replays in order, one every ``interval_s``, and counts them, even if interrupted."""

    report: Callable[[Replayed], None]
    interval_s: float = 0.0
    is_complete: bool = False
    last: Attempt | None = None
    _elapsed_s: float = 0.0
    _accepted: int = 0
    _reached: bool = False
    _statuses: Counter[str] = field(default_factory=Counter)

    async def replay_all(
        self, replays: Iterable[Replay], send_to: Callable[[Replay], Send], note: Note | None
    ) -> None:
        """Send all replays; if the first gets no answer, skip the rest."""
        began = time.monotonic()
        next_at = anyio.current_time()
        for replay in replays:
            await anyio.sleep_until(next_at)
            next_at = anyio.current_time() + self.interval_s
            attempt = (await send_to(replay)(replay.record, replay.number)).attempt
            if note is not None:
                with anyio.CancelScope(shield=True):
                    await note(attempt, forward_after_replay(replay, attempt))
            self._elapsed_s = time.monotonic() - began
            self._accepted += attempt.accepted
            self._statuses[str(attempt.status or attempt.fault or "no answer")] += 1
            self._reached |= attempt.status is not None
            self.last = attempt
            self.report(Replayed(attempt, replay.changed))
            if self.is_in_vain:
                break
        self.is_complete = True

    @property
    def is_in_vain(self) -> bool:
        """Whether attempts were made, and none was answered."""
        return self.last is not None and not self._reached

    def summary(self) -> ReplaysSummed:
        """Return the totals so far."""
        statuses = dict(sorted(self._statuses.items()))
        return ReplaysSummed(self._statuses.total(), self._accepted, self._elapsed_s, statuses)


def forward_after_replay(replay: Replay, attempt: Attempt) -> Forward | None:
    """Return the new state of a delivery that a target accepted unchanged, else None."""
    if replay.changed or not attempt.accepted:
        return None
    return Forward(attempt.seq, attempt.target, ForwardState.DONE, attempt.number)
