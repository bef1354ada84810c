"""Send each event of a delivery as a message of its own, to a stream or an app.

A kind of stream is one file with a :class:`Publisher`, and a line in ``okhook.forward.senders``.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from okhook.forward.retry import is_retried
from okhook.forward.sending import Destination, Outcome, Sent, sent
from okhook.http.client import CannotBeSent
from okhook.records.attempt import Purpose
from okhook.records.record import Record, RecordKind
from okhook.wire.cloud_event import cloud_events_in
from okhook.wire.payload import NotADelivery

Warn = Callable[[str], None]
"""Gets what a person should know about a stream."""

_MOST_REMEMBERED = 10_000
"""Of how many deliveries the accepted events are remembered."""


@dataclass(frozen=True, slots=True)
class Message:
    """One event of ``record``, sent in attempt ``number``; ``body`` is its CloudEvent.

    Streams that recognise repetitions do so by ``key``: visible ASCII, the same in each attempt.
    """

    key: str
    body: bytes
    record: Record
    number: int


class Publisher(Protocol):
    """Sends messages to one target. A message that fails raises no error."""

    async def look(self) -> None:
        """Warn about what will keep messages from arriving once, before there is one."""

    async def publish(self, message: Message) -> Outcome:
        """Send a message, and wait until the target has acknowledged it."""

    async def aclose(self) -> None:
        """Close its connections."""


class EventSender:
    """Sends deliveries to one target, event by event, in their order.

    An attempt leaves out the events that the target accepted in an earlier one, as long as this
    process remembers them. It ends early if there is no answer; a refused event delays no other.
    """

    def __init__(
        self,
        publisher: Publisher,
        to: Destination,
        purpose: Purpose,
        *,
        now: Callable[[], datetime],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._publisher = publisher
        self._to = to
        self._purpose = purpose
        self._now = now
        self._clock = clock
        self._accepted: dict[int, frozenset[int]] = {}
        """The places of accepted events, by the ``seq`` of a delivery that has others."""

    async def send(self, record: Record, number: int) -> Sent:
        """Send the events of a delivery as attempt ``number`` (1 …)."""
        began, began_at = self._clock(), self._now()
        outcome = await self._outcome(record, number)
        return sent(
            outcome,
            record.seq,
            number,
            to=self._to,
            purpose=self._purpose,
            began_at=began_at,
            duration_s=self._clock() - began,
        )

    async def _outcome(self, record: Record, number: int) -> Outcome:
        try:
            messages = self._messages(record, number)
        except NotADelivery as error:
            return Outcome(None, CannotBeSent.fault, f"it has no events to send: {error}")
        except RecursionError:
            return Outcome(None, CannotBeSent.fault, "an event is nested too deeply")
        accepted = self._accepted.pop(record.seq, frozenset())
        outcomes: list[Outcome] = []
        for place, message in enumerate(messages):
            if place in accepted:
                continue
            outcomes.append(await self._publish(message))
            if outcomes[-1].accepted:
                accepted |= {place}
            elif outcomes[-1].status is None and outcomes[-1].fault != CannotBeSent.fault:
                break
        if len(accepted) == len(messages):
            return _all_accepted(outcomes)
        self._remember(record.seq, accepted)
        return _failed(outcomes, len(accepted), len(messages))

    def _messages(self, record: Record, number: int) -> list[Message]:
        if record.kind is not RecordKind.DELIVERY:
            raise NotADelivery("it is not a delivery from Okta")
        body, suffix = record.request.body, ""
        if self._purpose is not Purpose.FORWARD:
            suffix = f":replay:{number}"
        return [
            Message(f"{event.id}{suffix}", event.body, record, number)
            for event in cloud_events_in(body, seq=record.seq, receiver=record.receiver)
        ]

    async def _publish(self, message: Message) -> Outcome:
        """Publish a message; a replay that looks like an earlier one gets a key of its own.

        ``okhook replay --file`` knows no earlier attempts, and receivers count their own.
        """
        outcome = await self._publisher.publish(message)
        if outcome.is_repetition and self._purpose is not Purpose.FORWARD:
            key = f"{message.key}:{time.time_ns()}"
            outcome = await self._publisher.publish(replace(message, key=key))
        return outcome

    def _remember(self, seq: int, accepted: frozenset[int]) -> None:
        if accepted and self._purpose is Purpose.FORWARD:
            self._accepted[seq] = accepted
        if len(self._accepted) > _MOST_REMEMBERED:
            del self._accepted[next(iter(self._accepted))]


def _all_accepted(outcomes: Sequence[Outcome]) -> Outcome:
    """Return the outcome of a delivery, of which this attempt sent the last events.

    It is a repetition only if all of them were.
    """
    decisive = next((each for each in outcomes if not each.is_repetition), outcomes[-1])
    answers = dict.fromkeys(each.answer for each in outcomes if each.answer)
    return replace(decisive, answer=b"\n".join(answers))


def _failed(outcomes: Sequence[Outcome], accepted: int, events: int) -> Outcome:
    """Return the outcome that decides whether the delivery is tried again."""
    failed = [outcome for outcome in outcomes if not outcome.accepted]
    decisive = next((each for each in failed if is_retried(each.status, each.fault)), failed[0])
    if events == 1:
        return decisive
    told = [decisive.reason] if decisive.reason else []
    reason = "; ".join([*told, f"{accepted} of {events} events were accepted"])
    return replace(decisive, reason=reason)
