"""Attempts: each POST of a stored delivery to an app, and what has become of its forwarding."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from okhook.json_form import JsonForm, milliseconds, text

ANSWER_LIMIT_BYTES = 64 * 1024
"""How much of an app's answer is kept."""


class Purpose(StrEnum):
    """Why a delivery was sent: as it came, again as it was, or again with changes."""

    FORWARD = "forward"
    REPLAY = "replay"
    CHANGED_REPLAY = "changed_replay"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One POST of the delivery ``seq`` to ``target``, a URL.

    ``number`` counts the attempts of this delivery at this target from 1. ``status`` is None where
    no answer came; ``fault`` says why in a word or two then, ``reason`` in a sentence. ``answer``
    is the beginning of the answer's body, at most :data:`ANSWER_LIMIT_BYTES`.
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
    """What has become of the forwarding of a delivery to a target, once it was attempted."""

    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Forward:
    """Where the forwarding of a delivery to a target stands, after ``attempts`` attempts.

    ``next_at`` is when a waiting one is tried again. A delivery that was not attempted yet has no
    ``Forward``: it stands behind the target's cursor.
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

    Every delivery up to ``cursor`` that was to be forwarded has a :class:`Forward`; what came
    before the target was first named, up to ``since_seq``, is not forwarded unasked.
    """

    url: str
    since_seq: int
    cursor: int


@dataclass(frozen=True, slots=True)
class Eligible:
    """Deliveries that are to be forwarded, by their ``seqs`` in order of arrival.

    ``looked_to`` is the last record that was looked at: all before it that is not in ``seqs`` is
    not to be forwarded (a canary, a refused request, a duplicate).
    """

    seqs: tuple[int, ...]
    looked_to: int


@dataclass(frozen=True, slots=True)
class Backlog:
    """How much of a target's work is not done: not attempted yet, waiting, and given up."""

    pending: int
    waiting: int
    failed: int
