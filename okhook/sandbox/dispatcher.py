"""Delivers events to hooks as Okta does; events that are close together share a delivery.

Okta: 3 seconds for an answer, one retry after a timeout or a 5xx, none after a 4xx, an entry
``event_hook.delivery`` in the System Log for a failure, and nothing to a hook that is not ACTIVE
and VERIFIED.
"""

import math

import anyio

from okhook.runtime.ids import new_uuid
from okhook.sandbox.activities import HookDelivery, HookDeliveryDropped
from okhook.sandbox.hooks import channel_of, headers_of, is_receiving
from okhook.sandbox.log_entries import LogEvent, hook_party
from okhook.sandbox.org import Org, Outgoing, new_request_id
from okhook.sandbox.state import Json
from okhook.wire.delivery import body_of, envelope, hook_source
from okhook.wire.hook_call import HookCall, deliver, delivery_headers

_CALLS_AT_ONCE = 50


class Dispatcher:
    """Collects events by hook, and delivers them.

    A delivery collects events for ``batch_window_s``, and is sent ``delay_s`` later.
    """

    def __init__(self, batch_window_s: float, delay_s: float) -> None:
        self._batch_window_s = batch_window_s
        self._delay_s = delay_s
        self._queue, self._events = anyio.create_memory_object_stream[Outgoing](math.inf)
        self._batches: dict[str, list[Json]] = {}
        self._calls = anyio.CapacityLimiter(_CALLS_AT_ONCE)
        self._undelivered = 0
        self._none_left = anyio.Event()

    def put(self, outgoing: Outgoing) -> None:
        """Put an event for some hooks into the queue."""
        self._undelivered += len(outgoing[0])
        self._queue.send_nowait(outgoing)

    async def none_left(self) -> None:
        """Wait until each hook has got or missed each event."""
        while self._undelivered:
            await self._none_left.wait()

    async def run(self, org: Org) -> None:
        """Deliver until cancelled."""
        async with anyio.create_task_group() as tasks, self._queue, self._events:
            async for hook_ids, event in self._events:
                for hook_id in hook_ids:
                    if hook_id not in self._batches:
                        self._batches[hook_id] = []
                        tasks.start_soon(self._send_batch, org, hook_id)
                    self._batches[hook_id].append(event)

    async def _send_batch(self, org: Org, hook_id: str) -> None:
        await anyio.sleep(self._batch_window_s)
        events = self._batches.pop(hook_id)
        await anyio.sleep(self._delay_s)
        async with self._calls:
            hook = org.state.hooks.get(hook_id)
            types = tuple(event["eventType"] for event in events)
            if hook is not None and is_receiving(hook):
                await _send(org, hook, events, types)
            else:
                org.publish(HookDeliveryDropped(org.now(), hook_id, types))
        self._undelivered -= len(events)
        if not self._undelivered:
            self._none_left.set()
            self._none_left = anyio.Event()


async def _send(org: Org, hook: Json, events: list[Json], types: tuple[str, ...]) -> None:
    state = org.state
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
