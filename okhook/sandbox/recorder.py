"""Record what happens: in the System Log, and for the hooks that it goes to."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, final

from okhook.sandbox.hook_filters import HookFilters
from okhook.sandbox.log_entries import (
    Cause,
    Happening,
    app_party,
    hook_event,
    log_entry,
    meant_for,
    party,
    user_party,
)
from okhook.sandbox.state import OrgState
from okhook.sandbox.surroundings import Surroundings
from okhook.sandbox.system_log import SystemLog


@dataclass(frozen=True, slots=True)
class OutgoingEvent:
    """An event, in a delivery's shape, for the hooks that receive it."""

    hook_ids: tuple[str, ...]
    event_type: str
    event: dict[str, Any]


@final
class Recorder:
    """The only writer of the System Log.

    Every change of the org is recorded, so ``changed`` tells that there is something to keep.
    Neither ``send`` nor ``changed`` may wait.
    """

    def __init__(
        self,
        *,
        state: OrgState,
        log: SystemLog,
        send: Callable[[OutgoingEvent], None],
        changed: Callable[[], None],
        around: Surroundings,
    ) -> None:
        self._state = state
        self._log = log
        self._send = send
        self._changed = changed
        self._around = around
        self._filters = HookFilters(around.publish, around.now)

    def record(self, happening: Happening) -> None:
        """Log what happened, and send it to the hooks that receive it at this moment.

        Those are the ones that are subscribed and whose filters it passes.
        """
        published = _whole_ms(self._around.now())
        entry = log_entry(
            happening,
            uuid=self._around.ids.uuid(),
            published=published,
            actor=self._actor(happening.cause),
        )
        subscribed = self._state.receivers_of(happening.event_type)
        hook_ids = tuple(hook.id for hook in self._filters.passed(subscribed, hook_event(entry)))
        entry = meant_for(hook_ids, entry)
        self._log.append(published, entry)
        self._changed()
        if hook_ids:
            self._send(OutgoingEvent(hook_ids, happening.event_type, hook_event(entry)))

    def _actor(self, cause: Cause | None) -> dict[str, str | None]:
        if cause is None:
            return party("SystemPrincipal", "system", "system@okta.com", "Okta System")
        if cause.client_id is not None:
            return app_party(cause.client_id)
        return user_party(self._state.admin)


def _whole_ms(moment: datetime) -> datetime:
    """Cut a time to what its text shows, so that a query by that text finds the entry."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
