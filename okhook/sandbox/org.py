"""The org as the endpoints and the dispatcher see it: state, System Log, and the world outside."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import final

from okhook.activity import Activity
from okhook.http.client import HttpClient
from okhook.runtime.ids import new_uuid
from okhook.sandbox.hook_filters import HookFilters
from okhook.sandbox.hooks import subscribed_to
from okhook.sandbox.log_entries import (
    Cause,
    Happening,
    app_party,
    hook_event,
    log_entry,
    party,
    user_party,
    with_hook_ids,
)
from okhook.sandbox.state import Json, OrgState
from okhook.sandbox.system_log import SystemLog

Outgoing = tuple[Sequence[str], Json]
"""The ids of the hooks that receive an event, and the event in a delivery's shape."""


@final
class Org:
    """An org at ``url``; ``client`` calls its hooks.

    ``publish`` gets the activities, ``send`` the events for hooks, and ``changed`` is called when
    there is something new to save. None of the three may wait. ``now`` gives aware UTC.
    """

    def __init__(
        self,
        url: str,
        state: OrgState,
        log: SystemLog,
        *,
        client: HttpClient,
        publish: Callable[[Activity], None],
        now: Callable[[], datetime],
        send: Callable[[Outgoing], None],
        changed: Callable[[], None],
    ) -> None:
        self.url = url
        self.state = state
        self.log = log
        self.client = client
        self.publish = publish
        self.now = now
        self._send = send
        self._changed = changed
        self._filters = HookFilters(publish, now)

    def record(self, happening: Happening) -> None:
        """Log what happened, and send it to the hooks that receive it at this moment.

        These are the hooks that are subscribed to its type and whose filters it passes. Every
        change of the state is recorded.
        """
        published = _whole_ms(self.now())
        actor = self._actor(happening.cause)
        entry = log_entry(happening, uuid=new_uuid(), published=published, actor=actor)
        subscribed = subscribed_to(self.state, happening.event_type)
        hook_ids = self._filters.passed(subscribed, hook_event(entry))
        entry = with_hook_ids(entry, hook_ids)
        self.log.append(published, entry)
        self._changed()
        if hook_ids:
            self._send((hook_ids, hook_event(entry)))

    def _actor(self, cause: Cause | None) -> dict[str, str | None]:
        if cause is None:
            return party("SystemPrincipal", "system", "system@okta.com", "Okta System")
        if cause.client_id is not None:
            return app_party(cause.client_id)
        return user_party(self.state.admin)


def new_request_id() -> str:
    """Return an id for a request, as Okta writes them: 32 hexadecimal digits."""
    return new_uuid().replace("-", "")


def _whole_ms(moment: datetime) -> datetime:
    """Cut a time to what its text shows, so that a query by that text finds the entry."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
