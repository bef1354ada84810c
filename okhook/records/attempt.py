"""Attempts to send stored deliveries to apps, and the state of forwarding."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from okhook.json_form import JsonForm, milliseconds, text
from okhook.wire.url import WITHOUT_CREDENTIALS

ANSWER_LIMIT_BYTES = 64 * 1024
"""The start of an app's answer that is stored."""

IN_STREAM = 200
"""The status of an attempt whose events a stream acknowledged."""

ALREADY_IN_STREAM = 208
"""The status if the stream had all of them before; HTTP calls 208 "Already Reported"."""


class Purpose(StrEnum):
    """Why a delivery was sent."""

    FORWARD = "forward"
    REPLAY = "replay"
    CHANGED_REPLAY = "changed_replay"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One POST of the delivery ``seq`` to the URL ``target``, the ``number``-th from 1.

    If no answer came, ``status`` is None, and ``fault`` (a word or two) and ``reason`` (a sentence)
    explain it. ``answer`` is the start of the answer's body, up to :data:`ANSWER_LIMIT_BYTES`.
    """

    seq: int
    target: Annotated[str, WITHOUT_CREDENTIALS]
    purpose: Purpose
    number: int
    began_at: datetime
    duration_s: Annotated[float, milliseconds("duration_ms", 2)]
    status: int | None
    fault: str | None = None
    reason: Annotated[str | None, JsonForm("error")] = None
    answer: Annotated[bytes, text()] = b""
    answer_type: str | None = None
    json_fields = "target purpose number began_at duration_s status fault reason answer_type answer"

    @property
    def accepted(self) -> bool:
        """Whether the answer was 2xx."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def outcome(self) -> "Outcome":
        """What came of it, in one word."""
        if self.status is None:
            return Outcome.NO_ANSWER
        return Outcome.ACCEPTED if self.accepted else Outcome.NOT_ACCEPTED


class Outcome(StrEnum):
    """What came of an attempt."""

    ACCEPTED = "accepted"
    NOT_ACCEPTED = "not_accepted"
    NO_ANSWER = "no_answer"


class ForwardState(StrEnum):
    """The state of forwarding a delivery to a target, after the first attempt."""

    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Forward:
    """The forwarding of a delivery after its first attempt. The next one is at ``next_at``."""

    seq: int
    target: Annotated[str, WITHOUT_CREDENTIALS]
    state: ForwardState
    attempts: int
    next_at: datetime | None = None
    json_fields = "target state attempts next_at"


@dataclass(frozen=True, slots=True)
class Target:
    """An app that gets what comes after ``since_seq``; up to ``cursor`` it was sent or waits.

    It gets what ``receiver`` took; with ``has_old`` also what an older okhook stored.
    """

    url: Annotated[str, WITHOUT_CREDENTIALS]
    since_seq: int
    cursor: int
    receiver: str | None = None
    has_old: bool = False
    json_fields = "url receiver cursor"

    def gets_from(self, receiver: str | None) -> bool:
        """Return whether it gets what ``receiver`` took; None is an older okhook."""
        return receiver == self.receiver or (receiver is None and self.has_old)


@dataclass(frozen=True, slots=True)
class Eligible:
    """The ``seqs`` to forward, oldest first. No other record up to ``looked_to`` is forwarded."""

    seqs: tuple[int, ...]
    looked_to: int


@dataclass(frozen=True, slots=True)
class Backlog:
    """How many of a target's deliveries are not attempted yet, waiting, and failed."""

    pending: int
    waiting: int
    failed: int
