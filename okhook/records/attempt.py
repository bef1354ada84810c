"""Attempts: each POST of a stored delivery to an app, and how far its forwarding got."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from okhook.json_form import JsonForm, milliseconds, text

ANSWER_LIMIT_BYTES = 64 * 1024
"""How much of an app's answer is stored."""


class Purpose(StrEnum):
    """Why a delivery was sent: when it came in, again unchanged, or again with changes."""

    FORWARD = "forward"
    REPLAY = "replay"
    CHANGED_REPLAY = "changed_replay"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One POST of the delivery ``seq`` to ``target``, a URL.

    ``number`` counts the attempts of this delivery at this target from 1. ``status`` is None if no
    answer came; then ``fault`` says why in a word or two, and ``reason`` in a sentence. ``answer``
    is the start of the answer's body, at most :data:`ANSWER_LIMIT_BYTES`.
    """

    seq: int
    target: str
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


class ForwardState(StrEnum):
    """How far the forwarding of a delivery to a target got, after the first attempt."""

    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Forward:
    """How far the forwarding of a delivery to a target got, after ``attempts`` attempts.

    ``next_at`` is when a waiting one is tried again. A delivery that comes after the target's
    cursor has no ``Forward`` yet.
    """

    seq: int
    target: str
    state: ForwardState
    attempts: int
    next_at: datetime | None = None
    json_fields = "target state attempts next_at"


@dataclass(frozen=True, slots=True)
class Target:
    """An app that deliveries are forwarded to.

    Every delivery up to ``cursor`` that had to be forwarded has a :class:`Forward`. Deliveries up
    to ``since_seq`` came before the target was first named, and are not forwarded to it.
    """

    url: str
    since_seq: int
    cursor: int


@dataclass(frozen=True, slots=True)
class Eligible:
    """The ``seqs`` of deliveries to forward, in order of arrival.

    ``looked_to`` is the last record that was looked at. A record up to there that is not in
    ``seqs`` is not forwarded: a canary, a refused request, a duplicate.
    """

    seqs: tuple[int, ...]
    looked_to: int


@dataclass(frozen=True, slots=True)
class Backlog:
    """How many of a target's deliveries are not attempted yet, waiting, and given up."""

    pending: int
    waiting: int
    failed: int
