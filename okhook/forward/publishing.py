"""Send each event of a delivery as a message of its own, to a stream or an app."""

import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from okhook.forward.retry import is_retried
from okhook.forward.sending import Destination, Reply, own_headers, post
from okhook.http.client import HttpClient
from okhook.http.errors import CannotBeSent
from okhook.records.attempt import Purpose
from okhook.records.record import Record, RecordKind
from okhook.wire.cloud_event import CONTENT_TYPE, TYPE_PREFIX, cloud_events_in
from okhook.wire.payload import NotADelivery
from okhook.wire.target_url import without_cloud_events

Warn = Callable[[str], None]
"""Gets what a person should know about a stream."""

_MOST_REMEMBERED = 10_000
"""Of how many deliveries the accepted events are remembered."""


@dataclass(frozen=True, slots=True)
class Message:
    """One event of ``record``, sent in attempt ``number``; ``body`` is its CloudEvent.

    ``event_type`` is Okta's, and anything that whoever sent the delivery wrote there.

    Streams that recognise repetitions do so by ``key``: visible ASCII, the same in each attempt.
    """

    key: str
    event_type: str
    body: bytes
    record: Record
    number: int


SendMessage = Callable[[Message], Awaitable[Reply]]
"""Sends a message, and waits until the target has acknowledged it. One that fails raises nothing.

A kind of stream is one file with such a method, a line in ``okhook.forward.senders``, and one in
``okhook.wire.target_url`` for its URL.
"""


async def post_event(
    message: Message, *, to: Destination, client: HttpClient, now: Callable[[], datetime]
) -> Reply:
    """POST one event to an app that takes CloudEvents, in structured mode.

    The app gets okhook's headers and the hook's secret, not Okta's.
    """
    own = own_headers(message.record, message.number, to)
    headers = ((b"Content-Type", CONTENT_TYPE.encode()), *own)
    url = message.record.request.url_at(without_cloud_events(to.url))
    return await post(url, headers, message.body, to=to, client=client, now=now)


class EventSender:
    """Sends deliveries to one target, event by event, in their order.

    An attempt leaves out the events that the target accepted in an earlier one, as long as this
    process remembers them. It ends early if there is no answer; a refused event delays no other.
    """

    def __init__(self, send: SendMessage, purpose: Purpose) -> None:
        self._send = send
        self._purpose = purpose
        self._accepted: dict[int, frozenset[int]] = {}
        """The places of accepted events, by the ``seq`` of a delivery that has others."""

    async def reply(self, record: Record, number: int) -> Reply:
        """Send the events of a delivery as attempt ``number`` (1 …)."""
        try:
            messages = self._messages(record, number)
        except NotADelivery as error:
            return Reply(None, CannotBeSent.fault, f"it has no events to send: {error}")
        except RecursionError:
            return Reply(None, CannotBeSent.fault, "an event is nested too deeply")
        accepted = self._accepted.pop(record.seq, frozenset())
        replies: list[Reply] = []
        for place, message in enumerate(messages):
            if place in accepted:
                continue
            replies.append(await self._publish(message))
            if replies[-1].accepted:
                accepted |= {place}
            elif replies[-1].status is None and replies[-1].fault != CannotBeSent.fault:
                break
        if len(accepted) == len(messages):
            return _all_accepted(replies)
        self._remember(record.seq, accepted)
        return _failed(replies, len(accepted), len(messages))

    def _messages(self, record: Record, number: int) -> list[Message]:
        if record.kind is not RecordKind.DELIVERY:
            raise NotADelivery("it is not a delivery from Okta")
        body, suffix = record.request.body, ""
        if self._purpose is not Purpose.FORWARD:
            suffix = f":replay:{number}"
        return [
            Message(
                f"{event.id}{suffix}",
                event.type.removeprefix(TYPE_PREFIX),
                event.body,
                record,
                number,
            )
            for event in cloud_events_in(
                body, seq=record.seq, receiver=record.receiver, marks=tuple(_marks(record))
            )
        ]

    async def _publish(self, message: Message) -> Reply:
        """Publish a message; a replay that looks like an earlier one gets a key of its own.

        ``okhook replay --file`` knows no earlier attempts, and receivers count their own.
        """
        reply = await self._send(message)
        if reply.is_repetition and self._purpose is not Purpose.FORWARD:
            key = f"{message.key}:{time.time_ns()}"
            reply = await self._send(replace(message, key=key))
        return reply

    def _remember(self, seq: int, accepted: frozenset[int]) -> None:
        if accepted and self._purpose is Purpose.FORWARD:
            self._accepted[seq] = accepted
        if len(self._accepted) > _MOST_REMEMBERED:
            del self._accepted[next(iter(self._accepted))]


def _marks(record: Record) -> Iterator[str]:
    """Yield what a consumer should know of a delivery that did not come from Okta."""
    if record.is_sample:
        yield "okhooksample"
    if record.is_reconstructed:
        yield "okhookreconstructed"


def _all_accepted(replies: Sequence[Reply]) -> Reply:
    """Return the reply for a delivery, of which this attempt sent the last events.

    It is a repetition only if all of them were.
    """
    decisive = next((each for each in replies if not each.is_repetition), replies[-1])
    answers = dict.fromkeys(each.answer for each in replies if each.answer)
    return replace(decisive, answer=b"\n".join(answers))


def _failed(replies: Sequence[Reply], accepted: int, events: int) -> Reply:
    """Return the reply that decides whether the delivery is tried again."""
    failed = [reply for reply in replies if not reply.accepted]
    decisive = next((each for each in failed if is_retried(each.status, each.fault)), failed[0])
    if events == 1:
        return decisive
    told = [decisive.reason] if decisive.reason else []
    reason = "; ".join([*told, f"{accepted} of {events} events were accepted"])
    return replace(decisive, reason=reason)
