"""The activities of okhook up, and the steps that publish them."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from typing import Annotated, Final, Literal, TypeVar

from okhook.activity import Activity
from okhook.json_form import JsonForm, milliseconds
from okhook.secret import Secret
from okhook.wire.url import EACH_WITHOUT_CREDENTIALS

_OPTIONAL_MS: Final = replace(milliseconds("duration_ms"), omitted_when_none=True)


class StepChanged(Activity):
    """A step began, is done, or failed. The error that ends the command explains the failure."""

    type = "step"
    step: str
    state: Literal["waiting", "done", "failed"]
    detail: Annotated[str | None, JsonForm(omitted_when_none=True)] = None
    elapsed_s: Annotated[float | None, _OPTIONAL_MS] = None


class Ready(Activity):
    """A canary arrived and the org has verified the hook, which has the ``event_types``.

    Only people see ``sandbox_token``.
    """

    type = "ready"
    json_fields = "org hook_id webhook_url receiver_url dashboard_url guest forward_to"
    org: str
    hook_id: str
    webhook_url: str
    receiver_url: str
    dashboard_url: str | None
    guest: bool
    forward_to: Annotated[tuple[str, ...], EACH_WITHOUT_CREDENTIALS] = ()
    event_types: frozenset[str] = frozenset()
    sandbox_token: Secret | None = None


class EventsAwaited(Activity):
    """The hook subscribes to these event types, but the sandbox's test user does not cause them."""

    type = "awaited"
    event_types: tuple[str, ...]


class TunnelCameBack(Activity):
    """The tunnel restarted. The path must be proved again."""

    type = "tunnel_came_back"
    webhook_url: str


class PathLost(Activity):
    """Deliveries may be lost: no canary arrived, or the tunnel is cut."""

    type = "path_lost"
    reason: str
    next_step: Annotated[str | None, JsonForm(omitted_when_none=True)] = None


class PathProved(Activity):
    """A canary arrived again."""

    type = "path_proved"
    elapsed_s: Annotated[float, milliseconds("duration_ms")]


T = TypeVar("T")


@dataclass(slots=True)
class Step:
    """A step in progress. ``detail`` is shown when it is done."""

    detail: str = ""


@asynccontextmanager
async def step(name: str, publish: Callable[[Activity], None]) -> AsyncIterator[Step]:
    """Run the block as the step ``name``."""
    current = Step()
    began = time.monotonic()
    publish(StepChanged(name, "waiting"))
    try:
        yield current
    except BaseException:
        publish(StepChanged(name, "failed"))
        raise
    publish(StepChanged(name, "done", current.detail, time.monotonic() - began))


async def start(
    name: str,
    part: AbstractAsyncContextManager[T],
    stack: AsyncExitStack,
    publish: Callable[[Activity], None],
    *,
    detail: Callable[[T], str],
) -> T:
    """Start a part as the step ``name``. The part runs until ``stack`` closes."""
    async with step(name, publish) as current:
        started = await stack.enter_async_context(part)
        current.detail = detail(started)
    return started
