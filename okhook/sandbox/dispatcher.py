"""Delivers events to hooks as Okta does; events that are close together share a delivery.

Okta: 3 seconds for an answer, one retry after a timeout or a 5xx, none after a 4xx, an entry
``event_hook.delivery`` in the System Log for a failure, and nothing to a hook that is not ACTIVE
and VERIFIED.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream

from okhook.runtime.ids import new_uuid
from okhook.sandbox.activities import HookDelivery, HookDeliveryDropped
from okhook.sandbox.hooks import channel_of, headers_of, is_receiving
from okhook.sandbox.log_entries import LogEvent, hook_party
from okhook.sandbox.org import Org, Outgoing, new_request_id
from okhook.sandbox.state import Json
from okhook.wire.delivery import body_of, envelope, hook_source
from okhook.wire.hook_call import HookCall, deliver, delivery_headers

_CALLS_AT_ONCE = 50


class Undelivered:
    """Puts events into the queue, and counts those that hooks have neither got nor missed."""

    def __init__(self, put: Callable[[Outgoing], None]) -> None:
        self._put = put
        self._count = 0
        self._none = anyio.Event()

    def put(self, outgoing: Outgoing) -> None:
        """Put an event for some hooks into the queue."""
        self._count += len(outgoing[0])
        self._put(outgoing)

    def remove(self, count: int) -> None:
        """Count less, after a delivery."""
        self._count -= count
        if not self._count:
            self._none.set()
            self._none = anyio.Event()

    async def none_left(self) -> None:
        """Wait until there are none."""
        while self._count:
            await self._none.wait()


@dataclass
class Dispatcher:
    """Collects the events in a queue by hook, and delivers them.

    A delivery collects events for ``batch_window_s``, and is sent ``delay_s`` later.
    """

    org: Org
    events: MemoryObjectReceiveStream[Outgoing]
    undelivered: Undelivered
    batch_window_s: float
    delay_s: float
    _batches: dict[str, list[Json]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._calls = anyio.CapacityLimiter(_CALLS_AT_ONCE)

    async def run(self) -> None:
        """Deliver until the queue ends and the last delivery is sent."""
        async with anyio.create_task_group() as tasks, self.events:
            async for hook_ids, event in self.events:
                for hook_id in hook_ids:
                    if hook_id not in self._batches:
                        self._batches[hook_id] = []
                        tasks.start_soon(self._send_batch, hook_id)
                    self._batches[hook_id].append(event)

    async def _send_batch(self, hook_id: str) -> None:
        await anyio.sleep(self.batch_window_s)
        events = self._batches.pop(hook_id)
        await anyio.sleep(self.delay_s)
        async with self._calls:
            hook = self.org.state.hooks.get(hook_id)
            types = tuple(event["eventType"] for event in events)
            if hook is not None and is_receiving(hook):
                await self._send(hook, events, types)
            else:
                self.org.publish(HookDeliveryDropped(self.org.now(), hook_id, types))
        self.undelivered.remove(len(events))

    async def _send(self, hook: Json, events: list[Json], types: tuple[str, ...]) -> None:
        org, state = self.org, self.org.state
        channel = channel_of(state, hook)
        event_id, url = new_uuid(), channel.shown["config"]["uri"]
        source = hook_source(org.url, hook["id"])
        body = envelope(events, source=source, event_id=event_id, event_time=org.now())
        headers = delivery_headers(new_request_id(), *headers_of(channel))
        call = await deliver(org.client, url, headers, body_of(body), timeout_s=org.answer_within_s)
        attempts, failure, answer = len(call.attempts), failure_of(call), call.last.answer
        if failure is not None and org.state is state:  # a reset org has no such hook
            details = (("eventId", event_id), ("attempts", str(attempts)))
            target = (hook_party(hook),)
            org.record(LogEvent("event_hook.delivery", target, None, failure, details))
        org.publish(
            HookDelivery(
                at=org.now(),
                hook_id=hook["id"],
                url=url,
                event_id=event_id,
                event_types=types,
                attempts=attempts,
                status=None if answer is None else answer.status,
                reason=failure,
            )
        )


def failure_of(call: HookCall) -> str | None:
    """Return why a call failed; None if the answer was 2xx."""
    last = call.last
    if last.answer is None:
        return last.error.reason if last.error is not None else "no answer"
    return None if last.answer.is_success else f"answered {last.answer.status}"
