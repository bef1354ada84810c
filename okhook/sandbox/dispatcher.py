"""Deliver events to hooks as Okta does: what happens close together goes out in one delivery.

Okta: 3 seconds for an answer, one retry on a timeout or a 5xx, none on a 4xx, an entry
``event_hook.delivery`` in the System Log when it failed, and nothing to a hook that is not
ACTIVE and VERIFIED.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import final

import anyio
from anyio.abc import TaskGroup
from anyio.streams.memory import MemoryObjectReceiveStream

from okhook.sandbox.activities import HookDelivery, HookDeliveryDropped
from okhook.sandbox.hook_shape import hook_url
from okhook.sandbox.hooks import Channel, EventHook
from okhook.sandbox.log_entries import Happening, hook_party
from okhook.sandbox.recorder import OutgoingEvent
from okhook.sandbox.refusals import ApiRefusal
from okhook.sandbox.state import OrgState
from okhook.sandbox.surroundings import Surroundings
from okhook.secret import HookAuth
from okhook.wire.envelope import body_of, envelope
from okhook.wire.hook_call import HookCall, deliver, delivery_headers

_CALLS_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Pace:
    """When events go out. Both in seconds.

    ``batch_window_s`` runs from the first event of a delivery; what happens within it goes along.
    ``delay_s`` is what then still passes, as minutes may pass in a real org.
    """

    batch_window_s: float = 0.05
    delay_s: float = 0.0


@dataclass(slots=True)
class _Batch:
    hook_id: str
    events: list[OutgoingEvent] = field(default_factory=list)


@final
class Dispatcher:
    """Takes events from a queue, gathers them by hook, and delivers them."""

    def __init__(
        self,
        *,
        events: MemoryObjectReceiveStream[OutgoingEvent],
        state: OrgState,
        org_url: str,
        pace: Pace,
        record: Callable[[Happening], None],
        around: Surroundings,
    ) -> None:
        self._events = events
        self._state = state
        self._org_url = org_url
        self._pace = pace
        self._record = record
        self._around = around
        self._open: dict[str, _Batch] = {}
        self._calls = anyio.CapacityLimiter(_CALLS_AT_ONCE)

    async def run(self) -> None:
        """Deliver until the queue ends, and then what is still under way."""
        async with anyio.create_task_group() as tasks, self._events:
            async for event in self._events:
                for hook_id in event.hook_ids:
                    self._gather(hook_id, event, tasks)

    def _gather(self, hook_id: str, event: OutgoingEvent, tasks: TaskGroup) -> None:
        batch = self._open.get(hook_id)
        if batch is None:
            batch = self._open[hook_id] = _Batch(hook_id)
            tasks.start_soon(self._send_in_time, batch)
        batch.events.append(event)

    async def _send_in_time(self, batch: _Batch) -> None:
        await anyio.sleep(self._pace.batch_window_s)
        del self._open[batch.hook_id]
        await anyio.sleep(self._pace.delay_s)
        async with self._calls:
            await self._send(batch)

    async def _send(self, batch: _Batch) -> None:
        types = tuple(event.event_type for event in batch.events)
        hook = self._receiver(batch.hook_id)
        if hook is None:
            self._around.publish(HookDeliveryDropped(self._around.now(), batch.hook_id, types))
            return
        event_id = self._around.ids.uuid()
        body = envelope(
            [event.event for event in batch.events],
            source=hook_url(hook.id, self._org_url),
            event_id=event_id,
            event_time=self._around.now(),
        )
        channel = hook.draft.channel
        headers = delivery_headers(
            self._around.new_request_id(), auth_header(channel), channel.headers
        )
        call = await deliver(self._around.client, channel.uri, headers, body_of(body))
        reason = failure_of(call)
        if reason is not None:
            self._record_failure(hook, event_id, call, reason)
        answer = call.last.answer
        self._around.publish(
            HookDelivery(
                at=self._around.now(),
                hook_id=hook.id,
                url=channel.uri,
                event_id=event_id,
                event_types=types,
                attempts=len(call.attempts),
                status=None if answer is None else answer.status,
                reason=reason,
            )
        )

    def _receiver(self, hook_id: str) -> EventHook | None:
        """Return the hook as it is now, unless it receives nothing any more."""
        try:
            hook = self._state.hook(hook_id)
        except ApiRefusal:
            return None
        return hook if hook.receives else None

    def _record_failure(self, hook: EventHook, event_id: str, call: HookCall, reason: str) -> None:
        details = (("eventId", event_id), ("attempts", str(len(call.attempts))))
        self._record(Happening("event_hook.delivery", (hook_party(hook),), None, reason, details))


def auth_header(channel: Channel) -> HookAuth | None:
    """Return the header with the hook's secret, or None where there is none or it is not known."""
    auth = channel.auth
    return None if auth is None or auth.secret is None else HookAuth(auth.key, auth.secret)


def failure_of(call: HookCall) -> str | None:
    """Say why a call failed; None where the answer was 2xx."""
    last = call.last
    if last.answer is None:
        return last.error.reason if last.error is not None else "no answer"
    return None if last.answer.is_success else f"answered {last.answer.status}"
